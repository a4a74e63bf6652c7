"""Spelling tricks undone: signs that pass for letters, and words that are written so as not to be found.

What only looks different is mended for every reader (`plain_letters`): invisible marks, letters of other scripts among
Latin ones, full-width and styled letters. What changes a word ("v14d0", "p.u.t.a", "poooorra", "p*ta") is undone by a
`Speller` into words that the term files know and into nothing else: "B12", "G2P1", "12x8", "a b o" are left alone.
The tables are short, in the sense of the confusables of Unicode Technical Standard 39: letters that people do use so.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from string import ascii_lowercase

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
"""Accents and the like, the frame of a keycap included."""
_HEAP_OF_MARKS = re.compile(f"({_MARKS.pattern}{{4}}){_MARKS.pattern}+")
"""More marks than any letter bears: they would be sorted one by one when the text is composed."""


def _letters(*rows: tuple[str, str]) -> dict[int, str]:
    return {ord(sign): letter for signs, letters in rows for sign, letter in zip(signs, letters, strict=True)}


_OTHER_SCRIPTS = _letters(
    ("авеёкмнорстухгпь", "abeekmhopctyxrnb"),
    ("ѕіїјԁԛԝһӏѵєү", "siijdqwhlvey"),
    ("АВЕКМНОРСТУХЅІЈ", "abekmhopctyxsij"),
    ("αεικνορτυχγηωςσ", "aeikvoptuxynwss"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx"),
    ("գզհոսցօ", "qqhnugo"),
)
"""Cyrillic, Greek and Armenian letters that pass for Latin ones. Beta and mu are left out: clinicians mean them."""
_OTHER_SCRIPT = re.compile(r"[\u0370-\u058f]")
_WORD = re.compile(r"[^\W\d_]+")
SHORTEST_IN_OTHER_SCRIPT = 4
"""A word of fewer letters with a Greek one among them is a laboratory's: γGT."""

_STYLED = _letters(
    ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz"),
    ("ıɑɡɩłŁøØđħŧƒəʋ", "iagilloodhtfev"),
    *(("".join(chr(first + n) for n in range(26)), ascii_lowercase) for first in (0x1F150, 0x1F170)),
)
"""Small capitals, barred letters, and letters in dark circles and squares: Unicode does not fold them."""
_FLAG_LETTERS = _letters(("".join(chr(0x1F1E6 + n) for n in range(26)), ascii_lowercase))
_FLAGS = re.compile(r"[\U0001f1e6-\U0001f1ff](?:\s?[\U0001f1e6-\U0001f1ff]){2,}")
"""Two are a flag; more may spell a word."""

_SIGNS = str.maketrans("4@3€0567$98+|!", "aaeeosgtsgbtii")
_ONE = ("i", "l")
_SEPARATORS = re.compile(r"[._~·\-]")
_SPACED = re.compile(r"(?<![^\W_])[a-z0-9@$](?:[ ._\-*~·,/]{1,3}[a-z0-9@$]){2,}(?![^\W_])")
_CHUNK = re.compile(r"[^\s,;:?()/\"“”«»]+")
_OUTER = ".!-_~*'#+|…"
_JOKERS = re.compile(r"([*#]+)")
_RUN = re.compile(r"(.)\1+")
_RUNS = re.compile(r"(.)\1*")
_LONG_RUN = re.compile(r"(.)\1\1")
_UNIT = re.compile(r"\d+(?:[.,]\d+)*[a-z]{1,3}|[a-z]\d+")
"""A number with its unit, or a letter with its number: 38s, 10mg, B12."""
SHORTEST_UNDONE = 3
"""Two letters are too few to tell a trick from an abbreviation."""
SHORTEST_STEM = 4
LONGEST_UNDONE = 24
"""Longer words are not looked for in a row of spaced letters, so that a long row costs little."""


def visible(text: str) -> str:
    """`text` without characters that nobody sees: zero-width, joiners, marks of direction, tags, fillers.

    Of a heap of accents on one letter the first few are kept.
    """
    return _HEAP_OF_MARKS.sub(r"\1", _INVISIBLE.sub("", text))


def plain_letters(text: str) -> str:
    """`text` without accents, its disguised letters Latin, in NFKD. Case is left."""
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text.translate(_STYLED)))
    return _WORD.sub(_latin, plain) if _OTHER_SCRIPT.search(plain) else plain


def _latin(word: re.Match[str]) -> str:
    if not _OTHER_SCRIPT.search(word.group()):
        return word.group()
    latin = word.group().translate(_OTHER_SCRIPTS)
    return latin if len(latin) >= SHORTEST_IN_OTHER_SCRIPT and latin.isascii() else word.group()


class Speller:
    """Undoes tricks into words that it knows. Made once and used for many texts."""

    def __init__(self, words: Iterable[str], stems: Iterable[str], alone: Iterable[str]) -> None:
        """`alone` are words that say enough by themselves, mildest first: `p*ta` is only tried against these."""
        self._words = frozenset(word for word in words if len(word) >= SHORTEST_UNDONE)
        self._stems = frozenset(stem for stem in stems if len(stem) >= SHORTEST_STEM)
        self._stem_lengths = sorted({len(stem) for stem in self._stems})
        self._beginnings = frozenset(word[:SHORTEST_UNDONE] for word in self._words | self._stems)
        self._alone = tuple(word for word in alone if len(word) >= SHORTEST_UNDONE)
        self._squeezed: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self._words | self._stems):
            self._squeezed[_RUN.sub(r"\1", word)].append(word)

    def undone(self, folded: str) -> str | None:
        """A folded text with its tricked words as the term files write them; None where no word is tricked."""
        joined = _SPACED.sub(self._joined, folded if folded.isascii() else _FLAGS.sub(self._spelt, folded))
        undone = _CHUNK.sub(self._respelled, joined)
        return None if undone == folded else undone

    def _knows(self, word: str) -> bool:
        return word in self._words or any(word[:length] in self._stems for length in self._stem_lengths)

    def _spelt(self, flags: re.Match[str]) -> str:
        word = "".join(flags.group().translate(_FLAG_LETTERS).split())
        return word if self._knows(word) else flags.group()

    def _joined(self, spaced: re.Match[str]) -> str:
        """The words that spaced letters spell, where one of them is known; else the letters as they are."""
        letters = "".join(c for c in spaced.group() if c.isalnum() or c in "@$")
        for plain in _readings_of(letters):
            words = self._split(plain)
            if any(len(word) > SHORTEST_UNDONE for word in words):
                return " ".join(words)
        return spaced.group()

    def _split(self, letters: str) -> list[str]:
        words, start = [], 0
        while start < len(letters):
            end = self._end_of_word(letters, start)
            words.append(letters[start:end])
            start = end
        return words

    def _end_of_word(self, letters: str, start: int) -> int:
        """Where the longest known word ends that begins at `start`; one letter on where none does."""
        if letters[start : start + SHORTEST_UNDONE] not in self._beginnings:
            return start + 1
        longest = min(len(letters), start + LONGEST_UNDONE)
        ends = range(longest, start + SHORTEST_UNDONE - 1, -1)
        return next((end for end in ends if self._knows(letters[start:end])), start + 1)

    def _respelled(self, chunk: re.Match[str]) -> str:
        written = chunk.group()
        if written.isalpha() and not _LONG_RUN.search(written):
            return written
        word = written.strip(_OUTER)
        known = self._known_for(word)
        return written if known is None else written.replace(word, known)

    def _known_for(self, word: str) -> str | None:
        if sum(c.isalpha() for c in word) < 2 or _UNIT.fullmatch(word):
            return None
        if _JOKERS.search(word):
            return self._filled(word) if len(word) <= LONGEST_UNDONE else None
        for plain in _readings_of(word):
            if not plain.isalpha():
                continue
            if plain != word and self._knows(plain):
                return plain
            if (known := self._unstretched(plain)) is not None:
                return known
        return None

    def _filled(self, word: str) -> str | None:
        letters = "".join(f"[a-z]{{1,{len(part)}}}" if part[0] in "*#" else re.escape(part) for part in _parts(word))
        pattern = re.compile(letters)
        return next((known for known in self._alone if pattern.fullmatch(known)), None)

    def _unstretched(self, word: str) -> str | None:
        if not _LONG_RUN.search(word):
            return None
        squeezed = _RUN.sub(r"\1", word)
        return next((known for known in self._squeezed.get(squeezed, ()) if _stretches(word, known)), None)


def _parts(word: str) -> list[str]:
    """A word's jokers, each as it is, and what stands between them with its signs as letters."""
    return [part if part[0] in "*#" else _readings_of(part)[0] for part in _JOKERS.split(word) if part]


def _readings_of(word: str) -> list[str]:
    """The letters that signs and figures may stand for; 1 is an i or an l."""
    joined = _SEPARATORS.sub("", word) if _is_broken(word) else word
    plain = joined.translate(_SIGNS)
    return [plain.replace("1", letter) for letter in _ONE] if "1" in plain else [plain]


def _is_broken(word: str) -> bool:
    """Whether separators stand inside a word, not between words ("mata-me", "www.nome.pt")."""
    parts = _SEPARATORS.split(word)
    return len(parts) > 1 and any(len(part) < SHORTEST_UNDONE for part in parts)


def _stretches(word: str, known: str) -> bool:
    """Whether `word` is `known` with letters repeated; both are the same when squeezed."""
    return all(len(longer) >= len(shorter) for longer, shorter in zip(_runs(word), _runs(known), strict=True))


def _runs(word: str) -> list[str]:
    return [run.group() for run in _RUNS.finditer(word)]

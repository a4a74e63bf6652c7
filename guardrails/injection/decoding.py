"""Other readings of a text that hides its words: encoded, enciphered, oddly spelt, or written with invisible letters.

A reading is added only where something speaks for it, so that an ordinary question costs a few searches. What is
decoded is bounded in number and length; a code inside a code is opened once more. Out of reach: a cipher with a key,
a picture, and words that are merely translated.
"""

import base64
import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from guardrails.reading import read
from guardrails.spelling import Speller

MOST_READINGS = 8
MOST_CHARACTERS = 4000
"""Of a text, half from each end, and of each reading that is decoded; the rest is read as it stands."""
HALF = MOST_CHARACTERS // 2
LONG_WORD = 5
"""Letters from which on a word of the terms tells a cipher."""
HITS_OF_A_CIPHER = 2
LONGEST_CHARACTER = 4
"""Bytes of one in UTF-8."""
LONGEST_WORD = 16
SINGLE_LETTER = 3
"""What a letter that fits no word costs, in words."""
LETTERS_OF_A_TEXT = 0.7
"""Share of letters, figures and spaces; chance bytes have fewer."""

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:(?:0x|\\x)?[0-9a-fA-F]{2}[\s,:]*){10,}(?![0-9A-Za-z]{2})")
_BITS = re.compile(r"(?<!\d)(?:[01]{8}\s*){6,}(?!\d)")
_MORSE_RUN = re.compile(r"(?:[.\-·–]{1,5}(?:\s*/\s*|\s+)){9,}[.\-·–]{1,5}")
_ESCAPES = re.compile(r"(?:%[0-9a-fA-F]{2}|&#x?[0-9a-fA-F]{2,5};|\\u[0-9a-fA-F]{4})")
_UNICODE_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_TAGS = re.compile("[\U000e0020-\U000e007e]{8,}")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{8,}")
_APART = re.compile(r"(?<!\w)\w(?:[ \t.\-_*|]{1,3}\w){7,}(?!\w)")
"""Eight single letters and more; a shorter word is undone by the speller."""
_WRAPPED = re.compile(r"(?<=[\w,])[ \t]*\n[ \t]*(?=[a-zà-ÿ])")
_WORD = re.compile(r"[^\W\d_]+")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_MORSE = (
    *(".-", "-...", "-.-.", "-..", ".", "..-.", "--.", "....", "..", ".---", "-.-", ".-..", "--"),
    *("-.", "---", ".--.", "--.-", ".-.", "...", "-", "..-", "...-", ".--", "-..-", "-.--", "--.."),
)
_MORSE_LETTERS = dict(zip(_MORSE, _ALPHABET, strict=True))


@dataclass(frozen=True)
class Decoded:
    """One more reading of a text."""

    text: str
    is_code: bool
    """Nobody types this by hand: a code or a cipher, and not merely odd spelling."""


class Decoder:
    """Finds other readings. `words` are those of the terms: they tell a cipher, and what odd spelling stands for."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(word for word in words if word.isascii() and word.isalpha())
        self._speller = Speller(self._words, stems=(), alone=())
        long = [word for word in self._words if len(word) >= LONG_WORD]
        self._ciphers = _ciphers(long)

    def readings(self, text: str) -> list[Decoded]:
        """Other readings of `text`, most telling first; mostly none."""
        ends = text if len(text) <= MOST_CHARACTERS else f"{text[:HALF]}\n{text[-HALF:]}"
        found = list(self._of(ends))
        inner = [more for reading in found if reading.is_code for more in self._of(reading.text[:MOST_CHARACTERS])]
        return (found + inner)[:MOST_READINGS]

    def _of(self, text: str) -> Iterator[Decoded]:
        folded = read(text).folded
        codes = [decode(text) for decode in (_from_base64, _from_hex, _from_bits, _from_morse, _from_invisible)]
        yield from (Decoded(code, is_code=True) for code in (*codes, self._deciphered(text, folded)) if code)
        spellings = (_from_escapes(text), self._joined(folded), self._speller.undone(folded), _unwrapped(text))
        yield from (Decoded(spelling, is_code=False) for spelling in spellings if spelling)

    def _deciphered(self, text: str, folded: str) -> str | None:
        """The text as the one substitution reads it in which two long words of the terms stand."""
        hits: dict[str, set[str]] = {}
        for word in set(_WORD.findall(folded)):
            if word in self._words:
                continue
            for cipher in self._ciphers.get(word, ()):
                hits.setdefault(cipher, set()).add(word)
        best = max(hits, key=lambda cipher: len(hits[cipher]), default="")
        if not best or len(hits[best]) < HITS_OF_A_CIPHER:
            return None
        # Not folded: a cipher of letters leaves accented ones alone, and they are folded when it is undone.
        return _undo(best, text.lower())

    def _joined(self, folded: str) -> str | None:
        """Letters that were spelt apart ("i g n o r e"), joined and parted into words that the terms know."""
        joined = _APART.sub(lambda run: _parted("".join(filter(str.isalnum, run[0])), self._words), folded)
        return None if joined == folded else joined


def _from_base64(text: str) -> str:
    return _decoded(_BASE64, text, _base64_bytes)


def _base64_bytes(run: str) -> bytes:
    body = run.rstrip("=").replace("-", "+").replace("_", "/")
    # What is cut off in the middle of a group loses that group.
    body = body[: len(body) // 4 * 4] if len(body) % 4 == 1 else body
    return base64.b64decode(body + "=" * (-len(body) % 4))


def _from_hex(text: str) -> str:
    return _decoded(_HEX, text, _hex_bytes)


def _hex_bytes(run: str) -> bytes:
    digits = re.sub(r"0x|\\x|[^0-9a-fA-F]", "", run)
    return bytes.fromhex(digits[: len(digits) // 2 * 2])


def _from_bits(text: str) -> str:
    return _decoded(_BITS, text, lambda run: bytes(int(bits, 2) for bits in re.findall("[01]{8}", run)))


def _from_morse(text: str) -> str:
    return " ".join(_morse(run[0]) for run in _MORSE_RUN.finditer(text))


def _morse(run: str) -> str:
    words = re.split(r"\s*/\s*|\s{3,}", run.replace("·", ".").replace("–", "-"))
    return " ".join("".join(_MORSE_LETTERS.get(letter, "") for letter in word.split()) for word in words)


def _from_invisible(text: str) -> str:
    """Letters written as tag characters, or as variation selectors behind an emoji."""
    if text.isascii():
        return ""
    tags = " ".join("".join(chr(ord(tag) - 0xE0000) for tag in run[0]) for run in _TAGS.finditer(text))
    selected = _decoded(_SELECTORS, text, lambda run: bytes(map(_selected, run)))
    return f"{tags} {selected}".strip()


def _selected(character: str) -> int:
    code = ord(character)
    return code - 0xFE00 if code <= 0xFE0F else code - 0xE0100 + 16


def _decoded(runs: re.Pattern[str], text: str, decode: Callable[[str], bytes]) -> str:
    """What the runs say that hold a text of several words; "" where none does."""
    return " ".join(said for run in runs.finditer(text) if (said := _text_of(run[0], decode)))


def _text_of(run: str, decode: Callable[[str], bytes]) -> str:
    try:
        decoded = _whole_characters(decode(run))
    except ValueError:
        return ""
    is_text = all(character.isprintable() or character.isspace() for character in decoded)
    letters = sum(character.isalnum() or character.isspace() for character in decoded)
    is_said = len(decoded.split()) > 1 or _BASE64.fullmatch(decoded)
    return decoded if is_text and is_said and letters > LETTERS_OF_A_TEXT * len(decoded) else ""


def _whole_characters(encoded: bytes) -> str:
    """The text of `encoded`, less a character that was cut off at its end. Raises ValueError for what is no UTF-8."""
    try:
        return encoded.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(encoded) - LONGEST_CHARACTER:
            raise
        return encoded[: error.start].decode("utf-8")


def _from_escapes(text: str) -> str | None:
    if len(_ESCAPES.findall(text)) < LONG_WORD:
        return None
    return html.unescape(unquote(_UNICODE_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)))


def _parted(letters: str, words: frozenset[str]) -> str:
    """`letters` as the fewest known words, those between them single."""
    best: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    for end in range(1, len(letters) + 1):
        known = [start for start in range(max(0, end - LONGEST_WORD), end) if letters[start:end] in words]
        options = [(best[start][0] + 1, (*best[start][1], letters[start:end])) for start in known]
        single = (best[-1][0] + SINGLE_LETTER, (*best[-1][1], letters[end - 1]))
        best.append(min([*options, single], key=lambda option: option[0]))
    return " ".join(best[-1][1])


def _unwrapped(text: str) -> str | None:
    """Lines that were broken inside a sentence, joined."""
    joined, breaks = _WRAPPED.subn(" ", text)
    return joined if breaks else None


def _ciphers(words: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """By enciphered word, the ciphers that made it: `caesar1` to `caesar25`, `atbash`, `reversed`."""
    found: dict[str, tuple[str, ...]] = {}
    tables = {name: str.maketrans(_ALPHABET, alphabet) for name, alphabet in _alphabets().items()}
    for word in words:
        for name, table in tables.items():
            enciphered = word.translate(table)
            found[enciphered] = (*found.get(enciphered, ()), name)
        found[word[::-1]] = (*found.get(word[::-1], ()), "reversed")
    return found


def _alphabets() -> dict[str, str]:
    shifted = {f"caesar{by}": _ALPHABET[by:] + _ALPHABET[:by] for by in range(1, 26)}
    return {**shifted, "atbash": _ALPHABET[::-1]}


def _undo(cipher: str, lowered: str) -> str:
    """The plain text: a reversed one is read with its words in either order."""
    if cipher == "reversed":
        turned = lowered[::-1]
        return f"{turned}\n{' '.join(word[::-1] for word in lowered.split())}"
    return lowered.translate(str.maketrans(_alphabets()[cipher], _ALPHABET))

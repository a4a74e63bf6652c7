"""Stems found at the start of words, with one slip of the finger forgiven in longer ones.

A stem of three letters or fewer is a whole word unless it ends in "*"; one that ends in "=" always is. A word that
begins with no longer stem is tried again with one letter missing, doubled or added, or two swapped, against stems of
six letters and more; with one letter changed only against stems of eight, since shorter words that differ by a letter
are mostly different words ("letter", "litter"). A word that begins with no stem at all is tried as well with what a
thumb does, two letters swapped, one doubled or not, or the key beside it, against stems of five letters that are most
of the word. A letter missing at the end is an inflection and no slip; `real_words` of words.yaml are none either.
"""

from collections.abc import Iterable
from functools import lru_cache

_SHORT = 3
_FORGIVEN = 5
_KNOWN = 4
_FORGIVEN_LETTER = 6
_FURTHER_LETTERS = 2
_FORGIVEN_CHANGE = 8
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = frozenset(
    pair for row in _ROWS for at in range(len(row) - 1) for pair in (row[at : at + 2], row[at : at + 2][::-1])
)


class StemIndex:
    """Which stems a word begins with."""

    def __init__(self, stems: Iterable[str], real_words: Iterable[str] = ()) -> None:
        self._real = frozenset(real_words)
        self._whole: dict[str, list[str]] = {}
        self._begins: dict[str, list[str]] = {}
        self._shortened: dict[str, list[str]] = {}
        self._longest = 0
        for stem in sorted(set(stems)):
            bare = stem.rstrip("=*")
            self._longest = max(self._longest, len(bare))
            is_whole = stem.endswith("=") or (len(bare) <= _SHORT and not stem.endswith("*"))
            (self._whole if is_whole else self._begins).setdefault(bare, []).append(stem)
            if len(bare) >= _FORGIVEN and bare.isalpha():
                for slip in {bare, *_shortened(bare)}:
                    self._shortened.setdefault(slip, []).append(stem)
        self.of = lru_cache(maxsize=20_000)(self._stems_of)

    def _stems_of(self, word: str) -> tuple[str, ...]:
        found = list(self._whole.get(word, ()))
        for end in range(2, min(len(word), self._longest) + 1):
            found.extend(self._begins.get(word[:end], ()))
        begun = word.partition("-")[0]
        longest = max((len(stem.rstrip("=*")) for stem in found), default=0)
        may_slip = len(begun) >= _FORGIVEN - 1 and begun.isalpha() and not self._is_real(begun)
        if longest < _FORGIVEN_LETTER and may_slip:
            near = self._misspelt(begun)
            found.extend(stem for stem in near if longest < _KNOWN or len(stem.rstrip("=*")) >= _FORGIVEN_LETTER)
        return tuple(found)

    def _is_real(self, word: str) -> bool:
        """Whether it is a word of its own, or the plural of one, however near a stem it comes."""
        return word in self._real or word.removesuffix("s") in self._real

    def _misspelt(self, word: str) -> list[str]:
        near = {
            (stem, word[:end])
            for end in range(_FORGIVEN - 1, min(len(word), self._longest + 1) + 1)
            for slip in (word[:end], *_shortened(word[:end]))
            for stem in self._shortened.get(slip, ())
        }
        return sorted({stem for stem, start in near if _is_slip(stem.rstrip("=*"), start, len(word))})


def _is_slip(stem: str, typed: str, length: int) -> bool:
    """Whether `typed`, the beginning of a word of that length, is the stem but for one slip."""
    if len(stem) < _FORGIVEN_LETTER and (length > len(stem) + _FURTHER_LETTERS or stem[-1] != typed[-1]):
        return False
    if stem[0] != typed[0] or stem.startswith(typed) or abs(len(stem) - len(typed)) > 1:
        return False
    if len(stem) != len(typed):
        longer, shorter = (stem, typed) if len(stem) > len(typed) else (typed, stem)
        return _is_undoubled(longer, shorter) or (len(stem) >= _FORGIVEN_LETTER and shorter in _shortened(longer))
    differ = [at for at, pair in enumerate(zip(stem, typed, strict=True)) if pair[0] != pair[1]]
    if len(differ) == 1:
        is_beside = stem[differ[0]] + typed[differ[0]] in _BESIDE and stem[-1] == typed[-1]
        return len(stem) >= _FORGIVEN_CHANGE or is_beside
    return len(differ) == 2 and differ[1] == differ[0] + 1 and sorted(stem) == sorted(typed)


def _is_undoubled(longer: str, shorter: str) -> bool:
    """Whether the shorter is the longer with one of two equal letters in a row."""
    return any(
        longer[at] == longer[at + 1] and longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer) - 1)
    )


def _shortened(word: str) -> list[str]:
    """The word less each of its letters in turn."""
    return [word[:at] + word[at + 1 :] for at in range(len(word))]

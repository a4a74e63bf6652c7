"""Stems found at the start of words, with one slip of the finger forgiven in longer ones.

A stem of three letters or fewer is a whole word unless it ends in "*"; one that ends in "=" always is. A word that
begins with no stem is tried again with one letter missing, added, changed or two swapped, against stems of six letters
and more.
"""

from collections.abc import Iterable
from functools import lru_cache

_SHORT = 3
_FORGIVEN = 6


class StemIndex:
    """Which stems a word begins with."""

    def __init__(self, stems: Iterable[str]) -> None:
        self._whole: dict[str, list[str]] = {}
        self._begins: dict[str, list[str]] = {}
        self._slips: dict[str, list[str]] = {}
        for stem in sorted(set(stems)):
            bare = stem.rstrip("=*")
            is_whole = stem.endswith("=") or (len(bare) <= _SHORT and not stem.endswith("*"))
            (self._whole if is_whole else self._begins).setdefault(bare, []).append(stem)
            if len(bare) >= _FORGIVEN and bare.isalpha():
                for slip in {bare, *_shortened(bare)}:
                    self._slips.setdefault(slip, []).append(stem)
        self.of = lru_cache(maxsize=20_000)(self._stems_of)

    def _stems_of(self, word: str) -> tuple[str, ...]:
        found = list(self._whole.get(word, ()))
        for end in range(2, len(word) + 1):
            found.extend(self._begins.get(word[:end], ()))
        if not found and len(word) >= _FORGIVEN - 1 and word.isalpha():
            found = self._misspelt(word)
        return tuple(found)

    def _misspelt(self, word: str) -> list[str]:
        found = {
            stem
            for end in range(_FORGIVEN - 1, len(word) + 1)
            for slip in (word[:end], *_shortened(word[:end]))
            for stem in self._slips.get(slip, ())
            if abs(len(stem.rstrip("=*")) - end) <= 1 and stem[0] == word[0]
        }
        return sorted(found)


def _shortened(word: str) -> list[str]:
    """The word less each of its letters in turn."""
    return [word[:at] + word[at + 1 :] for at in range(len(word))]

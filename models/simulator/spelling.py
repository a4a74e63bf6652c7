"""Stems found at the start of words, with one slip of the finger forgiven in longer ones.

A stem of three letters or fewer is a whole word unless it ends in "*"; one that ends in "=" always is. A word that
begins with no longer stem is tried again with one letter missing, doubled or added, or two swapped, against stems of
six letters and more; with one letter changed only against stems of eight, since shorter words that differ by a letter
are mostly different words ("letter", "litter"). A letter missing at the end is an inflection and no slip.
"""

from collections.abc import Iterable
from functools import lru_cache

_SHORT = 3
_FORGIVEN = 6
_FORGIVEN_CHANGE = 8


class StemIndex:
    """Which stems a word begins with."""

    def __init__(self, stems: Iterable[str], *, forgives: bool = True) -> None:
        self._forgives = forgives
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
        is_known = any(len(stem) >= _FORGIVEN for stem in found)
        if self._forgives and not is_known and len(word) >= _FORGIVEN - 1 and word.isalpha():
            found.extend(self._misspelt(word))
        return tuple(found)

    def _misspelt(self, word: str) -> list[str]:
        near = {
            (stem, word[:end])
            for end in range(_FORGIVEN - 1, min(len(word), self._longest + 1) + 1)
            for slip in (word[:end], *_shortened(word[:end]))
            for stem in self._shortened.get(slip, ())
        }
        return sorted({stem for stem, start in near if _is_slip(stem.rstrip("=*"), start)})


def _is_slip(stem: str, typed: str) -> bool:
    """Whether `typed` is the stem but for one slip."""
    if stem[0] != typed[0] or stem.startswith(typed) or abs(len(stem) - len(typed)) > 1:
        return False
    if len(stem) != len(typed):
        longer, shorter = (stem, typed) if len(stem) > len(typed) else (typed, stem)
        return shorter in _shortened(longer)
    differ = [at for at, pair in enumerate(zip(stem, typed, strict=True)) if pair[0] != pair[1]]
    is_swap = len(differ) == 2 and differ[1] == differ[0] + 1 and sorted(stem) == sorted(typed)
    return is_swap or (len(differ) == 1 and len(stem) >= _FORGIVEN_CHANGE)


def _shortened(word: str) -> list[str]:
    """The word less each of its letters in turn."""
    return [word[:at] + word[at + 1 :] for at in range(len(word))]

"""Sets of short word patterns, found in a row of tokens.

A pattern is folded words with spaces between; a word that ends in `*` stands for every word that begins so. `deix* de`
finds "deixe de" and "deixar de".
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

_START = 2
"""Letters by which patterns that begin in `*` words are found; a stem is longer."""
_REMEMBERED = 5_000
"""Different words for which each set of patterns keeps what can begin there."""


class Word(Protocol):
    """Anything with a folded form."""

    @property
    def folded(self) -> str:
        """Without case and accents."""


class Patterns:
    """Patterns that can be looked for at a position; the longest wins."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._by_word: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
        self._by_start: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
        self._beginning: dict[str, tuple[tuple[str, ...], ...]] = {}
        for pattern in patterns:
            words = tuple(pattern.split())
            place = self._by_start if words[0].endswith("*") else self._by_word
            place[words[0].rstrip("*")[:_START] if place is self._by_start else words[0]].append(words)

    def at(self, words: Sequence[Word], position: int) -> int:
        """How many words from `position` on the longest pattern takes; 0 where none fits."""
        folded = words[position].folded
        patterns = self._beginning.get(folded)
        if patterns is None:
            patterns = self._remember(folded)
        for pattern in patterns:
            if len(pattern) == 1 or _stands(pattern, words, position):
                return len(pattern)
        return 0

    def within(self, words: Sequence[Word], start: int, end: int) -> Iterator[tuple[int, int]]:
        """Each (position, length) in `start` to `end`, without overlap."""
        position, end = max(start, 0), min(end, len(words))
        while position < end:
            length = self.at(words, position)
            if length and position + length <= end:
                yield position, length
            position += max(length, 1)

    def _remember(self, folded: str) -> tuple[tuple[str, ...], ...]:
        """The patterns whose first word fits, the longest first; kept, since the same words come again and again."""
        candidates = (*self._by_word.get(folded, ()), *self._by_start.get(folded[:_START], ()))
        fitting = sorted((p for p in candidates if _fits(p[0], folded)), key=len, reverse=True)
        if len(self._beginning) >= _REMEMBERED:
            self._beginning.clear()
        self._beginning[folded] = tuple(fitting)
        return self._beginning[folded]


def _stands(pattern: tuple[str, ...], words: Sequence[Word], position: int) -> bool:
    """Whether the words after the first follow as well."""
    if position + len(pattern) > len(words):
        return False
    for n in range(1, len(pattern)):
        if pattern[n] != words[position + n].folded and not _fits(pattern[n], words[position + n].folded):
            return False
    return True


def _fits(part: str, folded: str) -> bool:
    return folded.startswith(part[:-1]) if part.endswith("*") else folded == part

"""Sets of short word patterns, found in a row of tokens.

A pattern is folded words with spaces between; a word that ends in `*` stands for every word that begins so. `deix* de`
finds "deixe de" and "deixar de".
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol


class Word(Protocol):
    """Anything with a folded form."""

    @property
    def folded(self) -> str:
        """Without case and accents."""


class Patterns:
    """Patterns that can be looked for at a position; the longest wins."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._by_start: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
        for pattern in patterns:
            words = tuple(pattern.split())
            self._by_start[words[0].rstrip("*")[:2]].append(words)
        for candidates in self._by_start.values():
            candidates.sort(key=len, reverse=True)

    def at(self, words: Sequence[Word], position: int) -> int:
        """How many words from `position` on the longest pattern takes; 0 where none fits."""
        for pattern in self._by_start.get(words[position].folded[:2], ()):
            end = position + len(pattern)
            if end <= len(words) and all(_fits(part, words[position + n].folded) for n, part in enumerate(pattern)):
                return len(pattern)
        return 0

    def within(self, words: Sequence[Word], start: int, end: int) -> Iterator[tuple[int, int]]:
        """Each (position, length) in `start` to `end`, without overlap."""
        position = max(start, 0)
        while position < min(end, len(words)):
            length = self.at(words, position)
            if length and position + length <= end:
                yield position, length
            position += max(length, 1)


def _fits(part: str, folded: str) -> bool:
    return folded.startswith(part[:-1]) if part.endswith("*") else folded == part

"""The rows of both sides that belong together: one case under one prompt, with all its epochs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from evals.rows import Row

PairKey = tuple[str, str, str]
"""Suite, case, prompt."""


@dataclass(frozen=True)
class Pair:
    """One case under one prompt, before and after."""

    key: PairKey
    base: tuple[Row, ...]
    """By epoch; empty where the base was not asked."""
    head: tuple[Row, ...]
    """By epoch; empty where the head was not asked."""

    @property
    def is_complete(self) -> bool:
        """Whether both sides were asked."""
        return bool(self.base and self.head)


def pair_key(row: Row) -> PairKey:
    """What makes a row of one side the partner of one of the other."""
    return (row.suite, row.case, row.prompt)


def paired(base: Iterable[Row], head: Iterable[Row]) -> Iterator[Pair]:
    """The rows of two sides by case and prompt, in order of their keys."""
    before, after = _by_pair(base), _by_pair(head)
    for key in sorted(before.keys() | after.keys()):
        yield Pair(key, tuple(before.get(key, ())), tuple(after.get(key, ())))


def _by_pair(rows: Iterable[Row]) -> dict[PairKey, list[Row]]:
    groups: dict[PairKey, list[Row]] = {}
    for row in sorted(rows, key=lambda row: row.epoch):
        groups.setdefault(pair_key(row), []).append(row)
    return groups

"""The cases of the HTML report: the worst are kept while the pairs stream by, the rest are counted.

What is kept in memory is bounded, however many pairs there are. How a case is written is said by `evals.page_views`.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import Literal

from evals.pairs import Pair
from evals.rows import Row

State = Literal["changed", "worse", "better", "failed", "never", "flaky", "error"]
STATES: tuple[State, ...] = ("changed", "worse", "better", "failed", "never", "flaky", "error")
Rank = tuple[float | bool | tuple[str, ...], ...]


@dataclass(frozen=True)
class Facts:
    """What a pair comes to, and how high it stands on the page."""

    pair: Pair

    @property
    def row(self) -> Row:
        """A row of the newest side."""
        return (self.pair.head or self.pair.base)[0]

    @cached_property
    def failures(self) -> dict[str, tuple[tuple[int, int], tuple[int, int]]]:
        """By criterion: failed and graded of the base, and of the head."""
        sides = [_failures(rows) for rows in (self.pair.base, self.pair.head)]
        names = {**dict.fromkeys(sides[1]), **dict.fromkeys(sides[0])}
        return {name: (sides[0].get(name, (0, 0)), sides[1].get(name, (0, 0))) for name in names}

    @cached_property
    def gain(self) -> float:
        """Head minus base of the mean scores; 0 where a side has none."""
        base, head = mean_score(self.pair.base), mean_score(self.pair.head)
        return head - base if base is not None and head is not None else 0.0

    @cached_property
    def states(self) -> frozenset[State]:
        """What the filter finds it by."""
        return frozenset(_states(self))

    @cached_property
    def has_new_never_event(self) -> bool:
        """Whether the head fails a never-event that the base did not."""
        never = {result.id for row in self.pair.head for result in row.criteria if result.never}
        return any(after[0] and not before[0] for name, (before, after) in self.failures.items() if name in never)

    @property
    def rank(self) -> Rank:
        """Sorts cases, the worst first; the key makes it the same order in every run."""
        score = mean_score(self.pair.head)
        is_worse_alone = 0.0 if self.pair.base or score is None else score
        return (
            not self.has_new_never_event,
            min(self.gain, 0.0),
            "error" not in self.states,
            "changed" not in self.states,
            is_worse_alone,
            "failed" not in self.states,
            self.pair.key,
        )


@dataclass(frozen=True)
class Kept:
    """The cases that the page shows, and how many there are of each state."""

    shown: tuple[Facts, ...]
    total: int
    rest: Mapping[str, int]
    """Of those not shown: how many are in each state."""
    graders: Mapping[str, tuple[str, ...]]
    """Who graded, by axis."""


def keep_worst(pairs: Iterable[Pair], most: int) -> Kept:
    """The `most` worst pairs, in one pass."""
    counts: Counter[str] = Counter()
    graders: defaultdict[str, set[str]] = defaultdict(set)
    total = 0

    def counted() -> Iterator[Facts]:
        nonlocal total
        for pair in pairs:
            facts = Facts(pair)
            total += 1
            counts.update(facts.states)
            for row in (*pair.base[:1], *pair.head[:1]):
                for result in row.criteria:
                    graders[result.axis].add(result.grader)
            yield facts

    shown = tuple(heapq.nsmallest(most, counted(), key=lambda facts: facts.rank))
    for facts in shown:
        counts.subtract(facts.states)
    return Kept(shown, total, dict(counts), {axis: tuple(sorted(names)) for axis, names in graders.items()})


def _failures(rows: Sequence[Row]) -> dict[str, tuple[int, int]]:
    failed: Counter[str] = Counter()
    graded: Counter[str] = Counter()
    for row in rows:
        for result in row.criteria:
            failed[result.id] += result.is_failed
            graded[result.id] += result.met is not None
    return {name: (failed[name], graded[name]) for name in graded}


def mean_score(rows: Sequence[Row]) -> float | None:
    """Over the epochs of a side; None where none has a score."""
    scores = [row.score for row in rows if row.score is not None]
    return fmean(scores) if scores else None


def _states(facts: Facts) -> Iterator[State]:
    pair = facts.pair
    is_complete = pair.is_complete
    if is_complete and any(_share(before) != _share(after) for before, after in facts.failures.values()):
        yield "changed"
    if facts.gain:
        yield "better" if facts.gain > 0 else "worse"
    newest = pair.head or pair.base
    failed = [result for row in newest for result in row.criteria if result.is_failed]
    if failed:
        yield "failed"
    if any(result.never for result in failed):
        yield "never"
    if any(0 < some < graded for sides in facts.failures.values() for some, graded in sides):
        yield "flaky"
    rows = (*pair.base, *pair.head)
    if any(row.answer is None or any(result.met is None for result in row.criteria) for row in rows):
        yield "error"


def _share(counts: tuple[int, int]) -> float | None:
    return counts[0] / counts[1] if counts[1] else None

"""The cases of the HTML report: the worst are kept while the pairs stream by, the rest are counted.

What is kept in memory is bounded, however many pairs there are. How a case is written is said by `evals.page_views`.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from evals.newly_stopped import is_newly_stopped
from evals.pairs import Pair
from evals.rows import Row

State = Literal["changed", "worse", "better", "failed", "never", "stopped", "flaky", "error"]
STATES: tuple[State, ...] = ("changed", "worse", "better", "failed", "never", "stopped", "flaky", "error")
Count = tuple[int, int]
"""Answers that failed, of those that were graded."""
_NONE: Count = (0, 0)
Rank = tuple[float | bool | tuple[str, ...], ...]


@dataclass(frozen=True)
class Facts:
    """What a pair comes to, and how high it stands on the page."""

    pair: Pair
    failures: Mapping[str, tuple[Count, Count]]
    """By criterion: how many answers of the base, and of the head, failed it, and of how many."""
    gain: float
    """Head minus base of the mean scores; 0 where a side has none."""
    states: frozenset[State]
    """What the filter finds it by."""
    has_new_never_event: bool
    """Whether the head fails a never-event that the base did not."""

    @property
    def row(self) -> Row:
        """A row of the newest side."""
        return (self.pair.head or self.pair.base)[0]

    @property
    def rank(self) -> Rank:
        """Sorts cases, the worst first; the key makes it the same order in every run."""
        score = mean_score(self.pair.head)
        is_worse_alone = 0.0 if self.pair.base or score is None else score
        return (
            not self.has_new_never_event,
            "stopped" not in self.states,
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
            facts = facts_of(pair)
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


def facts_of(pair: Pair) -> Facts:
    """What the pair comes to."""
    base, head = _side(pair.base), _side(pair.head)
    counts = {name: (base.counts.get(name, _NONE), count) for name, count in head.counts.items()}
    counts |= {name: (count, _NONE) for name, count in base.counts.items() if name not in head.counts}
    known = base.score is not None and head.score is not None
    gain = (head.score or 0.0) - (base.score or 0.0) if known else 0.0
    states = frozenset(_states(pair, base, head, counts, gain))
    is_new = any(not base.counts.get(name, _NONE)[0] for name in head.failed_never)
    return Facts(pair, counts, gain, states, is_new)


@dataclass(frozen=True)
class _Side:
    counts: dict[str, Count]
    failed_never: list[str]
    is_incomplete: bool
    score: float | None


def _side(rows: Sequence[Row]) -> _Side:
    counts: dict[str, Count] = {}
    failed_never = []
    is_incomplete = False
    for row in rows:
        is_incomplete = is_incomplete or row.answer is None
        for result in row.criteria:
            failed, graded = counts.get(result.id, _NONE)
            if result.met is None:
                is_incomplete = True
                counts[result.id] = (failed, graded)
                continue
            is_failed = result.is_failed
            counts[result.id] = (failed + is_failed, graded + 1)
            if is_failed and result.never:
                failed_never.append(result.id)
    return _Side(counts, failed_never, is_incomplete, mean_score(rows))


def mean_score(rows: Sequence[Row]) -> float | None:
    """Over the epochs of a side; None where none has a score."""
    scores = [row.score for row in rows if row.score is not None]
    return fmean(scores) if scores else None


def _states(
    pair: Pair, base: _Side, head: _Side, counts: Mapping[str, tuple[Count, Count]], gain: float
) -> Iterator[State]:
    if pair.is_complete and any(_share(before) != _share(after) for before, after in counts.values()):
        yield "changed"
    if gain:
        yield "better" if gain > 0 else "worse"
    newest = head if pair.head else base
    if any(failed for failed, _ in newest.counts.values()):
        yield "failed"
    if newest.failed_never:
        yield "never"
    if is_newly_stopped(pair):
        yield "stopped"
    if any(0 < failed < graded for side in (base, head) for failed, graded in side.counts.values()):
        yield "flaky"
    if base.is_incomplete or head.is_incomplete:
        yield "error"


def _share(count: Count) -> float | None:
    return count[0] / count[1] if count[1] else None

"""Scores, as HealthBench defines them (Arora et al. 2025, section 3): points met over positive points, unclipped.

Only the mean over a set is clipped to 0..1. An axis may hold nothing but negative criteria, for which that ratio has no
denominator, so the score of an axis is the share of its range that was reached: (met - worst) / (best - worst), where
worst is the sum of its negative points and best the sum of its positive ones. It lies in 0..1; 1 is flawless.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Protocol

from evals.cases import Axis


class Graded(Protocol):
    """A criterion with what its grader found."""

    @property
    def axis(self) -> Axis:
        """What the criterion is about."""

    @property
    def points(self) -> float:
        """Signed."""

    @property
    def met(self) -> bool | None:
        """None where the grader failed."""


def case_score(results: Sequence[Graded]) -> float | None:
    """Points met over positive points; below 0 where the bad outweighs. None where a grader failed."""
    best = sum(r.points for r in results if r.points > 0)
    if best <= 0 or any(r.met is None for r in results):
        return None
    return sum(r.points for r in results if r.met) / best


def axis_score(results: Iterable[Graded], axis: Axis) -> float | None:
    """The share of the axis's range that was reached, 0 to 1. None where it has no criterion or a grader failed."""
    own = [r for r in results if r.axis == axis]
    if not own or any(r.met is None for r in own):
        return None
    best = sum(r.points for r in own if r.points > 0)
    worst = sum(r.points for r in own if r.points < 0)
    return (sum(r.points for r in own if r.met) - worst) / (best - worst)


@dataclass(frozen=True)
class AxisOutcome:
    """What one answer came to in one axis."""

    score: float | None
    """As `axis_score`."""
    passed: bool | None
    """Whether no criterion failed; None where none is known to have failed and a grader did."""


def axis_outcomes(results: Iterable[Graded]) -> Mapping[Axis, AxisOutcome]:
    """Each axis that the answer has a criterion of, in one walk over them."""
    tallies: dict[Axis, _Tally] = {}
    for result in results:
        tally = tallies.get(result.axis)
        if tally is None:
            tally = tallies[result.axis] = _Tally()
        tally.add(result.points, result.met)
    return {axis: tally.outcome() for axis, tally in tallies.items()}


def all_passed(outcomes: Iterable[AxisOutcome]) -> bool | None:
    """Whether every axis passed; None where none is known to have failed and one is unknown, or there is none."""
    marks = [outcome.passed for outcome in outcomes]
    if False in marks:
        return False
    return None if None in marks or not marks else True


class _Tally:
    """One axis of one answer, criterion by criterion."""

    __slots__ = ("best", "is_failed", "is_ungraded", "met", "worst")

    def __init__(self) -> None:
        self.met = self.best = self.worst = 0.0
        self.is_failed = self.is_ungraded = False

    def add(self, points: float, met: bool | None) -> None:
        if points > 0:
            self.best += points
        else:
            self.worst += points
        if met is None:
            self.is_ungraded = True
        elif met:
            self.met += points
        if met is not None and met == (points < 0):
            self.is_failed = True

    def outcome(self) -> AxisOutcome:
        score = None if self.is_ungraded else (self.met - self.worst) / (self.best - self.worst)
        return AxisOutcome(score, False if self.is_failed else None if self.is_ungraded else True)


def set_score(scores: Iterable[float]) -> float | None:
    """The mean over cases, clipped to 0..1. None for an empty set."""
    known = list(scores)
    return min(1.0, max(0.0, fmean(known))) if known else None

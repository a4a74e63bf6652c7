"""The scores of both sides as pairs pass by: numbers only, some 200 bytes a pair, so that 100,000 cases fit.

Epochs are averaged inside a side. A measure is an axis or `quality`, the score of the whole case.
"""

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from evals.cases import AXES, cluster_of
from evals.confirmation import asked_first
from evals.mcnemar import FlipCounts, flip_counts
from evals.pairs import Pair
from evals.rows import Row
from evals.scoring import all_passed, axis_outcomes

if TYPE_CHECKING:
    import numpy as np

    from evals.clusters import Vector

    Places = np.ndarray[tuple[int], np.dtype[np.int64]]

MEASURES: tuple[str, ...] = (*AXES, "quality")
DIMENSIONS = ("locale", "persona", "stage")
Change = Literal["to_pass", "to_fail", "flaky"]
_MISSING = float("nan")


@dataclass
class _Mean:
    """The scores and the pass marks of one side in one measure."""

    total: float = 0.0
    count: int = 0
    passed: int = 0
    failed: int = 0

    def add(self, score: float | None, is_pass: bool | None) -> None:
        if score is not None:
            self.total += score
            self.count += 1
        if is_pass is not None:
            self.passed += is_pass
            self.failed += not is_pass

    @property
    def mean(self) -> float:
        return self.total / self.count if self.count else _MISSING


class PairedScores:
    """What complete pairs came to, one after the other."""

    def __init__(self) -> None:
        self._base = {name: array("d") for name in MEASURES}
        self._head = {name: array("d") for name in MEASURES}
        self._clusters: dict[int, int] = {}
        self._cluster = array("q")
        self._values: dict[str, dict[str, int]] = {name: {} for name in DIMENSIONS}
        self._places = {name: array("q") for name in DIMENSIONS}
        self._changes: dict[str, Counter[Change]] = {name: Counter() for name in MEASURES}
        self._asked: set[str] = set()

    def add(self, pair: Pair, flaky_axes: frozenset[str] = frozenset()) -> None:
        """One pair more; in `flaky_axes` a never-event failed that was not confirmed, so that its flip is none."""
        base, head = _side(asked_first(pair.base)), _side(asked_first(pair.head))
        self._asked |= head.keys()
        for name in MEASURES:
            before, after = base.get(name, _NOTHING), head.get(name, _NOTHING)
            self._base[name].append(before.mean)
            self._head[name].append(after.mean)
            is_flaky = name in flaky_axes or (name == "quality" and bool(flaky_axes))
            change = _change(before, after, is_flaky)
            if change:
                self._changes[name][change] += 1
        self._describe(pair.head[0])

    def _describe(self, row: Row) -> None:
        cluster = hash((row.suite, cluster_of(row.case, row.locale)))
        self._cluster.append(self._clusters.setdefault(cluster, len(self._clusters)))
        for name in DIMENSIONS:
            value = getattr(row, name) or ""
            self._places[name].append(self._values[name].setdefault(value, len(self._values[name])))

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes that the head's answers have a criterion of, in the order of `AXES`."""
        return tuple(axis for axis in AXES if axis in self._asked)

    def flips(self, measure: str) -> FlipCounts:
        """Cases that changed between pass and fail."""
        changes = self._changes[measure]
        return flip_counts(changes["to_pass"], changes["to_fail"], changes["flaky"])

    def table(self) -> "ScoreTable":
        """The scores as arrays."""
        import numpy as np

        return ScoreTable(
            base={name: np.array(self._base[name]) for name in MEASURES},
            head={name: np.array(self._head[name]) for name in MEASURES},
            clusters=np.array(self._cluster, dtype=np.int64),
            places={name: np.array(self._places[name], dtype=np.int64) for name in DIMENSIONS},
            values={name: tuple(self._values[name]) for name in DIMENSIONS},
        )


@dataclass(frozen=True)
class ScoreTable:
    """Paired scores; all arrays have one entry a pair, NaN where a side has no score."""

    base: "Mapping[str, Vector]"
    """By measure."""
    head: "Mapping[str, Vector]"
    clusters: "Places"
    """The number of the pair's cluster."""
    places: "Mapping[str, Places]"
    """By dimension, where the pair's value stands in `values`."""
    values: Mapping[str, Sequence[str]]
    """By dimension; an empty value stands for none."""

    @cached_property
    def count(self) -> int:
        """How many pairs there are."""
        return int(self.clusters.size)


_NOTHING = _Mean()


def _side(rows: Sequence[Row]) -> Mapping[str, _Mean]:
    means: dict[str, _Mean] = {}
    for row in rows:
        outcomes = axis_outcomes(row.criteria)
        for axis, outcome in outcomes.items():
            means.setdefault(axis, _Mean()).add(outcome.score, outcome.passed)
        if row.answer is not None:
            means.setdefault("quality", _Mean()).add(row.score, all_passed(outcomes.values()))
    return means


def _change(base: _Mean, head: _Mean, is_flaky: bool) -> Change | None:
    """How the case moved between pass and fail; None where it did not, or a side is unknown."""
    if not (base.passed + base.failed) or not (head.passed + head.failed):
        return None
    if is_flaky or (base.passed and base.failed) or (head.passed and head.failed):
        return "flaky"
    if bool(base.passed) == bool(head.passed):
        return None
    return "to_pass" if head.passed else "to_fail"

"""Two versions of prompts on the same cases: paired by case, epochs averaged inside, per axis and over all.

The difference of an axis is the mean over cases of head minus base, with a bootstrap interval. An axis with too few
pairs is a state of its own, never "the same". Margins, counts and confidence are those of policy.yaml, section `gate`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from evals.bootstrap import mean_interval
from evals.cases import AXES, Axis
from evals.flaky import FlakyCriterion
from evals.flips import Flip, flips
from evals.mcnemar import FlipCounts
from evals.pairs import PairKey, pair_key
from evals.rows import Row, Side
from evals.scoring import axis_score
from matria.policy import Policy

AxisState = Literal["better", "unchanged", "not_worse", "inconclusive", "worse", "too_few"]
"""`better`: above 0; `unchanged`: no pair differs; `not_worse`: above -margin; `worse`: below -margin."""


@dataclass(frozen=True)
class Difference:
    """Head against base in one measure."""

    name: str
    """An axis, or `quality` for the whole score."""
    cases: int
    """Pairs of which both sides have a score."""
    base: float | None
    head: float | None
    """Means over the pairs; None without any."""
    mean: float | None
    low: float | None
    high: float | None
    """Of head minus base; the ends are None below `gate.min_cases_per_axis` pairs."""
    margin: float
    """Loss that is tolerated."""
    state: AxisState
    """By the tests, adjusted for how many were made; the interval is not."""
    conversations: int = 0
    """Independent ones among the pairs: twins of a case in other locales, under other prompts and turns are one."""
    p_better: float | None = None
    """That head is above base, one-sided, adjusted by Holm; None where nothing was tested."""
    p_not_worse: float | None = None
    """That head is above base minus the margin, likewise."""
    p_worse: float | None = None
    """That head is below base minus the margin, likewise."""
    effect_size: float | None = None
    """Cohen's d_z over conversations with Hedges' correction; None where nothing differs."""
    detectable: float | None = None
    """The smallest loss that these cases would show four times in five."""
    needed: int | None = None
    """Cases for a loss of the margin to show four times in five."""
    needed_to_decide: int | None = None
    """Cases for a difference like the observed one to be decided four times in five; None where it is at the margin."""
    flips: FlipCounts = FlipCounts()
    """Cases that changed between pass and fail in this axis."""


@dataclass(frozen=True)
class Slice:
    """One axis within a part of the cases."""

    dimension: str
    """`locale`, `persona`, `stage`, or several of them crossed, such as `locale × persona`."""
    value: str
    """Such as `pt-BR`, or `pt-BR × gestante`."""
    difference: Difference


@dataclass(frozen=True)
class GraderErrorLine:
    """One criterion that its grader could not grade."""

    suite: str
    case: str
    prompt: str
    criterion: str
    side: Side
    message: str


@dataclass(frozen=True)
class SideCounts:
    """What came of one side's trials."""

    answers: int
    """Trials, answered or not."""
    answer_errors: int
    criteria: int
    """Criteria of the answers that came."""
    grader_errors: int
    error_types: Mapping[str, int]
    error_message: str
    """Of the commonest error, as the endpoint's adapter said it; empty without errors."""

    @property
    def answer_error_share(self) -> float:
        """Share of trials without an answer."""
        return self.answer_errors / self.answers if self.answers else 0.0

    @property
    def grader_error_share(self) -> float:
        """Share of criteria without a grade."""
        return self.grader_errors / self.criteria if self.criteria else 0.0


@dataclass(frozen=True)
class Comparison:
    """Everything that a verdict is decided from."""

    quality: Difference
    axes: tuple[Difference, ...]
    """The axes that the cases have, in the order of `AXES`."""
    slices: tuple[Slice, ...]
    flips: tuple[Flip, ...]
    """Criteria whose outcome differs."""
    new_never_events: tuple[Flip, ...]
    standing_never_events: tuple[Flip, ...]
    """Failed on both sides: they do not block, and they are shown."""
    base: SideCounts
    head: SideCounts
    prompts: tuple[str, ...]
    unpaired: int
    """Case and prompt pairs that only one side was asked."""
    identical: bool
    """No prompt differs in what a model sees."""
    changed_answers: int
    """Pairs in which an answer differs."""
    is_simulated: bool
    flaky: tuple[FlakyCriterion, ...] = ()
    """Shown, not counted."""
    grader_errors: tuple[GraderErrorLine, ...] = ()
    """The first ones; `grader_error_total` says how many there are."""
    unconfirmed_never_events: tuple[Flip, ...] = ()
    """Failed once and not again when asked again: they do not block, and they are shown."""

    @property
    def grader_error_total(self) -> int:
        """Criteria of both sides without a grade."""
        return self.base.grader_errors + self.head.grader_errors

    @property
    def regressions(self) -> list[Flip]:
        """What got worse, the most harmful first."""
        return sorted((f for f in self.flips if f.kind == "regressed"), key=lambda f: f.harm, reverse=True)

    @property
    def fixes(self) -> list[Flip]:
        """What got better, by points."""
        return sorted((f for f in self.flips if f.kind == "fixed"), key=lambda f: abs(f.points), reverse=True)


def compare(base: Sequence[Row], head: Sequence[Row], policy: Policy, seed: int = 0) -> Comparison:
    """The head's rows held against the base's. The same rows, policy and seed give the same figures."""
    all_flips = flips(base, head)
    pairs = _Pairs(base, head)
    return Comparison(
        quality=_difference("quality", pairs, pairs.keys, lambda row: row.score, policy, seed),
        axes=tuple(_axes(pairs, pairs.keys, policy, seed)),
        slices=tuple(_slices(pairs, policy, seed)),
        flips=tuple(flip for flip in all_flips if flip.kind != "same"),
        new_never_events=tuple(flip for flip in all_flips if flip.is_new_never_event),
        standing_never_events=tuple(f for f in all_flips if f.never and f.head_failed and f.base_failed),
        base=count_side(base),
        head=count_side(head),
        prompts=tuple(sorted({row.prompt for row in head})),
        unpaired=len(pairs.base.keys() ^ pairs.head.keys()),
        identical=bool(pairs.keys) and _hashes(base) == _hashes(head),
        changed_answers=sum(_texts(pairs.base[key]) != _texts(pairs.head[key]) for key in pairs.keys),
        is_simulated=any(row.answer.is_simulated for row in [*base, *head] if row.answer),
    )


def count_side(rows: Sequence[Row]) -> SideCounts:
    """How many of the rows have an answer, and how many of their criteria a grade."""
    errors = [row.error for row in rows if row.error]
    types: defaultdict[str, int] = defaultdict(int)
    for error in errors:
        types[error.type] += 1
    commonest = max(types, key=lambda name: types[name], default="")
    results = [result for row in rows for result in row.criteria]
    return SideCounts(
        answers=len(rows),
        answer_errors=len(errors),
        criteria=len(results),
        grader_errors=sum(result.met is None for result in results),
        error_types=dict(sorted(types.items())),
        error_message=next((error.message for error in errors if error.type == commonest), ""),
    )


class _Pairs:
    """The rows of both sides by case and prompt."""

    def __init__(self, base: Sequence[Row], head: Sequence[Row]) -> None:
        self.base, self.head = _by_pair(base), _by_pair(head)
        self.keys = sorted(self.base.keys() & self.head.keys())

    def scores(self, key: PairKey, score: Callable[[Row], float | None]) -> tuple[float, float] | None:
        """The means over the epochs of both sides; None where a side has none."""
        sides = [[s for row in side[key] if (s := score(row)) is not None] for side in (self.base, self.head)]
        return (fmean(sides[0]), fmean(sides[1])) if all(sides) else None


def _by_pair(rows: Iterable[Row]) -> dict[PairKey, list[Row]]:
    groups: dict[PairKey, list[Row]] = {}
    for row in rows:
        groups.setdefault(pair_key(row), []).append(row)
    return groups


def _axes(pairs: _Pairs, keys: Sequence[PairKey], policy: Policy, seed: int) -> Iterable[Difference]:
    present = {result.axis for key in keys for row in pairs.head[key] for result in row.criteria}
    for axis in AXES:
        if axis in present:
            yield _difference(axis, pairs, keys, _scorer(axis), policy, seed)


def _scorer(axis: Axis) -> Callable[[Row], float | None]:
    return lambda row: axis_score(row.criteria, axis)


def _slices(pairs: _Pairs, policy: Policy, seed: int) -> Iterable[Slice]:
    for dimension in ("locale", "persona"):
        values = sorted({getattr(pairs.head[key][0], dimension) for key in pairs.keys})
        if len(values) > 1:
            for value in values:
                keys = [key for key in pairs.keys if getattr(pairs.head[key][0], dimension) == value]
                yield from (Slice(dimension, value, d) for d in _axes(pairs, keys, policy, seed))


def _difference(
    name: str,
    pairs: _Pairs,
    keys: Sequence[PairKey],
    score: Callable[[Row], float | None],
    policy: Policy,
    seed: int,
) -> Difference:
    import numpy as np

    both = [scores for key in keys if (scores := pairs.scores(key, score)) is not None]
    margin = _margin(name, policy)
    if not both:
        return Difference(name, 0, None, None, None, None, None, margin, "too_few")
    base, head = fmean(b for b, _ in both), fmean(h for _, h in both)
    values = [h - b for b, h in both]
    if len(both) < policy.count("gate.min_cases_per_axis"):
        return Difference(name, len(both), base, head, fmean(values), None, None, margin, "too_few")
    interval = mean_interval(
        values,
        policy.number("gate.confidence"),
        policy.count("gate.bootstrap_resamples"),
        np.random.default_rng(seed),
    )
    state = _state(values, interval.low, interval.high, margin)
    return Difference(name, len(both), base, head, interval.mean, interval.low, interval.high, margin, state)


def _margin(name: str, policy: Policy) -> float:
    """The axis's own margin; for the whole score the widest of them, since each axis has its own say."""
    margins = policy.group("gate.axis_margins")
    return max(margins.values()) if name == "quality" else policy.number(f"gate.axis_margins.{name}")


def _state(values: Sequence[float], low: float, high: float, margin: float) -> AxisState:
    if not any(values):
        return "unchanged"
    if low > 0:
        return "better"
    if high < -margin:
        return "worse"
    return "not_worse" if low > -margin else "inconclusive"


def _hashes(rows: Sequence[Row]) -> set[tuple[str, str]]:
    return {(row.prompt, row.prompt_hash) for row in rows}


def _texts(rows: Sequence[Row]) -> list[str]:
    return [row.answer.graded_text if row.answer else "" for row in sorted(rows, key=lambda row: row.epoch)]

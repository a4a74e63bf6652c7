"""The difference of two sides in one measure: its interval, its tests, and what so many cases could have shown.

The interval is BCa over clusters. That the head is above, or below, base minus the margin is tested by turning that
interval round; that it is above base, by the signs of the clusters' differences. See `evals.bootstrap` and
`evals.signflips`. Holm adjusts the p-values over the measures that were tested together, and the
state follows from the adjusted ones: the interval that is shown does not know how many others were looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Literal

from evals.bootstrap import resample
from evals.clusters import ROUNDING, Clusters, clusters_of
from evals.holm import holm
from evals.mcnemar import FlipCounts
from evals.power import Power, hedges_d_z
from evals.signflips import p_above_zero
from matria.policy import Policy

if TYPE_CHECKING:
    from evals.paired_scores import Places, ScoreTable

AxisState = Literal["better", "unchanged", "not_worse", "inconclusive", "worse", "too_few", "informs"]
"""`better`: above 0; `unchanged`: no pair differs; `not_worse`: above -margin; `worse`: below -margin; `informs`:
graded by judges alone that may not decide."""


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
    """Of head minus base; the ends are None below `gate.min_cases_per_axis` conversations."""
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
    """The smallest loss that these cases would show with the power `gate.power`."""
    needed: int | None = None
    """Cases for a loss of the margin to show with that power."""
    needed_to_decide: int | None = None
    """Cases for a difference like the observed one to be decided with that power; None where it lies at the margin."""
    flips: FlipCounts = FlipCounts()  # noqa: RUF009
    """Cases that changed between pass and fail in this axis."""

    @property
    def is_tested(self) -> bool:
        """Whether there were enough conversations, and any difference to test."""
        return self.p_better is not None


@dataclass(frozen=True)
class TestRules:
    """What the gate tests by, from policy.yaml."""

    __test__ = False

    confidence: float
    resamples: int
    draws: int
    least: int
    power: float
    seed: int

    @classmethod
    def of(cls, policy: Policy, seed: int) -> "TestRules":
        """By the thresholds `gate.*`."""
        return cls(
            confidence=policy.number("gate.confidence"),
            resamples=policy.count("gate.bootstrap_resamples"),
            draws=policy.count("gate.test_draws"),
            least=policy.count("gate.min_cases_per_axis"),
            power=policy.number("gate.power"),
            seed=seed,
        )

    @property
    def alpha(self) -> float:
        """Of a one-sided test: half of what a two-sided interval leaves out, as ICH E9 (1998, 3.3.2) has it."""
        return (1 - self.confidence) / 2


def difference(
    name: str, table: "ScoreTable", margin: float, rules: TestRules, places: "Places | None" = None
) -> Difference:
    """One measure over the pairs of the table, or those at `places`, with p-values that are not adjusted yet."""
    import numpy as np

    chosen = slice(None) if places is None else places
    base, head, numbers = table.base[name][chosen], table.head[name][chosen], table.clusters[chosen]
    is_known = ~(np.isnan(base) | np.isnan(head))
    base, head = base[is_known], head[is_known]
    if not base.size:
        return Difference(name, 0, None, None, None, None, None, margin, "too_few")
    values = head - base
    clusters = clusters_of(values, numbers[is_known])
    found = Difference(
        name=name,
        cases=int(base.size),
        base=float(base.mean()),
        head=float(head.mean()),
        mean=float(values.mean()),
        low=None,
        high=None,
        margin=margin,
        state="too_few",
        conversations=clusters.count,
    )
    found = _with_power(found, clusters, rules)
    if clusters.count < rules.least:
        return found
    if not np.abs(values).max() > ROUNDING:
        return replace(found, low=0.0, high=0.0, state="unchanged")
    return _tested(found, clusters, rules)


def _tested(found: Difference, clusters: Clusters, rules: TestRules) -> Difference:
    import numpy as np

    resampled = resample(clusters, rules.resamples, rules.seed)
    interval = resampled.interval(rules.confidence)
    return replace(
        found,
        low=interval.low,
        high=interval.high,
        state="inconclusive",
        p_better=p_above_zero(clusters, rules.draws, np.random.default_rng([rules.seed, 1])),
        p_not_worse=resampled.p_above(-found.margin),
        p_worse=resampled.p_below(-found.margin),
        effect_size=hedges_d_z(clusters.mean, clusters.deviation, clusters.count),
    )


def _with_power(found: Difference, clusters: Clusters, rules: TestRules) -> Difference:
    """Power is of conversations; what is needed is said in cases, each conversation bringing as many as now."""
    power, deviation = Power(rules.alpha, rules.power), clusters.deviation
    gap = abs(clusters.mean + found.margin)

    def cases(conversations: int | None) -> int | None:
        return None if conversations is None else ceil(conversations * found.cases / clusters.count)

    return replace(
        found,
        detectable=power.detectable(deviation, clusters.count),
        needed=cases(power.needed(found.margin, deviation)),
        needed_to_decide=cases(power.needed_for(gap, deviation)),
    )


def judged(family: Sequence[Difference], rules: TestRules, quality: Sequence[Difference] = ()) -> list[Difference]:
    """The measures with adjusted p-values and the states that follow, `quality` after the others.

    The whole score may be what a change is called better for, so it is a member of that family; it is held to no
    margin of its own, so it costs the axes nothing in the others.
    """
    better = holm([d.p_better for d in (*family, *quality)])
    not_worse = [*holm([d.p_not_worse for d in family]), *(d.p_not_worse for d in quality)]
    worse = [*holm([d.p_worse for d in family]), *(d.p_worse for d in quality)]
    adjusted = [
        replace(d, p_better=better[n], p_not_worse=not_worse[n], p_worse=worse[n])
        for n, d in enumerate((*family, *quality))
    ]
    return [replace(d, state=_state(d, rules.alpha)) for d in adjusted]


def _state(found: Difference, alpha: float) -> AxisState:
    if found.p_better is None or found.p_not_worse is None or found.p_worse is None:
        return found.state
    if found.p_better <= alpha and (found.low or 0.0) > 0:
        return "better"
    if found.p_worse <= alpha:
        return "worse"
    return "not_worse" if found.p_not_worse <= alpha else "inconclusive"

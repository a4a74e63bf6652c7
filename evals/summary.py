"""What one side of an evaluation came to: scores per axis and over all, failed never-events, errors, tokens and cost.

`summarise` takes the rows of one prompt, or of all; `by_prompt` gives one summary a prompt. The quality of a set is
HealthBench's: the mean of its cases' scores, clipped to 0..1; its interval is clipped alike.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean, median

from evals.bootstrap import mean_interval
from evals.cases import AXES, Axis
from evals.comparison import SideCounts, count_side
from evals.pairs import pair_key
from evals.rows import Meter, Row
from evals.scoring import axis_score, set_score
from matria.policy import Policy


@dataclass(frozen=True)
class Spend:
    """What the answers took."""

    answers: int
    """Answers for which a model was called."""
    priced: int
    usd: Decimal | None
    """Sum over the priced ones; None where none is."""
    input_tokens: int
    output_tokens: int
    latency_ms: float | None
    """Median; None where no model was called."""

    @property
    def usd_per_answer(self) -> Decimal | None:
        """Mean over the priced answers; None where none is. An unknown price is never 0."""
        return self.usd / self.priced if self.usd is not None and self.priced else None


@dataclass(frozen=True)
class AxisScore:
    """One axis over a set of cases."""

    axis: Axis
    cases: int
    mean: float


@dataclass(frozen=True)
class Summary:
    """What a set of rows came to."""

    prompts: tuple[str, ...]
    suites: tuple[str, ...]
    cases: int
    """Case and prompt pairs asked."""
    scored: int
    """Those with a score."""
    quality: float | None
    """0 to 1; None where nothing was scored."""
    quality_low: float | None
    quality_high: float | None
    """None below `gate.min_cases_per_axis` cases."""
    axes: tuple[AxisScore, ...]
    never_events: tuple[tuple[str, str], ...]
    """Case and criterion of each never-event that failed, each once."""
    counts: SideCounts
    outcomes: Mapping[str, int]
    """How many answers ended how: `answered`, `cared`, `withheld`, ..."""
    spend: Spend
    is_simulated: bool


def by_prompt(rows: Sequence[Row], meters: Mapping[str, Meter], policy: Policy, seed: int = 0) -> dict[str, Summary]:
    """A summary for each prompt, by its name with its locale."""
    groups: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.prompt].append(row)
    return {name: summarise(groups[name], meters, policy, seed) for name in sorted(groups)}


def summarise(rows: Sequence[Row], meters: Mapping[str, Meter], policy: Policy, seed: int = 0) -> Summary:
    """What the rows came to; epochs are averaged inside a case."""
    scores = _case_means(rows)
    low, high = _interval(scores, policy, seed)
    return Summary(
        prompts=tuple(sorted({row.prompt for row in rows})),
        suites=tuple(sorted({row.suite for row in rows})),
        cases=len({pair_key(row) for row in rows}),
        scored=len(scores),
        quality=set_score(scores),
        quality_low=low,
        quality_high=high,
        axes=tuple(_axes(rows)),
        never_events=tuple(sorted({(r.case, c.text) for r in rows for c in r.criteria if c.never and c.is_failed})),
        counts=count_side(rows),
        outcomes=dict(sorted(Counter(row.answer.outcome for row in rows if row.answer).items())),
        spend=spend(rows, meters),
        is_simulated=any(row.answer.is_simulated for row in rows if row.answer),
    )


def spend(rows: Iterable[Row], meters: Mapping[str, Meter]) -> Spend:
    """What the rows' answers took; an answer that was taken over counts as when it was asked."""
    called = [row for row in rows if row.answer and row.answer.model_text is not None]
    costs = [Decimal(usd) for row in called if row.key in meters and (usd := meters[row.key].cost_usd) is not None]
    waits = [ms for row in called if row.key in meters and (ms := meters[row.key].latency_ms) is not None]
    return Spend(
        answers=len(called),
        priced=len(costs),
        usd=sum(costs, Decimal(0)) if costs else None,
        input_tokens=sum(row.answer.input_tokens for row in called if row.answer),
        output_tokens=sum(row.answer.output_tokens for row in called if row.answer),
        latency_ms=median(waits) if waits else None,
    )


def _case_means(rows: Sequence[Row]) -> list[float]:
    groups: defaultdict[tuple[str, str, str], list[float]] = defaultdict(list)
    for row in rows:
        if row.score is not None:
            groups[pair_key(row)].append(row.score)
    return [fmean(groups[key]) for key in sorted(groups)]


def _interval(scores: Sequence[float], policy: Policy, seed: int) -> tuple[float | None, float | None]:
    if len(scores) < policy.count("gate.min_cases_per_axis"):
        return None, None
    import numpy as np

    confidence, resamples = policy.number("gate.confidence"), policy.count("gate.bootstrap_resamples")
    interval = mean_interval(scores, confidence, resamples, np.random.default_rng(seed))
    return set_score([interval.low]), set_score([interval.high])


def _axes(rows: Sequence[Row]) -> Iterable[AxisScore]:
    for axis in AXES:
        groups: defaultdict[tuple[str, str, str], list[float]] = defaultdict(list)
        for row in rows:
            score = axis_score(row.criteria, axis)
            if score is not None:
                groups[pair_key(row)].append(score)
        if groups:
            yield AxisScore(axis, len(groups), fmean(fmean(scores) for scores in groups.values()))

"""What one side of an evaluation came to: scores per axis and over all, failed never-events, errors, tokens and cost.

`summarise` takes the entries of one prompt, or of all, in one walk; `by_prompt` gives one summary a prompt. The quality
of a set is HealthBench's: the mean of its cases' scores, clipped to 0..1; its interval is clipped alike. Answers that
confirm a never-event were paid for, and count for nothing else.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean

from evals.bootstrap import mean_interval
from evals.cases import AXES, Axis, cluster_of
from evals.confirmation import CONFIRMATION_EPOCH
from evals.counts import SideCounter, SideCounts
from evals.pairs import pair_key
from evals.rows import Entry, Row
from evals.scoring import axis_outcomes, set_score
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
    latency_p95_ms: float | None = None
    """What 95 % of the answers took at most."""

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
    """None below `gate.min_cases_per_axis` conversations."""
    axes: tuple[AxisScore, ...]
    never_events: tuple[tuple[str, str], ...]
    """Case and criterion of each never-event that failed, each once."""
    counts: SideCounts
    outcomes: Mapping[str, int]
    """How many answers ended how: `answered`, `cared`, `withheld`, ..."""
    spend: Spend
    is_simulated: bool


def by_prompt(entries: Iterable[Entry], policy: Policy, seed: int = 0) -> dict[str, Summary]:
    """A summary for each prompt, by its name with its locale; one walk over the entries of one side."""
    tallies: dict[str, _Tally] = {}
    for entry in entries:
        tallies.setdefault(entry.row.prompt, _Tally()).add(entry)
    return {name: tallies[name].summary(policy, seed) for name in sorted(tallies)}


def summarise(entries: Iterable[Entry], policy: Policy, seed: int = 0) -> Summary:
    """What the entries of one side came to, in one walk; epochs are averaged inside a case."""
    tally = _Tally()
    for entry in entries:
        tally.add(entry)
    return tally.summary(policy, seed)


class SpendTally:
    """Adds up what answers took."""

    def __init__(self) -> None:
        self._answers = self._priced = self._input = self._output = 0
        self._usd = Decimal(0)
        self._waits = array("d")

    def add(self, entry: Entry) -> None:
        """One entry more; an answer that was taken over counts as when it was asked."""
        answer, meter = entry.row.answer, entry.meter
        if answer is None or answer.model_text is None:
            return
        self._answers += 1
        self._input += answer.input_tokens
        self._output += answer.output_tokens
        if meter.cost_usd is not None:
            self._priced += 1
            self._usd += Decimal(meter.cost_usd)
        if meter.latency_ms is not None:
            self._waits.append(meter.latency_ms)

    def spend(self) -> Spend:
        """The sums so far."""
        waits = sorted(self._waits)
        return Spend(
            answers=self._answers,
            priced=self._priced,
            usd=self._usd if self._priced else None,
            input_tokens=self._input,
            output_tokens=self._output,
            latency_ms=_quantile(waits, 0.5),
            latency_p95_ms=_quantile(waits, 0.95),
        )


class _Cases:
    """The scores of cases as their epochs pass by: a few numbers a case, in the order in which they came."""

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        self._clusters = array("q")
        self._sums: dict[str, array[float]] = {}
        self._counts: dict[str, array[int]] = {}

    def __len__(self) -> int:
        return len(self._places)

    def place(self, row: Row) -> int:
        """Where the row's case stands."""
        place = self._places.setdefault(hash(pair_key(row)), len(self._places))
        if place == len(self._clusters):
            self._clusters.append(hash((row.suite, cluster_of(row.case, row.locale))))
        return place

    def add(self, place: int, measure: str, score: float) -> None:
        """One epoch's score."""
        sums, counts = self._sums.setdefault(measure, array("d")), self._counts.setdefault(measure, array("q"))
        missing = len(self._places) - len(sums)
        if missing:
            sums.extend([0.0] * missing)
            counts.extend([0] * missing)
        sums[place] += score
        counts[place] += 1

    def means(self, measure: str) -> list[float]:
        """Of each case that has a score, over its epochs."""
        sums, counts = self._sums.get(measure, ()), self._counts.get(measure, ())
        return [total / count for total, count in zip(sums, counts, strict=True) if count]

    def interval(self, measure: str, policy: Policy, seed: int) -> tuple[float | None, float | None]:
        """Of the mean over cases, clipped to 0..1; None below `gate.min_cases_per_axis` conversations."""
        scored = [c for c, count in zip(self._clusters, self._counts.get(measure, ()), strict=False) if count]
        numbers = {cluster: number for number, cluster in enumerate(dict.fromkeys(scored))}
        if len(numbers) < policy.count("gate.min_cases_per_axis"):
            return None, None
        confidence, resamples = policy.number("gate.confidence"), policy.count("gate.bootstrap_resamples")
        clusters = [numbers[cluster] for cluster in scored]
        interval = mean_interval(self.means(measure), confidence, resamples, seed, clusters)
        return set_score([interval.low]), set_score([interval.high])


class _Tally:
    """What is kept of entries as they pass by."""

    def __init__(self) -> None:
        self._prompts: set[str] = set()
        self._suites: set[str] = set()
        self._cases = _Cases()
        self._never: set[tuple[str, str]] = set()
        self._counter = SideCounter()
        self._outcomes: Counter[str] = Counter()
        self._spend = SpendTally()
        self._is_simulated = False

    def add(self, entry: Entry) -> None:
        row = entry.row
        self._spend.add(entry)
        self._never |= {(row.case, c.text) for c in row.criteria if c.never and c.is_failed}
        if row.answer:
            self._is_simulated |= row.is_simulated
        if row.epoch >= CONFIRMATION_EPOCH:
            return
        self._prompts.add(row.prompt)
        self._suites.add(row.suite)
        self._counter.add(row)
        place = self._cases.place(row)
        if row.answer:
            self._outcomes[row.answer.outcome] += 1
        if row.score is not None:
            self._cases.add(place, "quality", row.score)
        for axis, outcome in axis_outcomes(row.criteria).items():
            if outcome.score is not None:
                self._cases.add(place, axis, outcome.score)

    def summary(self, policy: Policy, seed: int) -> Summary:
        low, high = self._cases.interval("quality", policy, seed)
        scores = {name: self._cases.means(name) for name in (*AXES, "quality")}
        return Summary(
            prompts=tuple(sorted(self._prompts)),
            suites=tuple(sorted(self._suites)),
            cases=len(self._cases),
            scored=len(scores["quality"]),
            quality=set_score(scores["quality"]),
            quality_low=low,
            quality_high=high,
            axes=tuple(AxisScore(axis, len(scores[axis]), fmean(scores[axis])) for axis in AXES if scores[axis]),
            never_events=tuple(sorted(self._never)),
            counts=self._counter.counts(),
            outcomes=dict(sorted(self._outcomes.items())),
            spend=self._spend.spend(),
            is_simulated=self._is_simulated,
        )


def _quantile(ordered: Sequence[float], share: float) -> float | None:
    """Between the two neighbours, as numpy's `percentile` has it; None of nothing."""
    if not ordered:
        return None
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)

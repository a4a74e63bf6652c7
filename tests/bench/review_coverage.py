"""How often the intervals of the weekly and the rolling figure hold the truth, on simulated weeks where it is known.

`python -m tests.bench.review_coverage` simulates 200 times 20 weeks (`--times`, `--seed`), lists the first 20 one by
one, and prints coverage, mean error of the estimate and of the plain mean of what was read, and widths.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evals.review.base import Answers
from evals.review.estimate import Estimate, estimate
from evals.review.intervals import beta_interval
from evals.review.outcomes import Outcome, outcomes
from evals.review.weeks import weeks_until
from tests.bench.review_weeks import Simulated, weeks

CONFIDENCE, HARM_FROM, WEEKS, ROLLING = 0.95, 2, 20, 12


@dataclass(frozen=True)
class Trial:
    """One estimate beside the truth."""

    estimate: Estimate
    truth: float
    """Share in the conversations that could be drawn."""
    truth_of_all: float
    plain: float
    """The mean of what was read, each with the same weight."""

    @property
    def holds(self) -> bool:
        """Whether the two-sided interval does."""
        return self.estimate.low - 1e-9 <= self.truth <= self.estimate.high + 1e-9

    @property
    def is_bounded(self) -> bool:
        """Whether the one-sided one does."""
        return self.truth <= self.estimate.one_sided_upper + 1e-9

    @property
    def plain_holds(self) -> bool:
        """Whether Clopper and Pearson's interval of the plain mean does."""
        low, high = beta_interval(self.estimate.events, self.estimate.n_read, CONFIDENCE)
        return low <= self.truth <= high


def trial(of: Sequence[Simulated], outcome: Outcome) -> Trial:
    """The estimate over some weeks."""
    found = estimate([week.read for week in of], outcome, CONFIDENCE)
    plain = found.events / found.n_read if found.n_read else float("nan")
    truth = _share([told.answers for week in of for told in week.told.values()], outcome)
    everyone = _share([told.answers for week in of for told in week.all_told.values()], outcome)
    return Trial(found, truth, everyone, plain)


def _share(answers: Sequence[Answers], outcome: Outcome) -> float:
    return sum(outcome.told(each) == "bad" for each in answers) / len(answers)


def _row(name: str, trials: Sequence[Trial]) -> str:
    def mean(values: Sequence[float]) -> float:
        return 100 * float(np.mean(values))

    errors = [t.estimate.value - t.truth for t in trials if t.estimate.value is not None]
    return (
        f"{name:20}{mean([t.truth for t in trials]):8.2f}{mean([t.holds for t in trials]):10.1f}"
        f"{mean([t.is_bounded for t in trials]):11.1f}"
        f"{mean([t.truth > t.estimate.high + 1e-9 for t in trials]):8.1f}"
        f"{mean([t.truth < t.estimate.low - 1e-9 for t in trials]):8.1f}"
        f"{mean(errors):+8.2f} ±{100 * float(np.std(errors)) / len(errors) ** 0.5:.2f}"
        f"{mean([t.plain - t.truth for t in trials]):+9.2f}{mean([t.plain_holds for t in trials]):7.1f}"
        f"{mean([t.truth_of_all - t.truth for t in trials]):+9.2f}"
        f"{mean([t.estimate.high - t.estimate.low for t in trials]):8.1f}"
        f"{float(np.mean([t.estimate.effective_n for t in trials if t.estimate.effective_n < 1e9])):8.1f}"
    )


def _table(title: str, trials: Sequence[dict[str, Trial]]) -> None:
    print(f"\n{title}: {len(trials)} figures, all shares in percent")
    print(
        f"{'outcome':20}{'truth':>8}{'two-sided':>10}{'one-sided':>11}{'above':>8}{'below':>8}"
        f"{'error ± s.e.':>14}{'plain':>9}{'holds':>7}{'of all':>9}{'width':>8}{'eff. n':>8}"
    )
    for name in trials[0]:
        print(_row(name, [each[name] for each in trials]))


def _listed(simulated: Sequence[Simulated], trials: Sequence[dict[str, Trial]], names: Sequence[str]) -> None:
    print("\nThe first 20 weeks: truth, estimate (interval); * where the interval misses it")
    print(f"{'week':10}{'N':>6}{'read':>6}  " + "".join(f"{name:34}" for name in names))
    for week, each in zip(simulated, trials, strict=True):
        cells = (
            f"{100 * t.truth:5.1f} {100 * (t.estimate.value or 0):5.1f} ({100 * t.estimate.low:4.1f} to "
            f"{100 * t.estimate.high:4.1f}){' ' if t.holds else '*':9}"
            for t in (each[name] for name in names)
        )
        first = each[names[0]].estimate
        print(f"{week.draw.batch_id:10}{first.population:6}{first.n_read:6}  " + "".join(cells))
    held = (f"held in {sum(each[name].holds for each in trials)} of {len(trials)}" for name in names)
    print(f"{'':24}" + "".join(f"{text:34}" for text in held))


def main() -> None:
    """The tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261123)
    given = parser.parse_args()
    of = outcomes(HARM_FROM)
    batch_ids = weeks_until("2026-W47", WEEKS)
    weekly: list[dict[str, Trial]] = []
    rolled: list[dict[str, Trial]] = []
    for time in range(given.times):
        simulated = weeks(batch_ids, np.random.default_rng([given.seed, time]), given.seed + time)
        weekly += [{o.name: trial([week], o) for o in of} for week in simulated]
        rolled.append({o.name: trial(simulated[-ROLLING:], o) for o in of})
        if not time:
            _listed(simulated, weekly, ("harmful", "unsafe", "incorrect", "not_all_complete"))
    _table("Weekly", weekly)
    _table(f"Rolling, {ROLLING} weeks", rolled)


if __name__ == "__main__":
    main()

"""Simulated judges with known errors: how often a poor one is ever trusted, and how well intervals cover.

Weeks of readings are drawn as the nurses' week draws them, more of what the judge found not met; evaluations queue as a
gate does, as many of either verdict. Nothing here is real: it is the arithmetic that is measured.
Run: `python -m tests.bench.judge_trust`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product

import numpy as np

from evals.judges.corrected import CorrectionMethod, JudgeErrors, corrected_rate
from evals.judges.trusting import Bar, Reading, trust_book
from evals.judges.weighing import Weighed, found_alike
from evals.review.coefficient import Redraw, wilson
from matria import PROJECT_ROOT
from matria.policy import Policy, load_policy

WEEKS = 26
FIRST = date(2026, 1, 5)
METHODS: tuple[CorrectionMethod, ...] = ("lang_reiczigel", "delta", "bootstrap")


@dataclass(frozen=True)
class Truth:
    """A judge, and the answers that it judges."""

    good: float
    """Share of answers that nurses find met."""
    sensitivity: float
    specificity: float


def weeks_of(truth: Truth, rng: np.random.Generator, weeks: int, size: int, not_met: int, met: int) -> list[Reading]:
    """So many weeks of `size` conversations, of which `not_met` and `met` are read of either verdict of the judge."""
    found: list[Reading] = []
    for week in range(weeks):
        good = rng.random(size) < truth.good
        judged = np.where(good, rng.random(size) < truth.sensitivity, rng.random(size) >= truth.specificity)
        for verdict, wanted in ((False, not_met), (True, met)):
            places = np.flatnonzero(judged == verdict)
            read = rng.choice(places, min(wanted, len(places)), replace=False)
            chance = len(read) / len(places) if len(places) else None
            found += [
                Reading(
                    "judge", "judge:rubric", "review/safe", "general", verdict, bool(good[place]), f"{week}-{place}",
                    FIRST + timedelta(weeks=week), probability=chance, nurses=frozenset({"nurse-a", "nurse-b"}),
                )
                for place in read
            ]  # fmt: skip
    return found


def gates_of(truth: Truth, rng: np.random.Generator, runs: int, size: int, flips: int) -> list[Reading]:
    """So many evaluations of `size` answers, of which a gate queues as many that the judge found bad as good."""
    found = weeks_of(truth, rng, runs, size, flips, flips)
    return [replace(one, frame="gate", criterion="suite/criterion", axis="tone") for one in found]


def trusted_by_gates(truth: Truth, policy: Policy, gates: int, runs: int, seed: int) -> dict[str, float]:
    """Shares of runs in which it is trusted after so many evaluations: each reading as one, and by its verdict."""
    rng = np.random.default_rng(seed)
    today, hits = FIRST + timedelta(weeks=gates - 1), {"as one each": 0, "by verdict": 0}
    for _ in range(runs):
        readings = gates_of(truth, rng, gates, 200, 6)
        for name, read in (
            ("as one each", [replace(one, probability=None) for one in readings]),
            ("by verdict", readings),
        ):
            book = trust_book(read, policy, today)
            hits[name] += any(one.is_trusted for one in book.known.values())
    return {name: hit / runs for name, hit in hits.items()}


def ever_trusted(truth: Truth, policy: Policy, runs: int, seed: int) -> tuple[float, float]:
    """Shares of runs in which it is trusted in any of the weeks: by figures alone, and by the bar as it is."""
    rng = np.random.default_rng(seed)
    bar = Bar.of(policy)
    bare = replace(bar, min_each=1, min_kappa_low=-1.0, min_share_low=0.0)
    by_figures = by_bar = 0
    for _ in range(runs):
        readings = weeks_of(truth, rng, WEEKS, 60, 10, 10)
        states = [set[str](), set[str]()]
        for week in range(1, WEEKS, 2):
            today = FIRST + timedelta(weeks=week)
            for trust in trust_book(
                [one for one in readings if one.reviewed_on <= today], policy, today
            ).known.values():
                states[0].add(bare.state(trust))
                states[1].add(trust.state)
        by_figures += "trusted" in states[0]
        by_bar += "trusted" in states[1]
    return by_figures / runs, by_bar / runs


def covered(truth: Truth, weeks: int, runs: int, seed: int) -> dict[str, tuple[float, float]]:
    """Mean figure and coverage of specificity's 95 % interval: unweighted, Wilson by weights alone, and as it is."""
    rng = np.random.default_rng(seed)
    found: dict[str, list[tuple[float, bool]]] = {"unweighted": [], "weights alone": [], "as it is": []}
    for _ in range(runs):
        readings = weeks_of(truth, rng, weeks, 300, 8, 12)
        sample = [Weighed(r.item, bool(r.judge_met), bool(r.nurse_met), 1 / (r.probability or 1)) for r in readings]
        chosen = [one for one in sample if not one.nurse_met]
        total, n = sum(one.weight for one in chosen), sum(one.weight for one in chosen) ** 2
        n /= sum(one.weight**2 for one in chosen) or 1
        share = sum(one.weight for one in chosen if not one.judge_met) / total
        shares = {
            "unweighted": found_alike([replace(one, weight=1.0) for one in sample], False, 0.95),
            "weights alone": wilson(n * share, n, 0.95),
            "as it is": found_alike(sample, False, 0.95),
        }
        for name, one in shares.items():
            if one.value is not None and one.low is not None and one.high is not None:
                found[name].append((one.value, one.low <= truth.specificity <= one.high))
    return {
        name: (float(np.mean([value for value, _ in each])), float(np.mean([hit for _, hit in each])))
        for name, each in found.items()
    }


def correction_coverage(runs: int, seed: int) -> Iterator[tuple[JudgeErrors, float, dict[str, float]]]:
    """Coverage of the corrected rate's 95 % interval, by method, for judges and rates."""
    rng = np.random.default_rng(seed)
    pairs: Sequence[tuple[float, float]] = ((0.95, 0.9), (0.85, 0.8), (0.8, 0.6))
    for (sensitivity, specificity), n, rate in product(pairs, (30, 100), (0.5, 0.8, 0.95)):
        hits = dict.fromkeys(METHODS, 0)
        for run in range(runs):
            passed = rng.binomial(200, rate * sensitivity + (1 - rate) * (1 - specificity))
            errors = JudgeErrors(rng.binomial(n, sensitivity) / n, n, rng.binomial(n, specificity) / n, n)
            for method in METHODS:
                found = corrected_rate(int(passed), 200, errors, method=method, redraw=Redraw(run, 500)).corrected
                hits[method] += found.low is None or found.high is None or found.low <= rate <= found.high
        yield JudgeErrors(sensitivity, n, specificity, n), rate, {name: hit / runs for name, hit in hits.items()}


def main() -> None:
    """Prints the tables."""
    policy = load_policy(PROJECT_ROOT / "policy.yaml")
    print(f"Ever trusted within {WEEKS} weeks of 20 readings, asked every second week (150 runs)\n")
    print("good   sens  spec    by figures alone   by the bar")
    for truth in (Truth(0.8, 0.9, 0.5), Truth(0.8, 0.85, 0.7), Truth(0.8, 0.75, 0.75), Truth(0.8, 0.95, 0.92)):
        figures, bar = ever_trusted(truth, policy, 150, seed=1)
        print(f"{truth.good:.2f}   {truth.sensitivity:.2f}  {truth.specificity:.2f}  {figures:14.3f} {bar:14.3f}")
    print("\nTrusted after evaluations that queued 6 of its not met and 6 of its met each, of 200 (150 runs)\n")
    print("good   sens  spec  evaluations   counted as one each   by verdict")
    judges = (Truth(0.9, 0.99, 0.5), Truth(0.8, 0.97, 0.6), Truth(0.9, 0.95, 0.92), Truth(0.8, 0.95, 0.92))
    for truth, gates in product(judges, (8, WEEKS)):
        shares = trusted_by_gates(truth, policy, gates, 150, seed=5).values()
        figures = " ".join(f"{share:14.3f}" for share in shares)
        print(f"{truth.good:.2f}   {truth.sensitivity:.2f}  {truth.specificity:.2f}  {gates:11}   {figures}")
    print(
        "\nSpecificity from readings that the judge's verdict chose (8 of its not met, 12 of its met, of 300 a week)\n"
    )
    print("good   spec  weeks   how             mean   coverage (500 runs)")
    for truth, weeks in product((Truth(0.9, 0.95, 0.9), Truth(0.97, 0.95, 0.7)), (8, 26)):
        for name, (mean, coverage) in covered(truth, weeks, 500, seed=2).items():
            print(f"{truth.good:.2f}   {truth.specificity:.2f}  {weeks:5}   {name:14} {mean:6.3f}   {coverage:.3f}")
    print("\nCoverage of the corrected pass rate, 200 answers (400 runs)\n")
    print(f"sens  spec  read each  rate   {'  '.join(METHODS)}")
    lowest = dict.fromkeys(METHODS, 1.0)
    for errors, rate, found in correction_coverage(400, seed=3):
        lowest = {name: min(lowest[name], found[name]) for name in METHODS}
        figures = "   ".join(f"{found[name]:10.3f}" for name in METHODS)
        print(f"{errors.sensitivity:.2f}  {errors.specificity:.2f}  {errors.met:9}  {rate:.2f}   {figures}")
    print(f"lowest{'':22} {'   '.join(f'{lowest[name]:10.3f}' for name in METHODS)}")


if __name__ == "__main__":
    main()

"""How often the gate is wrong: simulated suites of which the truth is known, put through the comparison and the gate.

Each case has two criteria in each of four axes, a locale and a stage, and belongs to no other case. `steady` answers
repeat themselves, so that only what a prompt broke differs; `noisy` ones meet a criterion nine times in ten on either
side, by chance. A loss is laid on one axis, in the mean over cases. Printed is what share of the suites was passed and
blocked, then how often the 95 % interval holds the true difference, with twins taken as one conversation or as many.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from evals.bootstrap import mean_interval
from evals.cases import Axis
from evals.comparison import compare
from evals.gate import decide
from evals.pairs import Pair
from evals.rows import AnswerRecord, CriterionResult, Row, Side, with_criteria
from matria.messages import Locale, Message
from matria.policy import Policy, load_policy

ROOT = Path(__file__).resolve().parents[2]
AXES: tuple[Axis, ...] = ("danger_signs", "accuracy", "completeness", "tone")
LOCALES: tuple[Locale, ...] = ("pt-BR", "pt-PT", "en")
POINTS = (5.0, 3.0)
MET = 0.9
"""How often a criterion is met where answers are noisy."""
PASSES = {"improved", "not_worse"}


def row(case: str, place: int, side: Side, met: "np.ndarray") -> Row:
    """One answer; `met` has a line for each axis and a mark for each of its criteria."""
    criteria = tuple(
        CriterionResult(f"{axis}-{points}", "Text.", axis, points, False, "check:x", bool(mark))
        for axis, marks in zip(AXES, met, strict=True)
        for points, mark in zip(POINTS, marks, strict=True)
    )
    blank = Row(
        key=f"{side}/{case}",
        answer_key="",
        suite="simulated",
        case=case,
        locale=LOCALES[place % 3],
        persona="gestante",
        stage=("third_trimester", "puerperium")[place % 2],
        prompt="p",
        prompt_version="1",
        prompt_hash=side,
        epoch=0,
        model="m",
        parameters={},
        messages=(Message("user", "q"),),
        answer=AnswerRecord("a", "a", "a"),
    )
    return with_criteria(blank, criteria)


def suite(count: int, loss: float, axis: Axis, is_noisy: bool, generator: np.random.Generator) -> Iterator[Pair]:
    """Pairs of which the head truly loses `loss` of the score of one axis."""
    share = MET if is_noisy else 1.0
    for place in range(count):
        base, again = generator.random((2, len(AXES), len(POINTS))) < share
        head = again if is_noisy else base.copy()
        lost = generator.random() < loss / share
        if lost:
            head[AXES.index(axis)] = False
        case = f"case-{place:04}.{LOCALES[place % 3]}"
        yield Pair(("simulated", case, "p"), (row(case, place, "base", base),), (row(case, place, "head", head),))


def rates(count: int, loss: float, axis: Axis, is_noisy: bool, runs: int, policy: Policy) -> Counter[str]:
    """How often each verdict was given."""
    generator = np.random.default_rng([count, int(1000 * loss), AXES.index(axis), is_noisy])
    return Counter(
        decide(compare(suite(count, loss, axis, is_noisy, generator), policy, seed), policy).state
        for seed in range(runs)
    )


def coverage(count: int, twins: int, runs: int) -> tuple[float, float]:
    """How often the interval holds the truth, with twins as one conversation, and with each on its own."""
    generator = np.random.default_rng([count, twins])
    held = np.zeros(2)
    numbers = np.repeat(np.arange(count), twins)
    for seed in range(runs):
        shared = generator.choice([-1.0, 0.0, 0.5], count, p=[0.08, 0.86, 0.06])
        own = generator.choice([-0.5, 0.0, 0.5], count * twins, p=[0.05, 0.9, 0.05])
        values = list(np.repeat(shared, twins) + own)
        for place, clusters in enumerate((list(numbers), None)):
            interval = mean_interval(values, 0.95, 2000, seed, clusters)
            held[place] += interval.low <= -0.05 <= interval.high
    return float(held[0] / runs), float(held[1] / runs)


def main() -> None:
    """Prints the tables of docs/reference/verdicts.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=400)
    runs, policy, start = parser.parse_args().runs, load_policy(ROOT / "policy.yaml"), time.perf_counter()
    print(f"{runs} suites a cell, policy {policy.digest[:12]}\n")
    print(
        "| answers | axis (margin) | cases | no loss: blocked | no loss: passed | no loss: improved "
        "| loss at the margin: passed | twice the margin: passed | twice the margin: blocked |"
    )
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for is_noisy in (False, True):
        for axis in ("danger_signs", "tone"):
            margin = policy.number(f"gate.axis_margins.{axis}")
            for count in (20, 60, 200):
                none, at, twice = (rates(count, loss, axis, is_noisy, runs, policy) for loss in (0, margin, 2 * margin))
                cells = [none["blocked"], sum(none[s] for s in PASSES), none["improved"]]
                cells += [sum(at[s] for s in PASSES), sum(twice[s] for s in PASSES), twice["blocked"]]
                figures = " | ".join(f"{100 * cell / runs:.1f} %" for cell in cells)
                print(f"| {'noisy' if is_noisy else 'steady'} | {axis} ({margin}) | {count} | {figures} |", flush=True)
    print("\n| conversations | twins of each | 95 % interval holds the truth | with twins taken as independent |")
    print("|---:|---:|---:|---:|")
    for count, twins in ((20, 1), (60, 1), (200, 1), (20, 3), (60, 3), (200, 3)):
        together, apart = coverage(count, twins, 5 * runs)
        print(f"| {count} | {twins} | {100 * together:.1f} % | {100 * apart:.1f} % |", flush=True)
    print(f"\n{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()

"""Whether the cause of a rise is named: changes planted in the real hour replayed as weeks.

    .venv/bin/python -m tests.bench.cost_causes [--seeds 30] [--messages 3000]

Each replay has its own seed, moment and size of 20 to 60 %. Printed are the share of replays whose planted factor is
named first, by factor and by how many hours of the last day it was in force; what else was named; the same of two
changes at once; and the time of a decomposition.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations

import numpy as np

from matria.costs.causes.base import FACTORS, Cause, Factor
from matria.costs.causes.decompose import decompose
from matria.costs.causes.tally import Sums
from matria.costs.sums import Window
from tests.bench.cost_replay import Plant, Replay, replay
from tests.bench.cost_traffic import CELLS, Traffic

DAY = timedelta(hours=24)
WARM_UP = timedelta(days=2)
HOURS = (24, 12, 6)
ASSISTANTS = sorted({cell.prompt_name for cell in CELLS})


@dataclass(frozen=True)
class Case:
    """One replay and what was found of it."""

    planted: tuple[Factor, ...]
    only: str
    hours: int
    rise: float
    cause: Cause
    seconds: float

    @property
    def named(self) -> tuple[Factor, ...]:
        """All factors, in the order of the report."""
        return tuple(part.factor for part in self.cause.parts)


def played(seed: int, factors: Sequence[Factor], hours: int, messages: int, only: str = "") -> Case:
    """A replay with these changes, seen so many hours after the change."""
    draw = np.random.default_rng([seed, FACTORS.index(factors[0]), len(factors)])
    start = Traffic(seed).start + timedelta(days=int(draw.integers(7)))
    at = start + WARM_UP + timedelta(hours=int(draw.integers(24)))
    rises = draw.uniform(0.2, 0.6, len(factors))
    traffic = Traffic(seed=seed * 100 + FACTORS.index(factors[0]), start=start, hours=96, messages_a_day=messages)
    plants = [Plant(factor, at, float(rise), only) for factor, rise in zip(factors, rises, strict=True)]
    made = replay(traffic, plants)
    sums = _sums(made, at, hours)
    began = time.perf_counter()
    cause = decompose(sums.where(lambda slot: slot == 1), sums.where(lambda slot: slot == 0), only)
    if cause is None or sum(part.usd for part in cause.parts) != cause.change_usd:
        raise AssertionError("The parts do not sum to the change.")
    return Case(tuple(factors), only, hours, min(made.rises), cause, time.perf_counter() - began)


def _sums(made: Replay, at: "np.datetime64 | object", hours: int) -> Sums:
    until = at + timedelta(hours=hours)  # type: ignore[operator]
    window = Window(until - 2 * DAY, until, DAY)
    return Sums(made.calls(window), made.messages(window))


def singles(seeds: range, hours: int, messages: int) -> Iterator[Case]:
    """One change in all assistants."""
    return (played(seed, [factor], hours, messages) for factor in FACTORS for seed in seeds)


def of_one_assistant(seeds: range, messages: int) -> Iterator[Case]:
    """One change in one assistant, seen in the assistant's own cause."""
    return (
        played(seed, [factor], 24, messages, ASSISTANTS[seed % len(ASSISTANTS)])
        for factor in FACTORS
        if factor not in ("price", "traffic_mix")
        for seed in seeds
    )


def pairs(seeds: range, messages: int) -> Iterator[Case]:
    """Two changes at once, each pair of factors."""
    return (played(seed, both, 24, messages) for both in combinations(FACTORS, 2) for seed in seeds)


def share(cases: Sequence[Case]) -> str:
    """How many name their factor first."""
    hits = sum(case.named[0] in case.planted for case in cases)
    return f"{hits / len(cases):6.1%} ({hits} of {len(cases)})"


def show(cases: Sequence[Case]) -> None:
    """By factor: how many, how large, and what was named instead."""
    for factor in FACTORS:
        mine = [case for case in cases if case.planted == (factor,)]
        if not mine:
            continue
        wrong = Counter(case.named[0] for case in mine if case.named[0] != factor)
        sizes = [case.rise for case in mine]
        said = ", ".join(f"{name} {count}" for name, count in wrong.most_common())
        print(f"  {factor:15} {share(mine)}  rises {min(sizes):.0%} to {max(sizes):.0%}  {said}")
    print(f"  {'all':15} {share(cases)}")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--messages", type=int, default=3000)
    asked = parser.parse_args()
    seeds = range(asked.seeds)
    for hours in HOURS:
        print(f"One change in all assistants, {hours} hours ago; {asked.messages} messages a day")
        cases = list(singles(seeds, hours, asked.messages))
        show(cases)
        print(f"  decompose: median {np.median([case.seconds for case in cases]) * 1000:.0f} ms")
    print("One change in one assistant, in its own cause")
    show(list(of_one_assistant(seeds, asked.messages)))
    both = list(pairs(range(max(asked.seeds // 10, 1)), asked.messages))
    found = sum(set(case.named[:2]) == set(case.planted) for case in both)
    print(f"Two changes at once: first is one of them in {share(both)}; both lead in {found / len(both):.1%}")


if __name__ == "__main__":
    main()

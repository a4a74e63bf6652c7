"""Whether the cause of a rise is named: changes planted in the real hour replayed as weeks.

    .venv/bin/python -m tests.bench.cost_causes [--seeds 30] [--messages 3000]

Each replay has its own seed, moment and size of 20 to 60 %. Printed are the share of replays whose planted factor is
named first, a day after the change and in the hour in which the last day is first dearer than policy.yaml allows; what
else was named; the same in one assistant, and of two changes at once; and the time of a decomposition.
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import combinations

import numpy as np

from matria import PROJECT_ROOT
from matria.costs.causes.base import FACTORS, Cause, Factor
from matria.costs.causes.decompose import decompose
from matria.costs.causes.landed import landed
from matria.costs.causes.tally import Sums
from matria.costs.sums import Window
from matria.policy import load_policy
from tests.bench.cost_replay import Plant, Replay, replay
from tests.bench.cost_traffic import CELLS, EPOCH, Traffic

DAY = timedelta(hours=24)
HOUR = timedelta(hours=1)
LANDS: dict[Factor, str] = {"price": "price", "prompt_tokens": "prompt", "output_tokens": "prompt"}
"""What a planted change of a factor leaves in the ledger, where it leaves anything."""
WARM_UP = timedelta(days=2)
ASSISTANTS = sorted({cell.prompt_name for cell in CELLS})


@dataclass(frozen=True)
class Case:
    """One replay and what was found of it."""

    planted: tuple[Factor, ...]
    only: str
    hours: int
    rise: float
    cause: Cause
    """With what landed, from the ledger alone."""
    seconds: float

    @property
    def named(self) -> tuple[Factor, ...]:
        """All factors, in the order of the report."""
        return tuple(part.factor for part in self.cause.parts)


def played(seed: int, factors: Sequence[Factor], messages: int, only: str = "", at_alert: bool = False) -> Case | None:
    """A replay with these changes, seen a day after them, or in the hour of an alert; None where there is no alert."""
    draw = np.random.default_rng([seed, FACTORS.index(factors[0]), len(factors)])
    start = Traffic(seed).start + timedelta(days=int(draw.integers(7)))
    at = start + WARM_UP + timedelta(hours=int(draw.integers(24)))
    rises = draw.uniform(0.2, 0.6, len(factors))
    number = seed * 100 + FACTORS.index(factors[0]) * 10 + FACTORS.index(factors[-1])
    traffic = Traffic(seed=number, start=start, hours=96, messages_a_day=messages)
    plants = [Plant(factor, at, float(rise), only) for factor, rise in zip(factors, rises, strict=True)]
    made = replay(traffic, plants)
    hours = _alert(made, at) if at_alert else 24
    if hours is None:
        return None
    sides = [_sums(made, at + timedelta(hours=hours) - back) for back in (DAY, timedelta(0))]
    began = time.perf_counter()
    cause = decompose(sides[0], sides[1], only)
    seconds = time.perf_counter() - began
    if cause is None or sum(part.usd for part in cause.parts) != cause.change_usd:
        raise AssertionError("The parts do not sum to the change.")
    cause = replace(cause, landed=landed(sides[0], sides[1], cause, only))
    return Case(tuple(factors), only, hours, min(made.rises), cause, seconds)


def _alert(made: Replay, at: datetime) -> int | None:
    """Hours from the change until the mean of the last day is above that of the day before by more than is allowed."""
    for hours in range(1, 25):
        until = at + timedelta(hours=hours)
        if _mean(made, until) > (1 + _allowed()) * _mean(made, until - DAY):
            return hours
    return None


def _mean(made: Replay, until: datetime) -> float:
    """Picodollars a message of the day up to then."""
    ends = [(moment - EPOCH) // timedelta(microseconds=1) for moment in (until - DAY, until)]
    low, high = np.searchsorted(made.drawn.at_us, ends)
    return float(made.pico[low:high][made.is_priced[low:high]].mean())


@cache
def _allowed() -> float:
    return load_policy(PROJECT_ROOT / "policy.yaml").number("costs.max_rise_24h")


def _sums(made: Replay, until: datetime) -> Sums:
    """A day by hours, as the watch reads it."""
    window = Window(until - DAY, until, HOUR)
    return Sums(made.calls(window), made.messages(window), until, HOUR)


def singles(seeds: range, messages: int, at_alert: bool = False) -> list[Case]:
    """One change in all assistants."""
    cases = (played(seed, [factor], messages, at_alert=at_alert) for factor in FACTORS for seed in seeds)
    return [case for case in cases if case]


def of_one_assistant(seeds: range, messages: int) -> list[Case]:
    """One change in one assistant, seen in the assistant's own cause."""
    cases = (
        played(seed, [factor], messages, ASSISTANTS[seed % len(ASSISTANTS)])
        for factor in FACTORS
        if factor not in ("price", "traffic_mix")
        for seed in seeds
    )
    return [case for case in cases if case]


def pairs(seeds: range, messages: int) -> list[Case]:
    """Two changes at once, each pair of factors."""
    cases = (played(seed, both, messages) for both in combinations(FACTORS, 2) for seed in seeds)
    return [case for case in cases if case]


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
    lands = [case for case in cases if case.planted[0] in LANDS]
    told = sum(case.cause.landed[:1] != () and case.cause.landed[0].what == LANDS[case.planted[0]] for case in lands)
    rest = [case for case in cases if case.planted[0] not in (*LANDS, "model_mix")]
    quiet = sum(not case.cause.landed for case in rest)
    print(f"  what landed leads the list: {told} of {len(lands)}; none is told where none did: {quiet} of {len(rest)}")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--messages", type=int, default=3000)
    asked = parser.parse_args()
    seeds = range(asked.seeds)
    print(f"One change in all assistants, a day ago; {asked.messages} messages a day")
    cases = singles(seeds, asked.messages)
    show(cases)
    print(f"  decompose: median {np.median([case.seconds for case in cases]) * 1000:.0f} ms")
    cases = singles(seeds, asked.messages, at_alert=True)
    waited = np.median([case.hours for case in cases])
    print(f"The same in the hour of the alert, {waited:.0f} hours after the change in the median")
    show(cases)
    print("One change in one assistant, in its own cause")
    show(of_one_assistant(seeds, asked.messages))
    both = pairs(range(max(asked.seeds // 10, 1)), asked.messages)
    found = sum(set(case.named[:2]) == set(case.planted) for case in both)
    print(f"Two changes at once: first is one of them in {share(both)}; both lead in {found / len(both):.1%}")


if __name__ == "__main__":
    main()

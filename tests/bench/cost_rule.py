"""How often the rules on cost ring falsely, and what they miss: on NAB's labelled series and on replayed weeks.

    .venv/bin/python -m tests.bench.cost_rule nab
    .venv/bin/python -m tests.bench.cost_rule replay --seeds 4 --planted 2

Every hour of a series is judged as `watch-costs` judges it, by the same code. The bare rule is the promise as it
stands: the last 24 hours dearer by more than a fifth than the 24 before. Each ingredient is added to it alone, then all
together, and taken from all together alone. Thresholds were chosen on every second series and the first half of seeds.
"""

import argparse
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from matria.costs.causes.base import FACTORS, Factor
from matria.costs.watching.base import Check, Finding
from matria.costs.watching.check import hours_needed
from matria.costs.watching.day import day_finding, rise_of
from matria.costs.watching.episodes import advance
from matria.costs.watching.gaps import too_few
from matria.costs.watching.hour import dearest_usd, hour_finding, jump_of
from matria.costs.watching.hours import DAY, HOUR, RECENT, Hours, read_hours
from matria.costs.watching.told import Rest, rest_of, with_told_by
from matria.costs.watching.values import Values, kept, values_of
from matria.policy import load_policy
from tests.bench.cost_replay import Plant, replay
from tests.bench.cost_traffic import Traffic
from tests.bench.nab import all_series

ROOT = Path(__file__).resolve().parents[2]
HEARD = timedelta(hours=48)
"""A planted change is a hit when it is told within this."""


@dataclass(frozen=True)
class Rule:
    """The rules with some of their ingredients."""

    name: str
    has_minimum: bool = False
    has_interval: bool = False
    has_episodes: bool = False
    is_told_once: bool = False
    has_hour: bool = False
    is_dearest: bool = True
    """Whether the hour must be dearer than every one of two days."""


BARE = Rule("bare")
FULL = Rule("all together", True, True, True, True, True)
RULES = (
    BARE,
    replace(BARE, name="bare + minimum of messages", has_minimum=True),
    replace(BARE, name="bare + interval", has_interval=True),
    replace(BARE, name="bare + episodes", has_episodes=True),
    replace(BARE, name="bare + told once", is_told_once=True),
    replace(FULL, name="day's rule whole, no hour's", has_hour=False),
    replace(FULL, name="hour's without dearest of two days", is_dearest=False),
    replace(FULL, name="all but the interval", has_interval=False),
    replace(FULL, name="all but episodes", has_episodes=False),
    replace(FULL, name="all but told once", is_told_once=False),
    FULL,
)


@dataclass(frozen=True)
class Raw:
    """What one hour of one scope shows, before any threshold."""

    day: Finding
    hour: Finding
    dearest_usd: float
    level: float | None
    rest: Rest
    """Of all scopes in that hour, by the rules as they are."""


@dataclass(frozen=True)
class Course:
    """A series or a replay, judged hour by hour."""

    name: str
    start: datetime
    days: float
    truths: tuple[tuple[datetime, datetime], ...]
    """Stretches in which it is right to ring."""
    hours: tuple[tuple[Raw, ...], ...]

    def is_false(self, at: datetime) -> bool:
        """Whether ringing then is a false alarm."""
        return not any(start <= at <= end for start, end in self.truths)


@dataclass(frozen=True)
class Score:
    """What a rule did on some courses."""

    days: float
    false_notices: int
    false_days: int
    """Days with at least one."""
    standing_days: int
    """Days in which the bare condition holds at some hour, outside the truths: a day that rings."""
    standing_truths: int
    """Truths in which it holds at some hour."""
    right_notices: int
    """Within the truths; one each would be enough."""
    truths: int
    delays_h: tuple[float, ...]
    """Of each truth that was told."""

    def row(self) -> str:
        """As a row of a table."""
        delay = f"{median(self.delays_h):.0f} h" if self.delays_h else "-"
        return (
            f"{self.false_notices} ({self.false_notices / self.days:.3f}) | {self.false_days} "
            f"({self.false_days / self.days:.1%}) | {len(self.delays_h)} of {self.truths} | {delay}"
        )


def judge(
    name: str, hours: Hours, first: int, truths: Sequence[tuple[datetime, datetime]], days: float, values: Values
) -> Course:
    """Each hour of `hours` from the one that has `first` behind it."""
    lines = tuple(_line(hours, back, values) for back in range(hours.count - first, -1, -1))
    return Course(name, hours.until - hours.count * HOUR, days, tuple(truths), lines)


def _line(hours: Hours, back: int, values: Values) -> tuple[Raw, ...]:
    scopes = sorted(hours.scopes)
    days = [day_finding(hours, scope, back, values) for scope in scopes]
    ends = [hour_finding(hours, scope, back, values) for scope in scopes]
    rest = rest_of([*days, *ends], hours, back, values)
    return tuple(
        Raw(
            day,
            end,
            dearest_usd(hours, scope, back, values),
            hours.level(scope, back, RECENT, values.min_messages),
            rest,
        )
        for scope, day, end in zip(scopes, days, ends, strict=True)
    )


def findings(raw: Raw, rule: Rule, values: Values) -> tuple[Finding, ...]:
    """The findings of one hour of one scope as the rule makes them."""
    limits = replace(values, min_sure_rise_24h=values.min_sure_rise_24h if rule.has_interval else -1.0)
    day, hour = raw.day, raw.hour
    few = too_few(day.last, day.before, values.min_messages if rule.has_minimum else 1)
    risen = () if few else rise_of(day.last, day.before, day.ratio, raw.level, limits)
    found = [replace(day, state="no_data" if few else "alert" if risen else "fine", reasons=few or risen)]
    if rule.has_hour:
        none = too_few(hour.last, hour.before, values.min_messages_1h)
        jump = () if none else jump_of(hour.last, hour.before, hour.ratio, values)
        if rule.is_dearest and float(hour.last.mean_usd or 0) <= raw.dearest_usd:
            jump = ()
        found.append(replace(hour, state="no_data" if none else "alert" if jump else "fine", reasons=none or jump))
    return tuple(found)


def notices(course: Course, rule: Rule, values: Values) -> list[datetime]:
    """When people are told that a message became dearer."""
    told: list[datetime] = []
    episodes, standing = (), set[tuple[str, str]]()
    for line in course.hours:
        found = [finding for raw in line for finding in findings(raw, rule, values)]
        if rule.is_told_once:
            found = list(with_told_by(found, line[0].rest, values))
        at = line[0].day.last.end
        if rule.has_episodes:
            episodes, steps = advance(episodes, Check(at, "bench", kept(values), tuple(found)))
            told += [at for step in steps if step.change in ("opened", "worsened")]
            continue
        rings = {(f.rule, f.scope) for f in found if f.state == "alert" and f.told_by is None}
        told += [at] * len(rings - standing)
        standing = rings
    return told


def score(courses: Iterable[Course], rule: Rule, values: Values) -> Score:
    """What the rule did on these courses."""
    days, wrong, wrong_days, standing, held, every, truths = 0.0, 0, 0, 0, 0, 0, 0
    delays: list[float] = []
    for course in courses:
        told = notices(course, rule, values)
        false = [at for at in told if course.is_false(at)]
        days, wrong, every = days + course.days, wrong + len(false), every + len(told) - len(false)
        wrong_days += len({(at - course.start) // (DAY * HOUR) for at in false})
        holds = _holds(course, values)
        standing += len({(at - course.start) // (DAY * HOUR) for at in holds if course.is_false(at)})
        held += sum(any(start <= at <= end for at in holds) for start, end in course.truths)
        truths += len(course.truths)
        first = [next((at for at in told if start <= at <= end), None) for start, end in course.truths]
        delays += [(at - start) / HOUR for at, (start, _) in zip(first, course.truths, strict=True) if at is not None]
    return Score(days, wrong, wrong_days, standing, held, every, truths, tuple(delays))


def _holds(course: Course, values: Values) -> list[datetime]:
    """The hours at which the bare condition holds in the first scope."""
    shown = ((line[0].day.last.end, findings(line[0], BARE, values)[0]) for line in course.hours)
    return [at for at, finding in shown if finding.state == "alert"]


HEADER = "| rule | false notices (a day) | days with one | told | median delay |\n|---|---:|---:|---:|---:|"


def nab(values: Values) -> None:
    """The tables on NAB."""
    halves: dict[str, list[Course]] = {"chosen": [], "held out": []}
    for series in all_series():
        course = judge(series.name, series.hours(), 2 * DAY, series.windows, series.days, values)
        halves[series.half].append(course)
    everything = [course for courses in halves.values() for course in courses]
    bare = score(everything, BARE, values)
    print(
        f"\n{len(everything)} series, {bare.days:.0f} series-days, {bare.truths} labelled windows; the bare condition "
        f"holds falsely in {bare.standing_days} days ({bare.standing_days / bare.days:.1%}), and in "
        f"{bare.standing_truths} windows"
    )
    for name, courses in (*halves.items(), ("all series", everything)):
        print(f"\n{name}: {len(courses)} series\n\n{HEADER}")
        for rule in RULES:
            print(f"| {rule.name} | {score(courses, rule, values).row()} |")


def planted(seed: int, factor: Factor | None, rise: float, days: int, a_day: int, values: Values) -> Course:
    """A replay with one change in its middle, or with none."""
    traffic = Traffic(seed=seed, hours=DAY * days, messages_a_day=a_day)
    at = traffic.start + timedelta(days=days // 2, hours=7 + seed % 12)
    played = replay(traffic, [Plant(factor, at, rise)] if factor else [])
    hours = read_hours(played, traffic.end, DAY * days)
    truths = [(at, at + HEARD)] if factor else []
    name = f"{factor or 'nothing'} {rise:+.0%} seed {seed}"
    return judge(name, hours, hours_needed(values), truths, days - 2, values)


def weeks(values: Values, seeds: int, plants: int, a_day: int, rises: Sequence[float]) -> None:
    """The tables on replayed weeks; without seeds those of planted changes alone."""
    quiet = [planted(seed, None, 0.0, 28, a_day, values) for seed in range(1, seeds + 1)]
    for name, courses in (("chosen", quiet[: seeds // 2]), ("held out", quiet[seeds // 2 :])) if quiet else ():
        print(f"\nfour weeks with nothing planted, {a_day} messages a day, seeds {name}: {len(courses)}\n\n{HEADER}")
        for rule in RULES:
            print(f"| {rule.name} | {score(courses, rule, values).row()} |")
    for rise in rises:
        print(f"\na rise of {rise:.0%} in the eighth day, {a_day} messages a day, {plants} seeds a cause\n")
        print("| planted | bare: told | delay | all: told | delay | notices a plant |\n|---|---:|---:|---:|---:|---:|")
        for factor in FACTORS:
            courses = [planted(100 + seed, factor, rise, 14, a_day, values) for seed in range(plants)]
            courses = [
                replace(c, hours=tuple(line for line in c.hours if line[0].day.last.end >= c.truths[0][0] - HEARD))
                for c in courses
            ]
            bare, full = score(courses, BARE, values), score(courses, FULL, values)
            shown = " | ".join(
                f"{len(of.delays_h)} of {of.truths} | {median(of.delays_h):.0f} h"
                if of.delays_h
                else f"0 of {of.truths} | -"
                for of in (bare, full)
            )
            print(f"| {factor} | {shown} | {full.right_notices / plants:.1f} |", flush=True)


def main() -> None:
    """Prints the tables of docs/reference/cost-alerts.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["nab", "replay"])
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--planted", type=int, default=2)
    parser.add_argument("--rises", type=float, nargs="*", default=[0.25, 0.3, 0.6])
    parser.add_argument("--messages-a-day", type=int, default=3000)
    parser.add_argument("--resamples", type=int, default=2000)
    chosen, start = parser.parse_args(), time.perf_counter()
    policy = load_policy(ROOT / "policy.yaml")
    values = replace(values_of(policy), bootstrap_resamples=float(chosen.resamples))
    print(f"policy {policy.digest[:12]}, {chosen.resamples} resamples")
    if chosen.what == "nab":
        nab(values)
    else:
        weeks(values, chosen.seeds, chosen.planted, chosen.messages_a_day, chosen.rises)
    print(f"\n{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()

"""Each item to one nurse, some blind to a second: even, in a language that she reads, on days when she is there.

Which items are read twice is drawn at random among those that two nurses can read, so that the agreement on them is
that of all. A lead reads first or second only what no nurse can, since whoever read an item cannot decide on it. What
nobody can read stays unassigned and is said.
"""

import random
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from evals.review.base import Assignment, Batch, Part, Reviewer, ReviewItem
from evals.review.fairness import Seat, Task, share_out
from evals.review.people import ReadingDays, knows, presence

ProblemCode = Literal["nobody_reads", "no_second", "lead_reads", "fewer_seconds", "stays", "left", "no_lead"]
"""Nobody who is there knows its language; a second is missing; a lead reads it, so cannot decide on it; fewer items
than the policy asks for can be read twice; its nurse is away and nobody else can take it; its nurse no longer
reads it and nobody else can take it; no lead can decide on it."""


ADD = "Add somebody, or change --language of one: matria review people."
"""What ends it that nobody reads an item."""


@dataclass(frozen=True)
class Problem:
    """What could not be assigned as it should be."""

    code: ProblemCode
    item_id: str
    """Empty where it is of the whole batch."""
    sentence: str


@dataclass(frozen=True)
class Assigned:
    """Who reads what, and what is not as it should be."""

    assignments: tuple[Assignment, ...]
    problems: tuple[Problem, ...]

    @property
    def unread(self) -> tuple[str, ...]:
        """Items that nobody reads."""
        return tuple(one.item_id for one in self.problems if one.code == "nobody_reads")


@dataclass(frozen=True)
class Terms:
    """When a batch is read."""

    days: ReadingDays
    assigned_at: datetime
    due_at: datetime


def assign(
    items: Sequence[ReviewItem],
    reviewers: Sequence[Reviewer],
    terms: Terms,
    second_readers: int,
    rng: random.Random,
    *,
    own: Mapping[str, str] | None = None,
    twice: Container[str] = frozenset(),
    carried: Mapping[str, float] | None = None,
) -> Assigned:
    """A first reader for each item and a second for `second_readers` of those sampled, and for those in `twice`.

    `own` names the nurse of each planned repeat; `carried` is of `carried_over`.
    """
    own, carried = own or {}, carried or {}
    present = {one.reviewer_id: one for one in reviewers if presence(one, terms.days) > 0}
    shared = [item for item in items if item.item_id not in own]
    able = {item.item_id: frozenset(name for name, one in present.items() if knows(one, item)) for item in shared}
    nurses = frozenset(name for name, one in present.items() if one.role == "nurse")
    drawn = _read_twice(shared, able, nurses, second_readers, rng)
    asked = drawn | {item.item_id for item in shared if item.item_id in twice}
    tasks = [Task(item.item_id, 1 + (item.item_id in asked), able[item.item_id]) for item in shared]
    held = list(own.values())
    seats = [_seat(one, terms.days, carried, held.count(name)) for name, one in sorted(present.items())]
    found = share_out(tasks, seats, rng)
    made: list[Assignment] = []
    for item in items:
        readers = [own[item.item_id]] if item.item_id in own else list(found.readers[item.item_id])
        rng.shuffle(readers)
        parts: tuple[Part, Part] = ("first", "second")
        made += [
            Assignment(item.item_id, name, part, terms.due_at, terms.assigned_at)
            for name, part in zip(readers, parts, strict=False)
        ]
    problems = _problems(items, made, present, asked, second_readers)
    return Assigned(tuple(made), tuple(problems))


def carried_over(
    batches: Sequence[Batch], items: Sequence[ReviewItem], assignments: Sequence[Assignment], newest: int = 4
) -> dict[str, float]:
    """By nurse, how many readings she had over the mean of those who read in the same week, in the newest weeks.

    A week in which she read nothing counts for nothing: who was away or is new owes nobody anything.
    """
    weeks = {batch.batch_id for batch in sorted(batches, key=lambda one: one.batch_id, reverse=True)[:newest]}
    week_of = {item.item_id: item.batch_id for item in items if item.batch_id in weeks}
    loads: dict[str, dict[str, int]] = {week: {} for week in weeks}
    for one in assignments:
        week = week_of.get(one.item_id)
        if week is not None and one.part in ("first", "second") and one.state != "withdrawn":
            loads[week][one.reviewer_id] = loads[week].get(one.reviewer_id, 0) + 1
    carried: dict[str, float] = {}
    for load in loads.values():
        for name, count in load.items():
            carried[name] = carried.get(name, 0.0) + count - sum(load.values()) / len(load)
    return carried


def _read_twice(
    items: Sequence[ReviewItem],
    able: Mapping[str, frozenset[str]],
    nurses: frozenset[str],
    count: int,
    rng: random.Random,
) -> frozenset[str]:
    """Items that are read twice: at random among the sampled ones that two nurses can read, then with a lead's help."""
    can = [item.item_id for item in items if item.kind == "sampled" and len(able[item.item_id]) > 1]
    rng.shuffle(can)
    can.sort(key=lambda item_id: len(able[item_id] & nurses) < 2)  # stable: chance orders the rest
    return frozenset(can[:count])


def _seat(reviewer: Reviewer, days: ReadingDays, carried: Mapping[str, float], held: int) -> Seat:
    name = reviewer.reviewer_id
    return Seat(name, presence(reviewer, days), carried.get(name, 0.0), held, reviewer.role == "lead")


def _problems(
    items: Sequence[ReviewItem],
    made: Sequence[Assignment],
    present: Mapping[str, Reviewer],
    twice: frozenset[str],
    second_readers: int,
) -> list[Problem]:
    found: list[Problem] = []
    for item in items:
        readers = [one.reviewer_id for one in made if one.item_id == item.item_id]
        if not readers:
            found.append(Problem("nobody_reads", item.item_id, f"Nobody who is there reads {item.locale}. {ADD}"))
        elif item.item_id in twice and len(readers) == 1:
            found.append(Problem("no_second", item.item_id, f"No second nurse who is there reads {item.locale}."))
        if item.kind != "repeat" and any(present[name].role == "lead" for name in readers if name in present):
            sentence = f"Too few nurses who are there read {item.locale}: a lead reads it, and cannot decide on it."
            found.append(Problem("lead_reads", item.item_id, sentence))
    sampled = sum(item.kind == "sampled" for item in items)
    if len(twice) < min(second_readers, sampled):
        sentence = f"{len(twice)} items are read by a second instead of {second_readers}: too few can read them."
        found.append(Problem("fewer_seconds", "", sentence))
    return found

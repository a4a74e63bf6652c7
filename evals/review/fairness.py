"""Who reads what, as evenly as languages and absences allow: a flow of least cost from items to nurses.

Each further item costs its nurse more than the one before, so that the cheapest flow is the most even one; greedy
choices fail where the one nurse who reads English has been given Portuguese first. The costs are those of Sainte-Laguë:
the k-th item of a nurse who is there on a share `w` of the days costs (k - 1/2) / w. The matrix of such a flow is
totally unimodular, so that the linear program's corner is whole.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_UNREAD = 1e6
"""Cost of one reading that nobody makes; over anything that a nurse's load or a lead can cost."""
_RESERVE = 1e3
"""Cost of a reading by a reserve; over any unevenness among the others."""
_TURN = 0.4
"""Most that earlier weeks weigh: they say whose turn the odd item is, and never outweigh an item of this week."""
_CHANCE = 1e-3
"""Most that chance weighs: it decides among what is equal."""
_WHOLE = 0.5


@dataclass(frozen=True)
class Task:
    """An item, how many must read it, and who can."""

    item_id: str
    readers: int
    able: frozenset[str]


@dataclass(frozen=True)
class Seat:
    """One who reads."""

    reviewer_id: str
    presence: float
    """Share of the days, over 0."""
    carried: float = 0.0
    """Items that she read more than her share in recent weeks; below 0 where fewer."""
    held: int = 0
    """Items that are hers already."""
    is_reserve: bool = False
    """Reads only what nobody else can."""


@dataclass(frozen=True)
class Shared:
    """Who reads what."""

    readers: Mapping[str, tuple[str, ...]]
    """Reviewer ids by item; fewer than asked for where there are no more."""
    missing: Mapping[str, int] = field(default_factory=dict)
    """Readings that nobody can make, by item."""


def share_out(tasks: Sequence[Task], seats: Sequence[Seat], rng: random.Random) -> Shared:
    """Each item with as many readers as can be had, all different, as even as can be."""
    if not tasks:
        return Shared({})
    by_id = {seat.reviewer_id: seat for seat in seats}
    arcs = [(task.item_id, name) for task in tasks for name in sorted(task.able & by_id.keys())]
    taken = _cheapest(tasks, seats, arcs, rng) if arcs else set()
    readers = {
        task.item_id: tuple(name for item_id, name in arcs if item_id == task.item_id and (item_id, name) in taken)
        for task in tasks
    }
    missing = {task.item_id: task.readers - len(readers[task.item_id]) for task in tasks}
    return Shared(readers, {item_id: count for item_id, count in missing.items() if count})


def _cheapest(
    tasks: Sequence[Task], seats: Sequence[Seat], arcs: Sequence[tuple[str, str]], rng: random.Random
) -> set[tuple[str, str]]:
    """The arcs of the cheapest flow. Columns: arcs, then what nobody reads by task, then each seat's steps."""
    import numpy as np
    from scipy.optimize import linprog

    most = sum(task.readers for task in tasks)
    steps = [(seat, number) for seat in seats for number in range(1, most + 1)]
    first_step = len(arcs) + len(tasks)
    cost = [rng.uniform(0, _CHANCE) for _ in arcs] + [_UNREAD] * len(tasks) + [_price(*one, seats) for one in steps]
    ends = np.zeros((len(tasks) + len(seats), len(cost)))
    task_row = {task.item_id: number for number, task in enumerate(tasks)}
    seat_row = {seat.reviewer_id: len(tasks) + number for number, seat in enumerate(seats)}
    for column, (item_id, name) in enumerate(arcs):
        ends[task_row[item_id], column] = 1
        ends[seat_row[name], column] = 1
    for number in range(len(tasks)):
        ends[number, len(arcs) + number] = 1
    for column, (seat, _) in enumerate(steps, start=first_step):
        ends[seat_row[seat.reviewer_id], column] = -1
    most_each = [1] * len(arcs) + [task.readers for task in tasks] + [1] * len(steps)
    right = [task.readers for task in tasks] + [0] * len(seats)
    found = linprog(cost, A_eq=ends, b_eq=right, bounds=[(0, most) for most in most_each], method="highs-ds")
    chosen = np.asarray(found.x)[: len(arcs)] > _WHOLE
    return {arc for arc, is_chosen in zip(arcs, chosen, strict=True) if is_chosen}


def _price(seat: Seat, number: int, seats: Sequence[Seat]) -> float:
    """What a seat's item of that number costs."""
    load = (seat.held + number - 0.5) / seat.presence
    return load + _turn(seat, seats) + (_RESERVE if seat.is_reserve else 0)


def _turn(seat: Seat, seats: Sequence[Seat]) -> float:
    """From 0 for who has read least of late to `_TURN` for who has read most."""
    carried = [one.carried for one in seats]
    width = max(carried) - min(carried)
    return _TURN * (seat.carried - min(carried)) / width if width else 0.0

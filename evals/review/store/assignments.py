"""Who reads which item until when, and what a form needs to show it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, insert, select, update

from evals.review.base import Assignment, Offer
from evals.review.store.database import microseconds
from evals.review.store.rows import assignment_of, assignment_row, disputed_cell, item_of, reviewer_of
from evals.review.store.shelf import Shelf, hers
from evals.review.store.tables import ASSIGNMENTS, ITEMS, PEOPLE
from matria.errors import InputError


class Assignments(Shelf):
    """See `evals.review.records.ReviewRecords`."""

    def assignments(
        self, *, batch_id: str | None = None, reviewer_id: str | None = None, item_id: str | None = None
    ) -> Sequence[Assignment]:
        """Those that fit, in the order in which they were made; withdrawn ones too."""
        of = ASSIGNMENTS.c
        query = select(ASSIGNMENTS).order_by(of.made)
        if batch_id is not None:
            query = query.where(ITEMS.c.item_id == of.item_id, ITEMS.c.batch_id == batch_id)
        if reviewer_id is not None:
            query = query.where(of.reviewer_id == reviewer_id)
        if item_id is not None:
            query = query.where(of.item_id == item_id)
        with self._database.reading() as connection:
            return [assignment_of(row) for row in connection.execute(query)]

    def assign(self, assignments: Sequence[Assignment]) -> None:
        """New assignments, or one with another due date or other disputed questions; one that was withdrawn is open
        again; what she submitted stays. Idempotent."""
        with self._database.writing() as connection:
            for assignment in assignments:
                _assign(connection, assignment)

    def withdraw(self, item_id: str, reviewer_id: str) -> bool:
        """Whether it was open."""
        still = hers(ASSIGNMENTS, item_id, reviewer_id) & (ASSIGNMENTS.c.state == "open")
        with self._database.writing() as connection:
            return bool(connection.execute(update(ASSIGNMENTS).where(still).values(state="withdrawn")).rowcount)

    def reminded(self, item_id: str, reviewer_id: str, at: datetime) -> None:
        """She was reminded of it."""
        one = update(ASSIGNMENTS).where(hers(ASSIGNMENTS, item_id, reviewer_id))
        at_us = microseconds(at)
        with self._database.writing() as connection:
            connection.execute(one.values(reminded_us=at_us))

    def offers(self, reviewer_id: str | None = None) -> Sequence[Offer]:
        """The open assignments with all that a form needs; oldest due first; `disputed` is the assignment's."""
        with self._database.reading() as connection:
            rows = connection.execute(_offered(reviewer_id)).all()
        return [_offer(row) for row in rows]


def add_assignments(connection: Connection, assignments: Sequence[Assignment]) -> None:
    """New ones, of items that are there. Raises `InputError` for a nurse or an item that is not known."""
    _check_known(connection, assignments)
    if assignments:
        connection.execute(insert(ASSIGNMENTS), [assignment_row(one) for one in assignments])


def _assign(connection: Connection, assignment: Assignment) -> None:
    mine = hers(ASSIGNMENTS, assignment.item_id, assignment.reviewer_id)
    row = connection.execute(select(ASSIGNMENTS.c.state).where(mine)).first()
    if row is None:
        add_assignments(connection, [assignment])
        return
    values: dict[str, Any] = {"due_us": microseconds(assignment.due_at), "disputed": disputed_cell(assignment)}
    erased = select(ITEMS.c.erased_us).where(ITEMS.c.item_id == assignment.item_id)
    if row.state == "withdrawn" and connection.execute(erased).scalar() is None:
        values |= {"state": "open", "part": assignment.part, "assigned_us": microseconds(assignment.assigned_at)}
    connection.execute(update(ASSIGNMENTS).where(mine).values(values))


def _check_known(connection: Connection, assignments: Sequence[Assignment]) -> None:
    for table, name in ((ITEMS, "item_id"), (PEOPLE, "reviewer_id")):
        wanted = {getattr(one, name) for one in assignments}
        missing = sorted(wanted - _known(connection, table, name, wanted))
        if missing:
            raise InputError(
                f"There is no {'item' if table is ITEMS else 'reviewer'} {missing[0]}: put it before it is assigned."
            )


def _known(connection: Connection, table: Table, name: str, wanted: set[str]) -> set[str]:
    column = table.c[name]
    return set(connection.execute(select(column).where(column.in_(wanted))).scalars()) if wanted else set()


def _offered(reviewer_id: str | None) -> Select[Any]:
    """Columns of the three tables side by side, each under its table's letter; none of where an item comes from."""
    columns = [
        column.label(f"{letter}_{column.name}")
        for letter, table in (("a", ASSIGNMENTS), ("i", ITEMS), ("p", PEOPLE))
        for column in table.c
    ]
    of = ASSIGNMENTS.c
    query = select(*columns).where(of.item_id == ITEMS.c.item_id, of.reviewer_id == PEOPLE.c.reviewer_id)
    if reviewer_id is not None:
        query = query.where(of.reviewer_id == reviewer_id)
    return query.where(of.state == "open").order_by(of.due_us, of.made)


class _Part:
    """The columns of one table in a row of several."""

    def __init__(self, row: Any, letter: str) -> None:
        self._row, self._letter = row, letter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, f"{self._letter}_{name}")


def _offer(row: Any) -> Offer:
    assignment = assignment_of(_Part(row, "a"))
    return Offer(item_of(_Part(row, "i")), assignment, reviewer_of(_Part(row, "p")), assignment.disputed)

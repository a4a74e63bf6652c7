"""What each part of the records works with: the database, the mask, the clock; and what they look up for each other."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select

from evals.review.base import ReviewItem
from evals.review.records import AuditLine
from evals.review.store.database import Database, microseconds
from evals.review.store.masking import Masking
from evals.review.store.rows import item_of
from evals.review.store.tables import ASSIGNMENTS, AUDIT, ITEMS, REVIEWS
from matria.clock import utc_now


class Shelf:
    """One part of the records."""

    def __init__(self, place: Path | str, mask: Callable[[str], str], clock: Callable[[], datetime] = utc_now) -> None:
        """`place` is a SQLite file, or the address of a PostgreSQL; `mask` takes personal data out of a text.

        `clock` says when texts were erased; all other times come with what is kept.
        """
        self._database = Database(place)
        self._masking = Masking(mask)
        self._clock = clock


def hers(table: Table, item_id: str, reviewer_id: str) -> ColumnElement[bool]:
    """Of one item and one nurse."""
    return (table.c.item_id == item_id) & (table.c.reviewer_id == reviewer_id)


def assignment_row_of(connection: Connection, item_id: str, reviewer_id: str) -> Any:
    """Her assignment to the item. Raises `PermissionError` where there is none, or no such item."""
    row = connection.execute(select(ASSIGNMENTS).where(hers(ASSIGNMENTS, item_id, reviewer_id))).first()
    if row is None:
        raise PermissionError("This item was never assigned to whoever asked for it.")
    return row


def item_row_of(connection: Connection, item_id: str) -> tuple[ReviewItem, bool]:
    """The item, and whether its texts were erased."""
    row = connection.execute(select(ITEMS).where(ITEMS.c.item_id == item_id)).one()
    return item_of(row), row.erased_us is not None


def standing_row(connection: Connection, item_id: str, reviewer_id: str) -> Any:
    """Her highest revision of those that were not taken back."""
    mine = select(REVIEWS).where(hers(REVIEWS, item_id, reviewer_id), REVIEWS.c.retracted_us.is_(None))
    return connection.execute(mine.order_by(REVIEWS.c.revision.desc()).limit(1)).first()


def is_erased(connection: Connection, item_id: str) -> bool:
    """Whether the item's texts were erased."""
    found = select(ITEMS.c.item_id).where(ITEMS.c.item_id == item_id, ITEMS.c.erased_us.is_not(None))
    return connection.execute(found).first() is not None


def add_line(connection: Connection, at: datetime, who: str, did: str, thing: str = "", detail: str = "") -> None:
    """One more line of the audit log."""
    values = {"at_us": microseconds(at), "who": who, "did": did, "thing": thing, "detail": detail}
    connection.execute(AUDIT.insert().values(values))


def add_audit(connection: Connection, line: AuditLine | None, detail: str = "") -> None:
    """The line is added, where there is one; without a detail of its own it has this one."""
    if line is not None:
        add_line(connection, line.at, line.who, line.did, line.thing, line.detail or detail)

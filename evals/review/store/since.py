"""What counts of the reviews, and what came in or was taken back since somebody last looked."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, select

from evals.review.base import Retraction, Review
from evals.review.store.database import microseconds, moment
from evals.review.store.rows import review_of
from evals.review.store.shelf import Shelf
from evals.review.store.tables import ITEMS, REVIEWS


class Since(Shelf):
    """See `evals.review.records.ReviewRecords`."""

    def submitted_after(self, sequence: int, form: Literal["web", "notion"]) -> Sequence[Review]:
        """Those of a form that stand and came after the one of that number, in the order in which they came."""
        came_after = standing_ones().where(REVIEWS.c.sequence > sequence)
        with self._database.reading() as connection:
            rows = highest(connection.execute(came_after))
        return [review_of(row) for row in rows if row.form == form]

    def retracted_since(self, since: datetime | None, form: Literal["web", "notion"]) -> Sequence[Retraction]:
        """Those of a form that were taken back at or after a moment, or ever, the oldest first."""
        of = REVIEWS.c
        query = select(of.item_id, of.reviewer_id, of.retracted_us).where(of.form == form).distinct()
        query = query.where(of.retracted_us.is_not(None) if since is None else of.retracted_us >= microseconds(since))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(of.retracted_us, of.item_id, of.reviewer_id)).all()
        return [Retraction(row.item_id, row.reviewer_id, moment(row.retracted_us)) for row in rows]

    def settled(self, by: datetime, batch_id: str | None = None) -> Sequence[Review]:
        """The reviews that count: of each item and nurse the highest revision that was submitted before `by`.

        A newer one that can still be undone does not push an older one out before it is settled itself.
        """
        query = standing_ones().where(REVIEWS.c.submitted_us < microseconds(by))
        if batch_id is not None:
            query = query.where(ITEMS.c.item_id == REVIEWS.c.item_id, ITEMS.c.batch_id == batch_id)
        with self._database.reading() as connection:
            rows = highest(connection.execute(query))
        return [review_of(row) for row in rows]


def standing_ones() -> Select[Any]:
    """Revisions that were not taken back, the lowest first."""
    return select(REVIEWS).where(REVIEWS.c.retracted_us.is_(None)).order_by(REVIEWS.c.revision)


def highest(rows: Iterable[Any]) -> Sequence[Any]:
    """Of each item and nurse the last of the rows, in the order in which they came."""
    last = {(row.item_id, row.reviewer_id): row for row in rows}
    return sorted(last.values(), key=lambda row: int(row.sequence))

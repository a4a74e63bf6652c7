"""The audit log, which the database itself keeps from changing, and how far forms outside were read."""

from collections.abc import Sequence

from sqlalchemy import func, insert, select, update

from evals.review.records import AuditLine
from evals.review.store.database import moment
from evals.review.store.shelf import Shelf, add_line
from evals.review.store.tables import AUDIT, BATCHES, CURSORS, REVIEWS


class Audit(Shelf):
    """See `evals.review.records.ReviewRecords`."""

    def log(self, line: AuditLine) -> None:
        """Added to the audit log, which nothing changes."""
        with self._database.writing() as connection:
            add_line(connection, line.at, line.who, line.did, line.thing, line.detail)

    def audit(self, newest: int = 200) -> Sequence[AuditLine]:
        """Newest first, by the order in which they came."""
        query = select(AUDIT).order_by(AUDIT.c.line.desc()).limit(newest)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [AuditLine(moment(row.at_us), row.who, row.did, row.thing, row.detail) for row in rows]

    def cursor(self, form: str) -> str:
        """Up to where a form was read; empty at first."""
        with self._database.reading() as connection:
            cursor = connection.execute(select(CURSORS.c.cursor).where(CURSORS.c.form == form)).scalar()
        return cursor or ""

    def set_cursor(self, form: str, cursor: str) -> None:
        """Up to where a form was read."""
        with self._database.writing() as connection:
            if not connection.execute(update(CURSORS).where(CURSORS.c.form == form).values(cursor=cursor)).rowcount:
                connection.execute(insert(CURSORS).values(form=form, cursor=cursor))

    def ping(self) -> str:
        """How many batches and reviews there are, and where."""
        reviews = select(func.count()).select_from(REVIEWS).where(REVIEWS.c.retracted_us.is_(None))
        with self._database.reading() as connection:
            batches = connection.execute(select(func.count()).select_from(BATCHES)).scalar_one()
            submitted = connection.execute(reviews).scalar_one()
        return f"batches: {batches}, reviews: {submitted} ({self._database.name})"

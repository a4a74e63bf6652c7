"""Who may sign in: kept under the address in lower case, which is one person's."""

from collections.abc import Sequence

from sqlalchemy import insert, select, update

from evals.review.base import Reviewer
from evals.review.store.rows import reviewer_of, reviewer_row
from evals.review.store.shelf import Shelf
from evals.review.store.tables import PEOPLE
from matria.errors import InputError


class People(Shelf):
    """See `evals.review.records.ReviewRecords`."""

    def reviewers(self) -> Sequence[Reviewer]:
        """All, by name; those who are no longer active too."""
        with self._database.reading() as connection:
            found = [reviewer_of(row) for row in connection.execute(select(PEOPLE))]
        return sorted(found, key=lambda one: (one.name.casefold(), one.reviewer_id))

    def put_reviewer(self, reviewer: Reviewer) -> None:
        """New, or changed; an address that another has raises `InputError`."""
        row = reviewer_row(reviewer)
        known = PEOPLE.c.reviewer_id == reviewer.reviewer_id
        others = (PEOPLE.c.address == row["address"]) & (PEOPLE.c.reviewer_id != reviewer.reviewer_id)
        with self._database.writing() as connection:
            other = connection.execute(select(PEOPLE.c.reviewer_id).where(others)).scalar()
            if other is not None:
                raise InputError(f"That address is already the one of {other}: give each person her own.")
            if not connection.execute(update(PEOPLE).where(known).values(row)).rowcount:
                connection.execute(insert(PEOPLE).values(row))

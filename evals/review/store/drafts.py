"""Answers that are not submitted: a version each time they are saved, so that two open pages do not undo each other.

What was submitted leaves an empty draft whose version counts on: a page that was open before does not bring the old
draft back. After an undo the fields are those of `fields_of`.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from evals.review.base import OPTIONS, Answers
from evals.review.records import Draft
from evals.review.store.database import microseconds, moment
from evals.review.store.shelf import Shelf, assignment_row_of, hers, item_row_of, standing_row
from evals.review.store.tables import DRAFTS


class Drafts(Shelf):
    """See `evals.review.records.ReviewRecords`."""

    def draft(self, item_id: str, reviewer_id: str) -> Draft | None:
        """What she left half-filled."""
        with self._database.reading() as connection:
            row = draft_row_of(connection, item_id, reviewer_id)
        return None if row is None else _draft(row)

    def save_draft(self, draft: Draft, expected_version: int, expected_revision: int | None = None) -> Draft | None:
        """The draft as it stands now, or None where another version was saved, or another revision sent, meanwhile.

        The same fields again are the draft that stands. Raises `PermissionError` where the item was never assigned to
        her. Of an item whose texts were erased nothing but answers is kept.
        """
        with self._database.writing() as connection:
            assignment_row_of(connection, draft.item_id, draft.reviewer_id)
            item, is_erased = item_row_of(connection, draft.item_id)
            given = {name: text for name, text in draft.fields.items() if not is_erased or name in OPTIONS}
            fields = self._masking.fields(given, item)
            row = _row(connection, draft.item_id, draft.reviewer_id)
            if row is not None and row.fields is not None and json.loads(row.fields) == fields:
                return _draft(row)
            review = standing_row(connection, draft.item_id, draft.reviewer_id)
            if expected_revision not in (None, 0 if review is None else review.revision):
                return None
            may_begin = expected_version == 0 and (row is None or row.fields is None)
            if not may_begin and (row is None or row.version != expected_version):
                return None
            put_draft(connection, draft.item_id, draft.reviewer_id, fields, draft.saved_at)
            return _draft(_row(connection, draft.item_id, draft.reviewer_id))


def fields_of(answers: Answers) -> dict[str, Any]:
    """Submitted answers as a draft: each question under its name, `comment`, `teach`, and `highlights` as a list."""
    highlights = [asdict(one) for one in answers.highlights]
    given: dict[str, Any] = {str(question): answer for question, answer in answers.given.items()}
    return given | {"comment": answers.comment, "teach": answers.teach, "highlights": highlights}


def put_draft(
    connection: Connection, item_id: str, reviewer_id: str, fields: Mapping[str, Any] | None, at: datetime
) -> None:
    """The next version of her draft; without fields it is none, and its version counts on."""
    values = {"fields": None if fields is None else json.dumps(fields), "saved_us": microseconds(at)}
    mine = hers(DRAFTS, item_id, reviewer_id)
    saved = update(DRAFTS).where(mine).values(**values, version=DRAFTS.c.version + 1)
    if not connection.execute(saved).rowcount:
        connection.execute(insert(DRAFTS).values(item_id=item_id, reviewer_id=reviewer_id, version=1, **values))


def draft_row_of(connection: Connection, item_id: str, reviewer_id: str) -> Any:
    """Her draft, where there is one with fields."""
    row = _row(connection, item_id, reviewer_id)
    return None if row is None or row.fields is None else row


def _row(connection: Connection, item_id: str, reviewer_id: str) -> Any:
    return connection.execute(select(DRAFTS).where(hers(DRAFTS, item_id, reviewer_id))).first()


def _draft(row: Any) -> Draft:
    return Draft(row.item_id, row.reviewer_id, json.loads(row.fields), moment(row.saved_us), row.version)

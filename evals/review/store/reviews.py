"""What nurses submitted: each submission a revision, and nothing of it ever changed but that it was taken back.

The highest revision that was not taken back stands. An undo takes back that one alone, so that what she had said before
it stands again while she goes on, and the item is still hers and read; a page that was deleted in a form outside takes
back all that it had said by then.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from evals.review.base import Answers, Part, Retraction, Review
from evals.review.records import AuditLine, SubmitState, Submitted
from evals.review.store.database import microseconds
from evals.review.store.drafts import draft_row_of, fields_of, put_draft
from evals.review.store.rows import answers_of, review_of, review_row
from evals.review.store.shelf import Shelf, add_audit, assignment_row_of, hers, is_erased, item_row_of, standing_row
from evals.review.store.tables import ASSIGNMENTS, REVIEWS


class Reviews(Shelf):
    """See `evals.review.records.ReviewRecords`."""

    def standing(self, item_id: str, reviewer_id: str) -> Review | None:
        """What she submitted of it and did not take back; its revision is what her next submission expects."""
        with self._database.reading() as connection:
            row = standing_row(connection, item_id, reviewer_id)
        return None if row is None else review_of(row)

    def submit(
        self,
        review: Review,
        expected_revision: int,
        draft_version: int | None = None,
        line: AuditLine | None = None,
    ) -> Submitted:
        """What came of it; `stale` too where a draft stands that is not of that version, which it would throw away.

        The part is that of her assignment, whatever the review says. The line is kept with the review or not at all.
        """
        microseconds(review.submitted_at)
        with self._database.writing() as connection:
            assignment, answers = self._read(connection, review)
            row = standing_row(connection, review.item_id, review.reviewer_id)
            stands = 0 if row is None else int(row.revision)
            if row is not None and _says(row, answers, _part(assignment)):
                _close(connection, assignment)
                return Submitted("same", stands)
            draft = draft_row_of(connection, review.item_id, review.reviewer_id)
            is_unseen = draft is not None and draft_version not in (None, draft.version)
            if stands != expected_revision or is_unseen:
                return Submitted("stale", stands)
            revision = _keep(connection, assignment, replace(review, answers=answers))
            state: SubmitState = "extra" if assignment.state == "withdrawn" else "kept"
            add_audit(connection, line, state)
            return Submitted(state, revision)

    def take(self, review: Review) -> SubmitState:
        """A review that a form outside returned; idempotent by its answers.

        One that is older than what she said last, or than when she took that back, is `stale`. Raises `PermissionError`
        where the item was never assigned to her.
        """
        at_us = microseconds(review.submitted_at)
        with self._database.writing() as connection:
            assignment, answers = self._read(connection, review)
            last = _last(connection, review.item_id, review.reviewer_id)
            if last is not None and last.retracted_us is None and _says(last, answers, _part(assignment)):
                _close(connection, assignment)
                return "same"
            if last is not None and _is_over(last, at_us, answers):
                return "stale"
            _keep(connection, assignment, replace(review, answers=answers))
            state: SubmitState = "extra" if assignment.state == "withdrawn" else "kept"
            line = AuditLine(self._clock(), review.reviewer_id, "submitted", review.item_id, f"{state}_{review.form}")
            add_audit(connection, line)
            return state

    def undo(
        self,
        item_id: str,
        reviewer_id: str,
        at: datetime,
        not_before: datetime,
        revision: int | None = None,
        line: AuditLine | None = None,
    ) -> bool:
        """Whether the review was taken back; where a revision is named, that one and no other.

        A draft that was saved since is what she wrote last, so it is left as it is. The line is kept with what it says.
        """
        at_us, from_us = microseconds(at), microseconds(not_before)
        with self._database.writing() as connection:
            row = standing_row(connection, item_id, reviewer_id)
            if row is None or row.submitted_us < from_us or revision not in (None, row.revision):
                return False
            is_taken = assignment_row_of(connection, item_id, reviewer_id).state == "withdrawn"
            if is_taken or is_erased(connection, item_id):
                return False
            _take_back(connection, REVIEWS.c.sequence == row.sequence, at_us)
            add_audit(connection, line)
            if standing_row(connection, item_id, reviewer_id) is None:
                _open_again(connection, item_id, reviewer_id)
            draft = draft_row_of(connection, item_id, reviewer_id)
            if draft is None or draft.saved_us < row.submitted_us:
                put_draft(connection, item_id, reviewer_id, fields_of(answers_of(row)), at)
        return True

    def retract(self, retraction: Retraction) -> bool:
        """Whether a review stood that does not stand any more: one that was submitted by then."""
        at_us = microseconds(retraction.at)
        mine = hers(REVIEWS, retraction.item_id, retraction.reviewer_id)
        with self._database.writing() as connection:
            row = standing_row(connection, retraction.item_id, retraction.reviewer_id)
            known = connection.execute(select(REVIEWS.c.sequence).where(mine, REVIEWS.c.retracted_us == at_us)).first()
            if row is None or known is not None or row.submitted_us > at_us:
                return False
            _take_back(connection, mine, at_us)
            _open_again(connection, retraction.item_id, retraction.reviewer_id)
            who, item_id = retraction.reviewer_id, retraction.item_id
            add_audit(connection, AuditLine(self._clock(), who, "undid", item_id, row.form))
        return True

    def _read(self, connection: Connection, review: Review) -> tuple[Any, Answers]:
        """Her assignment, and her answers as they may be kept."""
        assignment = assignment_row_of(connection, review.item_id, review.reviewer_id)
        item, is_gone = item_row_of(connection, review.item_id)
        answers = self._masking.answers(review.answers, item)
        return assignment, replace(answers, comment="", highlights=()) if is_gone else answers


def _last(connection: Connection, item_id: str, reviewer_id: str) -> Any:
    """Her highest revision, taken back or not."""
    mine = select(REVIEWS).where(hers(REVIEWS, item_id, reviewer_id))
    return connection.execute(mine.order_by(REVIEWS.c.revision.desc()).limit(1)).first()


def _part(assignment: Any) -> Part:
    part: Part = "extra" if assignment.state == "withdrawn" else assignment.part
    return part


def _says(row: Any, answers: Answers, part: Part) -> bool:
    return answers_of(row) == answers and row.part == part


def _is_over(last: Any, at_us: int, answers: Answers) -> bool:
    """Whether what comes from outside is older than what is known; a form that knows minutes alone may be even."""
    if last.retracted_us is None:
        return bool(at_us < last.submitted_us)
    is_repeated = at_us == last.submitted_us and answers_of(last) == answers
    return bool(at_us < last.retracted_us) or is_repeated


def _keep(connection: Connection, assignment: Any, review: Review) -> int:
    """The revision under which it is kept; her assignment is closed, and her draft is none any more."""
    mine = hers(REVIEWS, review.item_id, review.reviewer_id)
    highest = connection.execute(select(func.max(REVIEWS.c.revision)).where(mine)).scalar() or 0
    kept = replace(review, revision=int(highest) + 1, part=_part(assignment))
    connection.execute(insert(REVIEWS).values(review_row(kept)))
    _close(connection, assignment)
    put_draft(connection, review.item_id, review.reviewer_id, None, review.submitted_at)
    return kept.revision


def _close(connection: Connection, assignment: Any) -> None:
    is_open = (ASSIGNMENTS.c.made == assignment.made) & (ASSIGNMENTS.c.state == "open")
    connection.execute(update(ASSIGNMENTS).where(is_open).values(state="submitted"))


def _open_again(connection: Connection, item_id: str, reviewer_id: str) -> None:
    """Hers to be read once more; what was erased nobody can read."""
    is_closed = hers(ASSIGNMENTS, item_id, reviewer_id) & (ASSIGNMENTS.c.state == "submitted")
    state = "withdrawn" if is_erased(connection, item_id) else "open"
    connection.execute(update(ASSIGNMENTS).where(is_closed).values(state=state))


def _take_back(connection: Connection, which: ColumnElement[bool], at_us: int) -> None:
    standing = which & REVIEWS.c.retracted_us.is_(None)
    connection.execute(update(REVIEWS).where(standing).values(retracted_us=at_us))

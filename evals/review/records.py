"""The port that keeps the nurses' week: batches, items and their origins, people, assignments, drafts, reviews.

Everything that was ever submitted stays, each submission a revision; what is taken back is marked. Whoever reckons asks
for settled reviews: those whose time to undo is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from evals.review.base import Assignment, Batch, Offer, Origin, Retraction, Review, Reviewer, ReviewItem

SubmitState = Literal["kept", "same", "stale", "extra"]
"""Kept; the same submission again (a double click), nothing changed; somebody submitted a newer revision meanwhile,
nothing changed; kept though the item had been taken from her."""


@dataclass(frozen=True)
class Submitted:
    """What came of a submission."""

    state: SubmitState
    revision: int
    """The one that stands now."""


@dataclass(frozen=True)
class Draft:
    """Answers that are not submitted; what is half-filled is as it was left."""

    item_id: str
    reviewer_id: str
    fields: dict[str, Any]
    """As the form sent them; texts masked."""
    saved_at: datetime
    version: int
    """Counts up with each save, so that two open pages do not overwrite each other unseen."""


@dataclass(frozen=True)
class AuditLine:
    """Who did what to which thing; no text of a conversation, no answer, no address."""

    at: datetime
    who: str
    """Reviewer id, `system`, or empty where nobody was signed in."""
    did: str
    """Code, such as `signed_in`, `opened_item`, `submitted`, `undid`, `refused_foreign_item`."""
    thing: str = ""
    detail: str = ""


class ReviewRecords(Protocol):
    """Keeps the nurses' week.

    1. Each call is one transaction, durable when it returns; processes may call at once. Raises `StorageError`.
    2. `put_batch` keeps a batch with its items, origins and assignments together or not at all, those of queues that
       come of the same draw too, and is idempotent: a `batch_id` that is known changes nothing and gives False, but an
       `empty` one gives way to one that is not.
    3. `put_items` adds items to a queue outside a week (`batch_id` begins with `queue-`), idempotent by `item_id`.
    4. `submit` keeps a new revision where `expected_revision` is the one that stands (0 for none), and closes the
       assignment. The same answers again are `same`; another revision in between is `stale`. An item that was
       withdrawn from her is kept as `extra`. One that was never assigned to her raises `PermissionError`.
    5. `undo` takes the standing review back where it was submitted at or after `not_before`, leaves its answers as a
       draft unless a newer draft is there, and says whether it did. The revision before it stands again; where there is
       none the assignment is open. Of an item that was erased or taken from her nothing is undone, since she could not
       answer it again.
    6. `settled` gives of each (item, nurse) the standing review, where it was submitted before `by`; a retracted one is
       not given. Ordered by `sequence`.
    7. Times are aware of their zone; naive ones raise ValueError.
    """

    def put_batch(
        self,
        batch: Batch,
        items: Sequence[ReviewItem],
        origins: Sequence[Origin],
        assignments: Sequence[Assignment],
    ) -> bool:
        """Whether it is new."""

    def put_items(
        self, items: Sequence[ReviewItem], origins: Sequence[Origin], assignments: Sequence[Assignment]
    ) -> int:
        """How many of them are new."""

    def batches(self, newest: int = 12) -> Sequence[Batch]:
        """Newest first."""

    def items(self, batch_id: str | None = None, item_ids: Sequence[str] | None = None) -> Sequence[ReviewItem]:
        """In the order in which they were put; of one batch, by id, or all."""

    def origins(self, item_ids: Sequence[str] | None = None) -> Sequence[Origin]:
        """Of the items, or of all."""

    def set_trace(self, item_id: str, trace_id: str) -> None:
        """The item's trace in MLflow is known now."""

    def reviewers(self) -> Sequence[Reviewer]:
        """All, by name; those who are no longer active too."""

    def put_reviewer(self, reviewer: Reviewer) -> None:
        """New, or changed; an address that another has raises `InputError`."""

    def assignments(
        self, *, batch_id: str | None = None, reviewer_id: str | None = None, item_id: str | None = None
    ) -> Sequence[Assignment]:
        """Those that fit, in the order in which they were made; withdrawn ones too."""

    def assign(self, assignments: Sequence[Assignment]) -> None:
        """New assignments, or one with another due date or other disputed questions; one that was withdrawn is open
        again; what she submitted stays. Idempotent."""

    def withdraw(self, item_id: str, reviewer_id: str) -> bool:
        """Whether it was open."""

    def reminded(self, item_id: str, reviewer_id: str, at: datetime) -> None:
        """She was reminded of it."""

    def draft(self, item_id: str, reviewer_id: str) -> Draft | None:
        """What she left half-filled."""

    def save_draft(self, draft: Draft, expected_version: int, expected_revision: int | None = None) -> Draft | None:
        """The draft as it stands now, or None where another version was saved, or another revision sent, meanwhile."""

    def standing(self, item_id: str, reviewer_id: str) -> Review | None:
        """What she submitted of it and did not take back; its revision is what her next submission expects."""

    def submit(
        self,
        review: Review,
        expected_revision: int,
        draft_version: int | None = None,
        line: AuditLine | None = None,
    ) -> Submitted:
        """What came of it; `stale` too where a draft stands that is not of that version, which it would throw away.

        The line is kept with the review or not at all; without a detail of its own it says the state.
        """

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

        The line is kept with it or not at all.
        """

    def take(self, review: Review) -> SubmitState:
        """A review that a form outside returned; idempotent by its answers."""

    def retract(self, retraction: Retraction) -> bool:
        """Whether a review stood that does not stand any more."""

    def submitted_after(self, sequence: int, form: Literal["web", "notion"]) -> Sequence[Review]:
        """Those of a form that stand and came after the one of that number, in the order in which they came."""

    def retracted_since(self, since: datetime | None, form: Literal["web", "notion"]) -> Sequence[Retraction]:
        """Those of a form that were taken back at or after a moment, or ever, the oldest first."""

    def settled(self, by: datetime, batch_id: str | None = None) -> Sequence[Review]:
        """The reviews that count."""

    def offers(self, reviewer_id: str | None = None) -> Sequence[Offer]:
        """The open assignments with all that a form needs; oldest due first; `disputed` is the assignment's."""

    def erase(self, conversation_ids: Sequence[str]) -> int:
        """How many items lost their texts, drafts, comments and highlights; figures keep the answers."""

    def forget(self, item_ids: Sequence[str]) -> int:
        """How many of them lost the same because of their age; what comes of their conversations later is kept."""

    def cursor(self, form: str) -> str:
        """Up to where a form was read; empty at first."""

    def set_cursor(self, form: str, cursor: str) -> None:
        """Up to where a form was read."""

    def log(self, line: AuditLine) -> None:
        """Added to the audit log, which nothing changes."""

    def audit(self, newest: int = 200) -> Sequence[AuditLine]:
        """Newest first."""

    def ping(self) -> str:
        """How many batches and reviews there are, and where."""

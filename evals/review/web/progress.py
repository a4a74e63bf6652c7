"""A nurse's week as she sees it: what is read, what is open, what is next, what can still be undone.

Her week is what is open, whenever it was due, and what was due, or read, from this Monday on. Nothing here says why an
item was drawn, or that another nurse reads it too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from evals.review.base import Absence, Assignment, Review, Reviewer, ReviewItem
from evals.review.records import ReviewRecords

LineState = Literal["open", "draft", "read"]
MINUTES_A_CARD = 1.0
"""What a card takes; said as "about", so that she knows whether it fits between two patients."""
LATE = timedelta(weeks=4)
"""A card that was due longer before this Monday leaves her week as soon as it is read."""


@dataclass(frozen=True)
class Line:
    """One card of her list."""

    item: ReviewItem
    assignment: Assignment
    number: int
    """Its place in her week, from 1."""
    state: LineState
    review: Review | None = None
    """What she said of it, where she did."""
    undo_until: datetime | None = None
    """Up to when she may take it back; None where that is over, or nothing was said."""

    @property
    def item_id(self) -> str:
        """Of its item."""
        return self.item.item_id


@dataclass(frozen=True)
class Week:
    """All her cards, those due first in front."""

    lines: tuple[Line, ...]
    absence: Absence | None = None
    """The one that she is in."""

    @property
    def total(self) -> int:
        """How many cards."""
        return len(self.lines)

    @property
    def read(self) -> int:
        """How many of them are read."""
        return sum(line.state == "read" for line in self.lines)

    @property
    def open(self) -> tuple[Line, ...]:
        """Those still to be read; the ones with a draft in front."""
        left = [line for line in self.lines if line.state != "read"]
        return tuple(sorted(left, key=lambda line: line.state != "draft"))

    @property
    def minutes(self) -> int:
        """About how long the rest takes."""
        return max(1, round(len(self.open) * MINUTES_A_CARD))

    @property
    def undoable(self) -> tuple[Line, ...]:
        """Those that can be taken back, the last read first."""
        lines = [(line.undo_until, line) for line in self.lines if line.undo_until]
        return tuple(line for _, line in sorted(lines, key=lambda pair: pair[0], reverse=True))

    def line(self, item_id: str) -> Line | None:
        """The card of an item."""
        return next((line for line in self.lines if line.item_id == item_id), None)

    def after(self, item_id: str) -> Line | None:
        """The next open card behind this one, else the first open one that is another."""
        here = self.line(item_id)
        left = [line for line in self.open if line.item_id != item_id]
        later = [line for line in left if here and line.number > here.number]
        return next(iter(later or left), None)


def week_of(records: ReviewRecords, who: Reviewer, now: datetime, zone: ZoneInfo, undo_min: float) -> Week:
    """Her week as of now."""
    monday = _monday(now, zone)
    hers = [
        one
        for one in records.assignments(reviewer_id=who.reviewer_id)
        if one.state == "open" or (one.state == "submitted" and one.due_at >= monday - LATE)
    ]
    hers.sort(key=lambda one: one.due_at)
    items = {item.item_id: item for item in records.items(item_ids=[one.item_id for one in hers])} if hers else {}
    reviews = _standing(records, who.reviewer_id, list(items.values()), now)
    shown = [one for one in hers if one.item_id in items and _is_of_week(one, reviews.get(one.item_id), monday)]
    lines = [
        _line(records, items[one.item_id], one, number, reviews, now, undo_min)
        for number, one in enumerate(shown, start=1)
    ]
    return Week(tuple(lines), _absence(who, now, zone))


def _is_of_week(one: Assignment, review: Review | None, monday: datetime) -> bool:
    """A late card that she reads stays, so that she can take it back and sees how far she is."""
    is_read_now = review is not None and review.submitted_at >= monday
    return one.state == "open" or one.due_at >= monday or is_read_now


def _standing(
    records: ReviewRecords, reviewer_id: str, items: Sequence[ReviewItem], now: datetime
) -> Mapping[str, Review]:
    """What she said of the items, by item; those that can still be undone too."""
    wanted, by = {item.item_id for item in items}, now + timedelta(seconds=1)
    return {
        review.item_id: review
        for batch_id in sorted({item.batch_id for item in items})
        for review in records.settled(by, batch_id)
        if review.reviewer_id == reviewer_id and review.item_id in wanted
    }


def _line(
    records: ReviewRecords,
    item: ReviewItem,
    assignment: Assignment,
    number: int,
    reviews: Mapping[str, Review],
    now: datetime,
    undo_min: float,
) -> Line:
    if assignment.state == "submitted":
        review = reviews.get(item.item_id)
        until = review.submitted_at + timedelta(minutes=undo_min) if review else None
        is_undoable = until is not None and until >= now and not item.is_erased
        return Line(item, assignment, number, "read", review, until if is_undoable else None)
    is_begun = records.draft(item.item_id, assignment.reviewer_id) is not None
    return Line(item, assignment, number, "draft" if is_begun else "open")


def _monday(now: datetime, zone: ZoneInfo) -> datetime:
    local = now.astimezone(zone)
    return datetime.combine(local.date() - timedelta(days=local.weekday()), time.min, zone)


def _absence(who: Reviewer, now: datetime, zone: ZoneInfo) -> Absence | None:
    today = now.astimezone(zone).date()
    return next((one for one in who.absences if one.first <= today <= one.last), None)

"""Nurses as readers: who can read which item on which days, and how one of them alone is written to.

The outbox's channels are those of a team; a reminder is for one nurse. `Mailer` is the port of that, without which a
team's channel says that somebody has something open, by her id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from evals.review.base import Reviewer, ReviewItem


class Mailer(Protocol):
    """Writes to one person.

    1. `send` returns once her mail server has taken it, and raises `matria.notify.base.NotDelivered` where it has not.
    2. Sends what it is given, once per call; a `link` stands on a line of its own.
    3. An address is in no log line, no error and no representation.
    """

    def send(self, to: str, subject: str, body: str, link: str = "") -> None:
        """It is with the mail server."""


@dataclass(frozen=True)
class ReadingDays:
    """The days on which a batch is read, both included, where the nurses live."""

    first: date
    last: date

    @property
    def count(self) -> int:
        """How many there are; at least one."""
        return max((self.last - self.first).days + 1, 1)

    def each(self) -> Sequence[date]:
        """Day by day."""
        return [self.first + timedelta(days=number) for number in range(self.count)]


def is_absent(reviewer: Reviewer, day: date) -> bool:
    """Whether she reads nothing on that day."""
    return any(absence.first <= day <= absence.last for absence in reviewer.absences)


def presence(reviewer: Reviewer, days: ReadingDays) -> float:
    """Share of the days on which she reads, from 0 to 1; 0 for viewers and for those who are no longer active."""
    if not reviewer.is_active or reviewer.role == "viewer":
        return 0.0
    return sum(not is_absent(reviewer, day) for day in days.each()) / days.count


def knows(reviewer: Reviewer, item: ReviewItem) -> bool:
    """Whether she reads the item's language."""
    return item.locale in reviewer.languages

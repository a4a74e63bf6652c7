"""When what was drawn is due: by the wall clock where the nurses live, across changes of the hour."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from evals.review.people import ReadingDays

HOUR = time(8)
"""Of the day on which something is due."""


def due_of_batch(drawn_at: datetime, zone: ZoneInfo, due_days: int, remind_days: int) -> datetime:
    """When a batch is due: `due_days` after the Monday of the week in which it was drawn, at eight.

    Drawn so late that fewer than `remind_days` would be left, `due_days` after the day itself.
    """
    day = drawn_at.astimezone(zone).date()
    due = day - timedelta(days=day.weekday()) + timedelta(days=due_days)
    return _at_eight(due if (due - day).days >= remind_days else day + timedelta(days=due_days), zone)


@dataclass(frozen=True)
class Calendar:
    """Now, where the nurses live, and how long before something is due they are reminded."""

    now: datetime
    zone: ZoneInfo
    remind_days: int

    @property
    def today(self) -> date:
        """The day there."""
        return self.now.astimezone(self.zone).date()

    def due_later(self, due_at: datetime) -> datetime:
        """When something is due that comes to somebody now: with its batch, but in `remind_days` at the soonest."""
        return max(due_at, _at_eight(self.today + timedelta(days=self.remind_days), self.zone))

    def days_until(self, due_at: datetime) -> ReadingDays:
        """The days on which it can be read: from today to the day before it is due, today alone where that is over."""
        last = due_at.astimezone(self.zone).date() - timedelta(days=1)
        return ReadingDays(self.today, max(last, self.today))

    def is_to_remind(self, due_at: datetime) -> bool:
        """Whether its nurse is reminded by now: `remind_days` earlier by the wall clock."""
        local = due_at.astimezone(self.zone)
        return self.now >= datetime.combine(local.date() - timedelta(days=self.remind_days), local.time(), self.zone)


def _at_eight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, HOUR, zone)

"""Moments in the words of whoever reads: "by tomorrow, 8h00" and not a date in figures."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from evals.review.web.words.texts import Words
from evals.review.weeks import monday_of


def clock(moment: datetime, zone: ZoneInfo, words: Words) -> str:
    """The time of day; in Portuguese with the word before it, which is singular for what begins with 0 or 1."""
    local = moment.astimezone(zone)
    return words(f"when.clock.{'one' if local.hour < 2 else 'other'}", hour=local.hour, minute=f"{local.minute:02}")


def day(moment: datetime, zone: ZoneInfo, words: Words) -> str:
    """Weekday, day and month."""
    local = moment.astimezone(zone)
    weekday = words.parts("when.weekdays")[local.weekday()]
    return words("when.day", weekday=weekday, day=local.day, month=words.parts("when.months")[local.month - 1])


def week(batch_id: str, words: Words) -> str:
    """The days of a week such as `2026-W46`, Monday to Sunday; another batch by its id."""
    try:
        first = monday_of(batch_id)
    except ValueError:
        return batch_id
    last, months = first + timedelta(days=6), words.parts("when.months")
    key = "when.week" if first.month == last.month else "when.week_over"
    ends = {"month": months[first.month - 1], "next": months[last.month - 1]}
    return words(key, first=first.day, last=last.day, **ends)


def due(moment: datetime, now: datetime, zone: ZoneInfo, words: Words) -> str:
    """Until when, seen from now; where that is over, until when it was."""
    days = (moment.astimezone(zone).date() - now.astimezone(zone).date()).days
    over, left = ("late_today" if days == 0 else "late"), {0: "today", 1: "tomorrow"}.get(days, "later")
    key = over if moment < now else left
    return words(f"when.{key}", day=day(moment, zone, words), clock=clock(moment, zone, words))

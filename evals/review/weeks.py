"""The weeks that batches are of: ISO weeks, Monday to Sunday by the clock of a time zone.

A week that was never drawn is not drawn late of itself: its conversations are weeks old by then, its nurses would read
two batches at once, and transcripts may have been pruned unevenly. It is named in every figure instead. Whoever wants
it all the same draws it by its id: the seed is of that id, so the draw is the one that it would have been, as far as
frame and recent items are the same.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_ID = re.compile(r"(\d{4})-W(\d{2})")


@dataclass(frozen=True)
class Week:
    """[since, until), in UTC."""

    batch_id: str
    since: datetime
    until: datetime


def week_of(batch_id: str, zone: ZoneInfo) -> Week:
    """The week of an id such as `2026-W47`. Raises ValueError for an id that no week has."""
    monday = monday_of(batch_id)
    return Week(batch_id, _midnight(monday, zone), _midnight(monday + timedelta(days=7), zone))


def week_before(now: datetime, zone: ZoneInfo) -> Week:
    """The last week that is over: on a Monday morning, the one that ended at midnight.

    Raises ValueError for a time without zone.
    """
    if now.tzinfo is None:
        raise ValueError("the time has no zone, so it is in no week")
    return week_of(_id_of(now.astimezone(zone).date() - timedelta(days=7)), zone)


def monday_of(batch_id: str) -> date:
    """The first day of a week. Raises ValueError for an id that no week has."""
    found = _ID.fullmatch(batch_id)
    if found is None:
        raise ValueError(f"'{batch_id}' is no ISO week; write it as 2026-W47.")
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        raise ValueError(f"'{batch_id}' is no ISO week: {found[1]} has none of that number; 2026-W47 is one.") from None


def weeks_until(batch_id: str, count: int) -> tuple[str, ...]:
    """So many weeks, oldest first, the last of them `batch_id`."""
    monday = monday_of(batch_id)
    return tuple(_id_of(monday - timedelta(weeks=back)) for back in reversed(range(count)))


def missed_weeks(last_batch_id: str | None, batch_id: str) -> tuple[str, ...]:
    """The weeks between the last batch and this one, oldest first; none where there was no batch yet."""
    if last_batch_id is None:
        return ()
    between = (monday_of(batch_id) - monday_of(last_batch_id)).days // 7 - 1
    return weeks_until(batch_id, between + 1)[:-1] if between > 0 else ()


def missed_before(drawn: Iterable[str], batch_id: str) -> tuple[str, ...]:
    """The weeks between this one and the one drawn before it, of the batches that there are now, oldest first."""
    return missed_weeks(max((one for one in drawn if one < batch_id), default=None), batch_id)


def weeks_around(batch_id: str, count: int) -> tuple[str, ...]:
    """So many weeks before and after it, oldest first, without itself."""
    monday = monday_of(batch_id)
    return tuple(_id_of(monday + timedelta(weeks=by)) for by in range(-count, count + 1) if by)


def _id_of(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)

"""Since when a message has cost more: the hour at which two levels fit the hours of both windows best."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from matria.costs.sums import MessageSums
from matria.costs.watching.base import TOTAL, Side

HOUR = timedelta(hours=1)
DAY = 24 * HOUR


@dataclass(frozen=True)
class HourCost:
    """Priced messages of one hour, and what they cost together."""

    messages: int
    usd: float


def onset(hours: Sequence[HourCost], newest: int) -> int | None:
    """How many of the newest hours belong to the dearer level, at most `newest`; None where none are dearer.

    `hours` are the newest first. The split with the largest sum of squares between its two sides is taken, weighed by
    messages: the least-squares estimate of one change of a mean (Hinkley 1970, Biometrika 57, section 2). A tie goes
    to the shorter.
    """
    messages, usd = sum(hour.messages for hour in hours), sum(hour.usd for hour in hours)
    best, found = 0.0, None
    new_messages, new_usd = 0, 0.0
    for length, hour in enumerate(hours[:newest], 1):
        new_messages, new_usd = new_messages + hour.messages, new_usd + hour.usd
        old_messages, old_usd = messages - new_messages, usd - new_usd
        if not new_messages or not old_messages or not hour.messages:
            continue
        gap = new_usd / new_messages - old_usd / old_messages
        between = gap * gap * new_messages * old_messages / messages
        if gap > 0 and between > best:
            best, found = between, length
    return found


def searched(before: Side, last: Side) -> tuple[Side, Side]:
    """The windows in which an onset is looked for: two days at least, the newest of them no older than `before`.

    A jump is judged by one hour and may have begun before it, in an hour with too few messages to be sure of.
    """
    start = max(last.end - DAY, before.end)
    return replace(before, start=min(before.start, last.end - 2 * DAY), end=start), replace(last, start=start)


def since(rows: Sequence[MessageSums], scope: str, before: Side, last: Side) -> datetime | None:
    """Start of the hour from which on messages of `scope` cost more; None where that cannot be told.

    `rows` are of hourly slots that end with `last`.
    """
    count = round((last.end - before.start) / HOUR)
    messages, usd = [0] * count, [0.0] * count
    for row in rows:
        if scope in (TOTAL, row.prompt_name) and row.slot < count:
            messages[row.slot] += row.priced_messages
            usd[row.slot] += float(row.usd)
    hours = [HourCost(*of) for of in zip(messages, usd, strict=True)]
    length = onset(hours, round((last.end - last.start) / HOUR))
    return None if length is None else last.end - length * HOUR

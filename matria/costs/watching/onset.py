"""Since when a message has cost more: the hour at which two levels fit the hours of both windows best."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from matria.costs.sums import MessageSums
from matria.costs.watching.base import TOTAL, Side

HOUR = timedelta(hours=1)
DAY = 24 * HOUR
LIKELY = 0.8
"""Of the best split's sum of squares: of 32 replays of 2,000 messages a day the best was more than an hour early in 6,
the latest that reaches this share in none (docs/reference/cost-causes.md)."""


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
    gains = _gains(hours, newest)
    return gains.index(max(gains)) + 1 if any(gains) else None


def onset_at_latest(hours: Sequence[HourCost], newest: int) -> int | None:
    """The fewest of the newest hours that fit nearly as well: the dearer level began with them at the latest."""
    gains = _gains(hours, newest)
    return next((n for n, gain in enumerate(gains, 1) if gain >= LIKELY * max(gains)), None) if any(gains) else None


def _gains(hours: Sequence[HourCost], newest: int) -> list[float]:
    """The sum of squares between the two sides of each split, the shortest first; 0 where the newest are no dearer."""
    messages, usd = sum(hour.messages for hour in hours), sum(hour.usd for hour in hours)
    gains = []
    new_messages, new_usd = 0, 0.0
    for hour in hours[:newest]:
        new_messages, new_usd = new_messages + hour.messages, new_usd + hour.usd
        old_messages, old_usd = messages - new_messages, usd - new_usd
        is_split = new_messages and old_messages and hour.messages
        gap = new_usd / new_messages - old_usd / old_messages if is_split else 0.0
        gains.append(gap * gap * new_messages * old_messages / messages if gap > 0 else 0.0)
    return gains


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
    return _start(rows, scope, before, last, onset)


def since_at_latest(rows: Sequence[MessageSums], scope: str, before: Side, last: Side) -> datetime | None:
    """The latest hour that fits nearly as well as `since`: what landed after it did not begin the rise."""
    return _start(rows, scope, before, last, onset_at_latest)


def _start(
    rows: Sequence[MessageSums],
    scope: str,
    before: Side,
    last: Side,
    length_of: Callable[[Sequence[HourCost], int], int | None],
) -> datetime | None:
    count = round((last.end - before.start) / HOUR)
    messages, usd = [0] * count, [0.0] * count
    for row in rows:
        if scope in (TOTAL, row.prompt_name) and row.slot < count:
            messages[row.slot] += row.priced_messages
            usd[row.slot] += float(row.usd)
    hours = [HourCost(*of) for of in zip(messages, usd, strict=True)]
    length = length_of(hours, round((last.end - last.start) / HOUR))
    return None if length is None else last.end - length * HOUR

"""What a message cost hour by hour: what a chart of two days is drawn from, and the level at which the day rule asks.

The rule compares means of 24 hours, so its level is drawn over the last 24 alone; an hour above it is no alert.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from matria.costs.causes.base import Landed
from matria.costs.kinds import one_kind
from matria.costs.sums import CostSums, MessageSums, Window
from matria.costs.watching.base import TOTAL

HOUR = timedelta(hours=1)
DAY_HOURS = 24


@dataclass(frozen=True)
class Hour:
    """The messages that came within an hour."""

    start: datetime
    messages: int
    priced_messages: int
    """Those whose every call has a price."""
    usd: Decimal
    """Sum over the priced messages."""

    @property
    def mean_usd(self) -> Decimal | None:
        """Cost of a message; None where none has a known cost."""
        return self.usd / self.priced_messages if self.priced_messages else None


@dataclass(frozen=True)
class Hourly:
    """The hours of two windows of 24."""

    scope: str
    """A prompt's name; empty for all together."""
    until: datetime
    hours: tuple[Hour, ...]
    """The oldest first, without a gap; an hour without messages has none."""
    max_rise: float
    """The share by which a day may be dearer than the day before."""
    landed: tuple[Landed, ...] = ()
    """What changed meanwhile."""

    @property
    def last(self) -> tuple[Hour, ...]:
        """The newest 24 hours."""
        return self.hours[-DAY_HOURS:]

    @property
    def before(self) -> tuple[Hour, ...]:
        """The 24 hours before those."""
        return self.hours[-2 * DAY_HOURS : -DAY_HOURS]

    @property
    def threshold_usd(self) -> Decimal | None:
        """Above this mean of the last 24 hours it is an alert; None where nothing is known of the 24 before."""
        before = mean_usd(self.before)
        return None if before is None else before * (1 + Decimal(str(self.max_rise)))


def hourly(
    sums: CostSums,
    until: datetime,
    max_rise: float,
    scope: str = TOTAL,
    landed: Sequence[Landed] = (),
    as_of: str | None = None,
    is_simulated: bool | None = None,
) -> Hourly:
    """The 48 hours before `until`, of one assistant or of all; one query.

    `is_simulated` chooses simulated messages or real ones; left out, real ones where there are any.
    """
    count = 2 * DAY_HOURS
    window = Window(until - count * HOUR, until, HOUR, as_of=as_of, is_simulated=is_simulated)
    slots: list[list[MessageSums]] = [[] for _ in range(count)]
    for row in one_kind(sums, window).messages:
        if scope in (TOTAL, row.prompt_name):
            slots[row.slot].append(row)
    hours = tuple(_hour(until - (slot + 1) * HOUR, slots[slot]) for slot in reversed(range(count)))
    return Hourly(scope, until, hours, max_rise, tuple(landed))


def mean_usd(hours: Sequence[Hour]) -> Decimal | None:
    """Cost of a message over these hours; None where none has a known cost."""
    priced = sum(hour.priced_messages for hour in hours)
    return sum((hour.usd for hour in hours), Decimal(0)) / priced if priced else None


def _hour(start: datetime, rows: Sequence[MessageSums]) -> Hour:
    return Hour(
        start,
        sum(row.messages for row in rows),
        sum(row.priced_messages for row in rows),
        sum((row.usd for row in rows), Decimal(0)),
    )

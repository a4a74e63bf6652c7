"""What messages cost hour by hour and bucket by bucket, read from a ledger's sums once for all rules.

Two queries as of one mark serve every rule, every assistant and every hour back for which there is data: hour 0 ends at
`until`, hour 1 is the one before. Dollars are added up exactly; the intervals, and nothing else, are drawn from floats.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from matria.costs.sums import BUCKETS, CostSums, Window
from matria.costs.watching.base import TOTAL, Side

HOUR = timedelta(hours=1)
DAY = 24
"""Hours that the service's promise speaks of; the length is part of the rule's name and no threshold."""
RECENT = 6
"""Hours that show where the cost stands now: a quarter of the daily profile, held against the same quarter."""
Numbers = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True)
class Buckets:
    """Priced messages of some hours, by bucket of conversations."""

    messages: Numbers
    """Shape (256,)."""
    usd: Numbers


class ScopeHours:
    """One scope's messages and calls by hour; hour 0 is the newest."""

    def __init__(self, count: int) -> None:
        self.messages = [0] * count
        self.priced = [0] * count
        self.usd = [Decimal(0)] * count
        self.calls = [0] * count
        self.unpriced_calls = [0] * count
        self.bucket_messages: Numbers = np.zeros((count, BUCKETS))
        self.bucket_usd: Numbers = np.zeros((count, BUCKETS))

    def buckets(self, newest: int, length: int) -> Buckets:
        """Hours `newest` to `newest + length - 1` by bucket."""
        chosen = slice(newest, newest + length)
        return Buckets(self.bucket_messages[chosen].sum(axis=0), self.bucket_usd[chosen].sum(axis=0))


@dataclass(frozen=True)
class Hours:
    """All scopes as of one mark."""

    until: datetime
    """UTC; where hour 0 ends."""
    mark: str
    count: int
    """How many hours there are."""
    scopes: Mapping[str, ScopeHours]
    """The total is always there; an assistant where it answered."""

    def side(self, scope: str, newest: int, length: int) -> Side:
        """What the messages of hours `newest` to `newest + length - 1` cost."""
        own, chosen = self.scopes[scope], slice(newest, newest + length)
        end = self.until - newest * HOUR
        return Side(
            start=end - length * HOUR,
            end=end,
            messages=sum(own.messages[chosen]),
            priced_messages=sum(own.priced[chosen]),
            usd=sum(own.usd[chosen], Decimal(0)),
            calls=sum(own.calls[chosen]),
            unpriced_calls=sum(own.unpriced_calls[chosen]),
        )

    def level(self, scope: str, newest: int, length: int, needed: float, without: str | None = None) -> float | None:
        """How much dearer `length` hours from `newest` on are than the same hours a day before, as a ratio of means.

        `without` leaves an assistant out. None with fewer than `needed` messages of a known cost in either.
        """
        usd, messages = [], []
        for start in (newest, newest + DAY):
            side = self.side(scope, start, length)
            less = None if without is None else self.side(without, start, length)
            usd.append(side.usd - (less.usd if less else 0))
            messages.append(side.priced_messages - (less.priced_messages if less else 0))
        if min(messages) < max(1, needed) or not usd[1]:
            return None
        return float(usd[0] / messages[0] / (usd[1] / messages[1]))


def read_hours(sums: CostSums, until: datetime, count: int, as_of: str | None = None) -> Hours:
    """The newest `count` hours before `until`, as of a mark or of now. Raises ValueError for a naive time."""
    if until.tzinfo is None:
        raise ValueError("a check needs a time with its zone, such as 2026-11-20T12:00:00Z")
    end = until.astimezone(UTC)
    mark = sums.mark() if as_of is None else as_of
    window = Window(end - count * HOUR, end, HOUR, as_of=mark)
    scopes: dict[str, ScopeHours] = {TOTAL: ScopeHours(count)}
    for row in sums.messages(window):
        for scope in {TOTAL, row.prompt_name}:
            own = scopes.setdefault(scope, ScopeHours(count))
            own.messages[row.slot] += row.messages
            own.priced[row.slot] += row.priced_messages
            own.usd[row.slot] += row.usd
            own.bucket_messages[row.slot, row.bucket] += row.priced_messages
            own.bucket_usd[row.slot, row.bucket] += float(row.usd)
    for calls in sums.calls(window):
        for scope in {TOTAL, calls.prompt_name}:
            if scope in scopes:
                scopes[scope].calls[calls.slot] += calls.calls
                scopes[scope].unpriced_calls[calls.slot] += calls.unpriced_calls
    return Hours(end, mark, count, scopes)

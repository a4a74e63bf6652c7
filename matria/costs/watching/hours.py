"""What messages cost hour by hour and bucket by bucket, read from a ledger's sums once for all rules.

Two queries as of one mark serve every rule, every assistant and every hour back for which there is data: hour 0 ends at
`until`, hour 1 is the one before. Dollars are added up exactly; the intervals, and nothing else, are drawn from floats.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from matria.costs.sums import BUCKETS, CostSums, MessageSums, Window
from matria.costs.watching.base import TOTAL, Side

HOUR = timedelta(hours=1)
DAY = 24
"""Hours that the service's promise speaks of; the length is part of the rule's name and no threshold."""
NO_PROMPT = ""
"""Of messages that no prompt file answered: in the total alone."""
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

    def add(self, other: "ScopeHours") -> None:
        """Adds another scope's messages; calls are counted apart, since some are of no assistant."""
        for own, theirs in ((self.messages, other.messages), (self.priced, other.priced)):
            own[:] = [a + b for a, b in zip(own, theirs, strict=True)]
        self.usd = [a + b for a, b in zip(self.usd, other.usd, strict=True)]
        self.bucket_messages += other.bucket_messages
        self.bucket_usd += other.bucket_usd

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
    is_simulated: bool = False
    """Whether they are of simulated messages, else of real ones."""

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
            is_simulated=self.is_simulated,
        )

    def has_messages(self, newest: int, length: int) -> bool:
        """Whether any came in hours `newest` to `newest + length - 1`."""
        return any(self.scopes[TOTAL].messages[newest : newest + length])

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


def read_hours(
    sums: CostSums, until: datetime, count: int, as_of: str | None = None, is_simulated: bool = False
) -> Hours:
    """The newest `count` hours before `until`, as of a mark or of now: of real messages, or of simulated ones.

    Raises ValueError for a naive time.
    """
    if until.tzinfo is None:
        raise ValueError("a check needs a time with its zone, such as 2026-11-20T12:00:00Z")
    end = until.astimezone(UTC)
    mark = sums.mark() if as_of is None else as_of
    window = Window(end - count * HOUR, end, HOUR, as_of=mark, is_simulated=is_simulated)
    rows: dict[str, list[MessageSums]] = defaultdict(list)
    for row in sums.messages(window):
        rows[row.prompt_name].append(row)
    every = {name: _scope(own, count) for name, own in sorted(rows.items())}
    total = ScopeHours(count)
    for own in every.values():
        total.add(own)
    scopes = {name: own for name, own in every.items() if name != NO_PROMPT} | {TOTAL: total}
    for calls in sums.calls(window):
        for scope in {TOTAL, calls.prompt_name} & scopes.keys():
            scopes[scope].calls[calls.slot] += calls.calls
            scopes[scope].unpriced_calls[calls.slot] += calls.unpriced_calls
    return Hours(end, mark, count, scopes, is_simulated)


def _scope(rows: Sequence[MessageSums], count: int) -> ScopeHours:
    """The rows of one assistant; a row is an hour and a bucket, so a day of millions has some ten thousand."""
    scope = ScopeHours(count)
    for row in rows:
        scope.messages[row.slot] += row.messages
        scope.priced[row.slot] += row.priced_messages
        scope.usd[row.slot] += row.usd
    place = [row.slot * BUCKETS + row.bucket for row in rows]
    for numbers, weights in (
        (scope.bucket_messages, [row.priced_messages for row in rows]),
        (scope.bucket_usd, [float(row.usd) for row in rows]),
    ):
        numbers += np.bincount(place, weights, count * BUCKETS).reshape(count, BUCKETS)
    return scope

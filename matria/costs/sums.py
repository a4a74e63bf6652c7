"""What many calls and many messages cost, added up where the ledger lies; and the port that adds them up.

A million messages a day are never read one by one. Calls are added up by what they have in common and by slot of time;
messages by assistant, persona, locale, slot and a bucket of conversations, so that an interval can be drawn by
resampling buckets: conversations are independent of each other, the messages of one are not.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from matria.costs.base import Purpose, Rates, Serves, Tier, UnitPrices

BUCKETS = 256
"""Groups of conversations to resample: enough for stable tails, few enough to add up."""


def bucket_of(conversation_id: str) -> int:
    """The bucket of a conversation, the same in every store."""
    return zlib.crc32(conversation_id.encode()) % BUCKETS


@dataclass(frozen=True)
class Window:
    """Which messages are added up: those that came in `start <= message_at < end`, with all their calls."""

    start: datetime
    end: datetime
    slot: timedelta
    """Length of a slot. Slots are counted back from `end`: the newest is 0; the oldest may reach before `start`."""
    serves: Serves = "people"
    as_of: str | None = None
    """A mark of the ledger: entries that came later are left out. None takes all."""
    is_simulated: bool | None = None
    """False takes real messages alone, True simulated ones alone: those that the simulator had any part in. None takes
    both."""


@dataclass(frozen=True)
class CallSums:
    """Calls of one slot that have everything below in common."""

    slot: int
    purpose: Purpose
    prompt_name: str
    prompt_version: str
    prompt_hash: str
    persona: str
    locale: str
    provider: str
    model: str
    model_snapshot: str
    tier: Tier
    unit_prices: UnitPrices | None
    price_source: str
    is_simulated: bool
    calls: int
    """All of them."""
    unpriced_calls: int
    priced_message_calls: int
    """Calls of messages whose every call has a price; everything below is of these alone."""
    input_tokens: int
    prompt_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    text_records: int
    latency_ms: float
    """Sum."""
    usd: Decimal
    """Exact sum."""
    rates: Rates | None = None
    """What a dollar was worth for all of these calls; None where no rate was set for them."""


@dataclass(frozen=True)
class MessageSums:
    """Messages of one slot and bucket that one assistant answered, of one persona and locale."""

    slot: int
    bucket: int
    """0 to `BUCKETS` - 1, by the conversation."""
    prompt_name: str
    """Of the message's calls, the one name that is not empty (the last by alphabet where several are)."""
    persona: str
    locale: str
    messages: int
    priced_messages: int
    """Those whose every call has a price."""
    usd: Decimal
    """Exact sum over the priced messages."""
    prompt_version: str = ""
    """Of the call that `prompt_name` is of (the last by alphabet where several are): so versions can be compared."""
    rates: Rates | None = None
    """What a dollar was worth for every priced call of these messages; None where no rate was set for them, or not one
    for all calls of a message."""


def rates_order(rates: Rates | None) -> tuple[object, ...]:
    """Where rows of these rates come among others: no rates first, then by day."""
    return () if rates is None else (rates.on, rates.brl or 0, rates.eur or 0, rates.source)


class CostSums(Protocol):
    """Adds up what a ledger holds.

    1. The sums are exact and the same in every store; rows come ordered by their fields from the first on.
    2. `mark` names everything that is in the ledger now. A window `as_of` a mark gives the same sums for ever, whatever
       comes later, so that a decision can be made again from the ledger.
    3. Naive times raise ValueError. Raises `StorageError` where the store cannot be read.
    """

    def mark(self) -> str:
        """What is in the ledger now, as a token."""

    def calls(self, window: Window) -> Sequence[CallSums]:
        """Calls of the window's messages."""

    def messages(self, window: Window) -> Sequence[MessageSums]:
        """Messages of the window."""

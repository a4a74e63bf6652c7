"""The sums of entries that are in memory: for a few hundred calls at hand, such as those of one demonstration.

A ledger adds up where it lies (`matria.costs.sums`); this says in plain Python what such sums are.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from matria.costs.base import LedgerEntry, Purpose, Rates, Tier, UnitPrices
from matria.costs.sums import CallSums, MessageSums, Window, bucket_of, rates_order

_MOMENT = timedelta(microseconds=1)


class _Shared(NamedTuple):
    """What the calls of one row have in common, in the order of its fields."""

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
    rates: Rates | None


_MessageKey = tuple[datetime, str]


class MemorySums:
    """See `matria.costs.sums.CostSums`; the mark is how many entries there are, in the order in which they came. Of
    entries of the same call the first counts."""

    def __init__(self, entries: Iterable[LedgerEntry]) -> None:
        first: dict[str, LedgerEntry] = {}
        for entry in entries:
            first.setdefault(entry.call_id, entry)
        self._entries = tuple(first.values())

    def mark(self) -> str:
        """How many entries there are."""
        return str(len(self._entries))

    def calls(self, window: Window) -> Sequence[CallSums]:
        """Calls of the window's messages."""
        kept = self._of(window)
        unpriced = {_of_message(entry) for entry in kept if entry.cost.usd is None}
        groups: dict[_Shared, list[LedgerEntry]] = defaultdict(list)
        for entry in kept:
            groups[_shared(entry, window)].append(entry)
        ordered = sorted(groups.items(), key=lambda group: _order(group[0]))
        return [_call_sums(shared, own, unpriced) for shared, own in ordered]

    def messages(self, window: Window) -> Sequence[MessageSums]:
        """Messages of the window."""
        messages: dict[_MessageKey, list[LedgerEntry]] = defaultdict(list)
        for entry in self._of(window):
            messages[_of_message(entry)].append(entry)
        groups: dict[_Message, list[Decimal | None]] = defaultdict(list)
        for calls in messages.values():
            known = [call.cost.usd for call in calls if call.cost.usd is not None]
            usd = sum(known, Decimal(0)) if len(known) == len(calls) else None
            groups[_message(calls, window)].append(usd)
        return [
            MessageSums(
                **shared._asdict(),
                messages=len(costs),
                priced_messages=sum(usd is not None for usd in costs),
                usd=sum((usd for usd in costs if usd is not None), Decimal(0)),
            )
            for shared, costs in sorted(groups.items(), key=lambda group: (*group[0][:6], rates_order(group[0].rates)))
        ]

    def _of(self, window: Window) -> list[LedgerEntry]:
        if window.start.tzinfo is None or window.end.tzinfo is None:
            raise ValueError("a window's times are aware of their time zone")
        there = self._entries if window.as_of is None else self._entries[: int(window.as_of)]
        kept = [e for e in there if window.start <= e.message_at < window.end and e.serves == window.serves]
        if window.is_simulated is None:
            return kept
        simulated = {_of_message(entry) for entry in kept if entry.is_simulated}
        return [entry for entry in kept if (_of_message(entry) in simulated) == window.is_simulated]


def _of_message(entry: LedgerEntry) -> _MessageKey:
    return entry.message_at, entry.message_id


def _order(shared: _Shared) -> tuple[object, ...]:
    return (shared.slot, *map(str, shared[:-1]), rates_order(shared.rates))


def _slot(at: datetime, window: Window) -> int:
    return (window.end - at - _MOMENT) // window.slot


def _shared(entry: LedgerEntry, window: Window) -> _Shared:
    return _Shared(
        slot=_slot(entry.message_at, window),
        purpose=entry.purpose,
        prompt_name=entry.prompt_name,
        prompt_version=entry.prompt_version,
        prompt_hash=entry.prompt_hash,
        persona=entry.persona,
        locale=entry.locale,
        provider=entry.provider,
        model=entry.model,
        model_snapshot=entry.model_snapshot,
        tier=entry.usage.tier,
        unit_prices=entry.cost.unit_prices,
        price_source=entry.cost.price_source,
        is_simulated=entry.is_simulated,
        rates=entry.cost.rates,
    )


class _Message(NamedTuple):
    """What the messages of one row have in common, in the order in which rows come."""

    slot: int
    bucket: int
    prompt_name: str
    persona: str
    locale: str
    prompt_version: str
    rates: Rates | None


def _message(calls: Sequence[LedgerEntry], window: Window) -> _Message:
    name, version = max((call.prompt_name, call.prompt_version) for call in calls)
    rates = {call.cost.rates for call in calls if call.cost.usd is not None}
    return _Message(
        slot=_slot(calls[0].message_at, window),
        bucket=min(bucket_of(call.conversation_id) for call in calls),
        prompt_name=name,
        persona=max(call.persona for call in calls),
        locale=max(call.locale for call in calls),
        prompt_version=version,
        rates=rates.pop() if len(rates) == 1 else None,
    )


def _call_sums(shared: _Shared, calls: Sequence[LedgerEntry], unpriced: set[_MessageKey]) -> CallSums:
    priced = [call for call in calls if _of_message(call) not in unpriced]
    usages = [call.usage for call in priced]
    return CallSums(
        **shared._asdict(),
        calls=len(calls),
        unpriced_calls=sum(call.cost.usd is None for call in calls),
        priced_message_calls=len(priced),
        input_tokens=sum(usage.input_tokens for usage in usages),
        prompt_tokens=sum(call.prompt_tokens for call in priced),
        cached_tokens=sum(usage.cached_tokens for usage in usages),
        cache_write_tokens=sum(usage.cache_write_tokens for usage in usages),
        output_tokens=sum(usage.output_tokens for usage in usages),
        reasoning_tokens=sum(usage.reasoning_tokens for usage in usages),
        text_records=sum(usage.text_records for usage in usages),
        latency_ms=sum(call.latency_ms for call in priced),
        usd=sum((call.cost.usd for call in priced if call.cost.usd is not None), Decimal(0)),
    )

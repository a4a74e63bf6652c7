"""The sums of entries that are in memory: for a few hundred calls at hand, such as those of one demonstration.

A ledger adds up where it lies (`matria.costs.sums`); this says in plain Python what such sums are.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from matria.costs.base import LedgerEntry, Purpose, Tier, UnitPrices
from matria.costs.sums import CallSums, MessageSums, Window, bucket_of

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


class MemorySums:
    """See `matria.costs.sums.CostSums`; the mark is how many entries there are, in the order in which they came."""

    def __init__(self, entries: Iterable[LedgerEntry]) -> None:
        self._entries = tuple({entry.call_id: entry for entry in entries}.values())

    def mark(self) -> str:
        """How many entries there are."""
        return str(len(self._entries))

    def calls(self, window: Window) -> Sequence[CallSums]:
        """Calls of the window's messages."""
        kept = self._of(window)
        unpriced = {entry.message_id for entry in kept if entry.cost.usd is None}
        groups: dict[_Shared, list[LedgerEntry]] = defaultdict(list)
        for entry in kept:
            groups[_shared(entry, window)].append(entry)
        ordered = sorted(groups.items(), key=lambda group: (group[0].slot, *map(str, group[0])))
        return [_call_sums(shared, own, unpriced) for shared, own in ordered]

    def messages(self, window: Window) -> Sequence[MessageSums]:
        """Messages of the window."""
        messages: dict[str, list[LedgerEntry]] = defaultdict(list)
        for entry in self._of(window):
            messages[entry.message_id].append(entry)
        groups: dict[tuple[int, int, str, str, str, str], list[Decimal | None]] = defaultdict(list)
        for calls in messages.values():
            known = [call.cost.usd for call in calls if call.cost.usd is not None]
            usd = sum(known, Decimal(0)) if len(known) == len(calls) else None
            groups[_message(calls, window)].append(usd)
        return [
            MessageSums(
                slot=slot,
                bucket=bucket,
                prompt_name=name,
                persona=persona,
                locale=locale,
                messages=len(costs),
                priced_messages=sum(usd is not None for usd in costs),
                usd=sum((usd for usd in costs if usd is not None), Decimal(0)),
                prompt_version=version,
            )
            for (slot, bucket, name, persona, locale, version), costs in sorted(groups.items())
        ]

    def _of(self, window: Window) -> list[LedgerEntry]:
        if window.start.tzinfo is None or window.end.tzinfo is None:
            raise ValueError("a window's times are aware of their time zone")
        there = self._entries if window.as_of is None else self._entries[: int(window.as_of)]
        return [e for e in there if window.start <= e.message_at < window.end and e.serves == window.serves]


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
    )


def _message(calls: Sequence[LedgerEntry], window: Window) -> tuple[int, int, str, str, str, str]:
    name, version = max((call.prompt_name, call.prompt_version) for call in calls)
    return (
        _slot(min(call.message_at for call in calls), window),
        bucket_of(calls[0].conversation_id),
        name,
        max(call.persona for call in calls),
        max(call.locale for call in calls),
        version,
    )


def _call_sums(shared: _Shared, calls: Sequence[LedgerEntry], unpriced: set[str]) -> CallSums:
    priced = [call for call in calls if call.message_id not in unpriced]
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

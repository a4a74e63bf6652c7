"""Rows of a ledger's sums, written down by hand: each call's dollars follow from its tokens and unit prices."""

from dataclasses import replace
from decimal import Decimal

from matria.costs.base import UnitPrices
from matria.costs.sums import CallSums, MessageSums

MINI = UnitPrices(input=Decimal("0.4"), cached=Decimal("0.1"), output=Decimal("1.6"))
LARGE = UnitPrices(input=Decimal(2), cached=Decimal("0.5"), output=Decimal(8))
RECORD = UnitPrices(records=Decimal("0.38"))
_BASE = CallSums(
    slot=0,
    purpose="assistant",
    prompt_name="gestante/triagem",
    prompt_version="1.0.0",
    prompt_hash="a",
    persona="gestante",
    locale="pt-BR",
    provider="openai",
    model="mini",
    model_snapshot="mini-1",
    tier="standard",
    unit_prices=MINI,
    price_source="list 1",
    is_simulated=False,
    calls=10,
    unpriced_calls=0,
    priced_message_calls=10,
    input_tokens=0,
    prompt_tokens=0,
    cached_tokens=0,
    cache_write_tokens=0,
    output_tokens=0,
    reasoning_tokens=0,
    text_records=0,
    latency_ms=0,
    usd=Decimal(0),
)


def row(calls: int = 10, like: CallSums = _BASE, **changed: object) -> CallSums:
    """Calls that all have a price; tokens are their sums."""
    made = replace(like, calls=calls, priced_message_calls=calls, **changed)
    prices = made.unit_prices or MINI
    fresh = made.input_tokens - made.cached_tokens - made.cache_write_tokens
    amounts = (
        (fresh, prices.input, 10**6),
        (made.cached_tokens, prices.cached, 10**6),
        (made.cache_write_tokens, prices.cache_write, 10**6),
        (made.output_tokens, prices.output, 10**6),
        (made.text_records, prices.records, 1000),
    )
    usd = sum((amount * price / unit for amount, price, unit in amounts if price is not None), Decimal(0))
    return replace(made, usd=usd)


def messages(count: int = 10, **changed: object) -> MessageSums:
    """Messages that all have a price; their dollars are not read where their calls are."""
    made = MessageSums(
        slot=0,
        bucket=0,
        prompt_name="gestante/triagem",
        persona="gestante",
        locale="pt-BR",
        messages=count,
        priced_messages=count,
        usd=Decimal(0),
    )
    return replace(made, **changed)  # type: ignore[arg-type]

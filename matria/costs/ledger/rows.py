"""A ledger entry as two rows: what it has in common with other calls of its day, its series; and what is its own.

A series is known by the digest of its values, so that two processes that meet it at once agree on it.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from matria.costs.base import MOST_USD, Cost, LedgerEntry, Rates, UnitPrices, Usage
from matria.costs.ledger.cells import dollars, instant, microseconds, packed, picodollars, unpacked
from matria.costs.sums import bucket_of

SERIES_COLUMNS = (
    "digest", "purpose", "serves", "prompt_name", "prompt_version", "prompt_hash", "persona", "locale", "provider",
    "model", "model_snapshot", "tier", "price_source", "priced_on", "unit_prices", "rates", "is_simulated", "answered",
)  # fmt: skip
TOKEN_COLUMNS = (
    "input_tokens", "prompt_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens",
    "text_records",
)  # fmt: skip
ENTRY_COLUMNS = (
    "series", "call_id", "message_us", "message_id", "conversation_id", "bucket", "at_us", "latency_ms",
    "picodollars", *TOKEN_COLUMNS,
)  # fmt: skip
POSTGRES_TYPES = {
    **dict.fromkeys(("series", *TOKEN_COLUMNS), "integer"),
    **dict.fromkeys(("call_id", "message_id", "conversation_id"), "bytea"),
    **dict.fromkeys(("message_us", "at_us", "picodollars"), "bigint"),
    "bucket": "smallint",
    "latency_ms": "double precision",
}
"""Of `ENTRY_COLUMNS`."""
ANSWERED_SEPARATOR = "\x1f"
MOST_TOKENS = 2**31 - 1


class EntryRow(NamedTuple):
    """One entry on its way into the database."""

    series: Mapping[str, Any]
    """`SERIES_COLUMNS`."""
    own: tuple[Any, ...]
    """`ENTRY_COLUMNS` without the first, which is the series' number."""

    @property
    def digest(self) -> bytes:
        """Of the series."""
        digest: bytes = self.series["digest"]
        return digest


def entry_row(entry: LedgerEntry) -> EntryRow:
    """The rows of an entry. Raises ValueError for a naive time, a negative count, and a cost that is no whole
    picodollars or contradicts its state."""
    usage, usd = entry.usage, entry.cost.usd
    if (entry.cost.state == "unpriced") != (usd is None):
        raise ValueError("a cost is unpriced exactly where it has no dollars")
    if usd is not None and usd.is_finite() and usd > MOST_USD:
        raise ValueError(f"{usd} USD is more than any call costs ({MOST_USD} USD)")
    if not math.isfinite(entry.latency_ms):
        raise ValueError("a latency is a number of milliseconds")
    counts = (
        usage.input_tokens,
        entry.prompt_tokens,
        usage.cached_tokens,
        usage.cache_write_tokens,
        usage.output_tokens,
        usage.reasoning_tokens,
        usage.text_records,
    )
    if not (min(counts) >= 0 and max(counts) <= MOST_TOKENS):
        raise ValueError(f"the tokens and records of one call are counts, not {counts}")
    own = (
        packed(entry.call_id),
        microseconds(entry.message_at),
        packed(entry.message_id),
        packed(entry.conversation_id),
        bucket_of(entry.conversation_id),
        microseconds(entry.at),
        float(entry.latency_ms),
        None if usd is None else picodollars(usd),
        *counts,
    )
    return EntryRow(_series(entry), own)


def entry_of(row: Mapping[str, Any]) -> LedgerEntry:
    """The entry of an entry's row with its series' columns beside it."""
    pico = row["picodollars"]
    return LedgerEntry(
        call_id=unpacked(row["call_id"]),
        at=instant(row["at_us"]),
        purpose=row["purpose"],
        conversation_id=unpacked(row["conversation_id"]),
        message_id=unpacked(row["message_id"]),
        prompt_name=row["prompt_name"],
        prompt_version=row["prompt_version"],
        prompt_hash=row["prompt_hash"],
        persona=row["persona"],
        locale=row["locale"],
        provider=row["provider"],
        model=row["model"],
        model_snapshot=row["model_snapshot"],
        usage=Usage(
            input_tokens=row["input_tokens"],
            output_tokens=row["output_tokens"],
            cached_tokens=row["cached_tokens"],
            reasoning_tokens=row["reasoning_tokens"],
            text_records=row["text_records"],
            cache_write_tokens=row["cache_write_tokens"],
            tier=row["tier"],
        ),
        latency_ms=row["latency_ms"],
        cost=Cost(
            state="unpriced" if pico is None else "priced",
            usd=None if pico is None else dollars(pico),
            price_source=row["price_source"],
            priced_on=date.fromisoformat(row["priced_on"]),
            unit_prices=unit_prices_of(row["unit_prices"]),
            rates=rates_of(row["rates"]),
        ),
        is_simulated=bool(row["is_simulated"]),
        message_at=instant(row["message_us"]),
        serves=row["serves"],
        prompt_tokens=row["prompt_tokens"],
    )


def unit_prices_of(text: str | None) -> UnitPrices | None:
    """The unit prices of a series."""
    if text is None:
        return None
    return UnitPrices(**{kind: Decimal(price) for kind, price in json.loads(text).items()})


def series_row(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The series of these values, with its digest and with what its messages are named by."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False)
    if r"\u0000" in text:
        raise ValueError("a ledger's texts hold no NUL character")
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    answered = f"{values['prompt_name']}{ANSWERED_SEPARATOR}{values['prompt_version']}"
    return {**values, "digest": digest, "answered": answered}


def _series(entry: LedgerEntry) -> Mapping[str, Any]:
    cost = entry.cost
    return _series_of(
        entry.purpose, entry.serves, entry.prompt_name, entry.prompt_version, entry.prompt_hash, entry.persona,
        entry.locale, entry.provider, entry.model, entry.model_snapshot, entry.usage.tier, cost.price_source,
        cost.priced_on, cost.unit_prices, cost.rates, entry.is_simulated,
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _series_of(*values: Any) -> Mapping[str, Any]:
    """Of these values of an entry; the same again and again, so that they are written out once."""
    *names, priced_on, unit_prices, rates, is_simulated = values
    return series_row(
        {
            **dict(zip(SERIES_COLUMNS[1:], names, strict=False)),
            "priced_on": priced_on.isoformat(),
            "unit_prices": None if unit_prices is None else _json(vars(unit_prices)),
            "rates": None if rates is None else _json(vars(rates)),
            "is_simulated": int(is_simulated),
        }
    )


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps({k: str(v) for k, v in values.items() if v is not None}, sort_keys=True, ensure_ascii=False)


def rates_of(text: str | None) -> Rates | None:
    """What a dollar was worth for a series."""
    if text is None:
        return None
    values = json.loads(text)
    brl, eur = values.get("brl"), values.get("eur")
    return Rates(
        on=date.fromisoformat(values["on"]),
        brl=None if brl is None else Decimal(brl),
        eur=None if eur is None else Decimal(eur),
        source=values["source"],
    )

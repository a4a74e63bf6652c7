"""A ledger entry as two rows: what it has in common with other calls of its day, its series; and what is its own.

A series is known by the digest of its values, so that two processes that meet it at once agree on it.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from matria.costs.base import Cost, LedgerEntry, Rates, UnitPrices, Usage
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
    "call_id", "series", "message_us", "message_id", "conversation_id", "bucket", "at_us", "latency_ms",
    *TOKEN_COLUMNS, "picodollars",
)  # fmt: skip
ANSWERED_SEPARATOR = "\x1f"
MOST_TOKENS = 2**31 - 1


@dataclass(frozen=True)
class EntryRow:
    """One entry on its way into the database."""

    series: Mapping[str, Any]
    own: Mapping[str, Any]
    """`ENTRY_COLUMNS`, without the series' number."""

    @property
    def digest(self) -> bytes:
        """Of the series."""
        digest: bytes = self.series["digest"]
        return digest


def entry_row(entry: LedgerEntry) -> EntryRow:
    """The rows of an entry. Raises ValueError for a naive time, a negative count, and a cost that is no whole
    picodollars or contradicts its state."""
    if (entry.cost.state == "unpriced") != (entry.cost.usd is None):
        raise ValueError("a cost is unpriced exactly where it has no dollars")
    tokens = {name: _count(name, _of_usage(entry, name)) for name in TOKEN_COLUMNS}
    if not math.isfinite(entry.latency_ms):
        raise ValueError("a latency is a number of milliseconds")
    own = {
        "call_id": packed(entry.call_id),
        "message_us": microseconds(entry.message_at),
        "message_id": packed(entry.message_id),
        "conversation_id": packed(entry.conversation_id),
        "bucket": bucket_of(entry.conversation_id),
        "at_us": microseconds(entry.at),
        "latency_ms": float(entry.latency_ms),
        "picodollars": None if entry.cost.usd is None else picodollars(entry.cost.usd),
        **tokens,
    }
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
            rates=_rates_of(row["rates"]),
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
    if "\x00" in text or r"\u0000" in text:
        raise ValueError("a ledger's texts hold no NUL character")
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    answered = f"{values['prompt_name']}{ANSWERED_SEPARATOR}{values['prompt_version']}"
    return {**values, "digest": digest, "answered": answered}


def _series(entry: LedgerEntry) -> Mapping[str, Any]:
    cost = entry.cost
    return series_row(
        {
            "purpose": entry.purpose,
            "serves": entry.serves,
            "prompt_name": entry.prompt_name,
            "prompt_version": entry.prompt_version,
            "prompt_hash": entry.prompt_hash,
            "persona": entry.persona,
            "locale": entry.locale,
            "provider": entry.provider,
            "model": entry.model,
            "model_snapshot": entry.model_snapshot,
            "tier": entry.usage.tier,
            "price_source": cost.price_source,
            "priced_on": cost.priced_on.isoformat(),
            "unit_prices": None if cost.unit_prices is None else _json(vars(cost.unit_prices)),
            "rates": None if cost.rates is None else _json(vars(cost.rates)),
            "is_simulated": int(entry.is_simulated),
        }
    )


def _of_usage(entry: LedgerEntry, name: str) -> int:
    value: int = entry.prompt_tokens if name == "prompt_tokens" else getattr(entry.usage, name)
    return value


def _count(name: str, value: int) -> int:
    if not 0 <= value <= MOST_TOKENS:
        raise ValueError(f"{name} is a count of one call, not {value}")
    return value


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps({k: str(v) for k, v in values.items() if v is not None}, sort_keys=True, ensure_ascii=False)


def _rates_of(text: str | None) -> Rates | None:
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

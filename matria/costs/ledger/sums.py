"""The sums of a window: from the hours that are kept and the entries of the rest, put together exactly."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from matria.costs.ledger.cells import dollars
from matria.costs.ledger.database import Database
from matria.costs.ledger.partials import kept_calls, kept_messages, split
from matria.costs.ledger.rows import ANSWERED_SEPARATOR, rates_of, unit_prices_of
from matria.costs.ledger.spans import FIGURES, MANY_RATED, call_rows, message_rows, span_of
from matria.costs.sums import CallSums, MessageSums, Window, rates_order

if TYPE_CHECKING:
    from sqlalchemy import Connection

SHARED = (
    "purpose", "prompt_name", "prompt_version", "prompt_hash", "persona", "locale", "provider", "model",
    "model_snapshot", "tier", "unit_prices", "price_source", "is_simulated", "rates",
)  # fmt: skip


def call_sums(database: Database, window: Window, mark: str) -> Sequence[CallSums]:
    """Calls of the window's messages as of a mark, ordered by what they have in common."""
    span = span_of(window)
    with database.reading() as connection:
        parts = split(database, connection, span, mark)
        rows = list(kept_calls(connection, span, parts.versions))
        for rest in parts.rest:
            rows += call_rows(database, connection, rest, mark)
        series = _series(connection, {row.series for row in rows})
    added: dict[tuple[Any, ...], list[int]] = {}
    for row in rows:
        if _is_left_out(row.is_simulated, window):
            continue
        key = (row.slot, *series[row.series])
        added[key] = _plus(added.get(key), row.figures)
    return [_call_sums(key, added[key]) for key in sorted(added, key=_order)]


def message_sums(database: Database, window: Window, mark: str) -> Sequence[MessageSums]:
    """Messages of the window as of a mark, ordered by what they have in common."""
    span = span_of(window)
    with database.reading() as connection:
        parts = split(database, connection, span, mark)
        rows = list(kept_messages(connection, span, parts.versions))
        for rest in parts.rest:
            rows += message_rows(database, connection, rest, mark)
        series = _series(connection, {row.rated for row in rows} - {MANY_RATED})
    rates = {number: shared[-1] for number, shared in series.items()} | {MANY_RATED: None}
    added: dict[tuple[Any, ...], list[int]] = {}
    for row in rows:
        if _is_left_out(row.is_simulated, window):
            continue
        key = (*row[:5], rates[row.rated])
        added[key] = _plus(added.get(key), row.figures)
    return sorted((_message_sums(key, figures) for key, figures in added.items()), key=_place)


def _series(connection: "Connection", numbers: set[int]) -> dict[int, tuple[Any, ...]]:
    """`SHARED` of each series."""
    from sqlalchemy import bindparam, text

    statement = text(f"SELECT id, {', '.join(SHARED)} FROM ledger_series WHERE id IN :numbers")
    rows = connection.execute(
        statement.bindparams(bindparam("numbers", expanding=True)), {"numbers": sorted(numbers)}
    ).mappings()
    return {
        row["id"]: tuple(
            unit_prices_of(row[name])
            if name == "unit_prices"
            else rates_of(row[name])
            if name == "rates"
            else bool(row[name])
            if name == "is_simulated"
            else row[name]
            for name in SHARED
        )
        for row in rows
    }


def _is_left_out(is_simulated: bool, window: Window) -> bool:
    return window.is_simulated is not None and is_simulated != window.is_simulated


def _plus(so_far: list[int] | None, figures: Sequence[int]) -> list[int]:
    return [a + b for a, b in zip(so_far, figures, strict=True)] if so_far else list(figures)


def _order(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """Unknown unit prices and rates first."""
    slot, *shared, rates = key
    at = SHARED.index("unit_prices")
    prices = shared[at]
    known = () if prices is None else tuple((price is not None, price or 0) for price in vars(prices).values())
    return (slot, *shared[:at], prices is not None, known, *shared[at + 1 :], rates_order(rates))


def _call_sums(key: tuple[Any, ...], figures: Sequence[int]) -> CallSums:
    slot, *shared = key
    named: dict[str, Any] = dict(zip((*SHARED, *FIGURES), (*shared, *figures), strict=True))
    latency_us, pico = named.pop("latency_us"), named.pop("picodollars")
    return CallSums(
        slot=slot,
        **named,
        latency_ms=timedelta(microseconds=latency_us) / timedelta(milliseconds=1),
        usd=dollars(pico),
    )


def _place(row: MessageSums) -> tuple[Any, ...]:
    return row.slot, row.bucket, row.prompt_name, row.persona, row.locale, row.prompt_version, rates_order(row.rates)


def _message_sums(key: tuple[Any, ...], figures: Sequence[int]) -> MessageSums:
    slot, bucket, answered, persona, locale, rates = key
    messages, priced, pico = figures
    name, _, version = answered.partition(ANSWERED_SEPARATOR)
    return MessageSums(slot, bucket, name, persona, locale, messages, priced, dollars(pico), version, rates)

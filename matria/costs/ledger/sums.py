"""Sums over the ledger's entries, made by the database.

A message is its calls of one `message_at` and `message_id`. Its price is known where every one of its calls has one, so
that both statements look for the calls without a price first, which an index of their own makes quick.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from matria.costs.ledger.cells import MICROSECOND, dollars, microseconds
from matria.costs.ledger.database import Database
from matria.costs.ledger.rows import ANSWERED_SEPARATOR, TOKEN_COLUMNS, unit_prices_of
from matria.costs.sums import CallSums, MessageSums, Window

if TYPE_CHECKING:
    from sqlalchemy import Connection

FIGURES = ("calls", "unpriced_calls", "priced_message_calls", *TOKEN_COLUMNS, "latency_us", "picodollars")
SHARED = (
    "purpose", "prompt_name", "prompt_version", "prompt_hash", "persona", "locale", "provider", "model",
    "model_snapshot", "tier", "unit_prices", "price_source", "is_simulated",
)  # fmt: skip
_KEPT = "s.serves = :serves AND e.message_us >= :start AND e.message_us < :end"
CALLS = f"""
WITH unpriced AS (
    SELECT DISTINCT e.message_us, e.message_id FROM ledger_entries e JOIN ledger_series s ON s.id = e.series
    WHERE e.picodollars IS NULL AND {_KEPT} AND {{seen}}
)
SELECT (:newest - e.message_us) / :slot AS slot, e.series AS series, count(*) AS calls,
    count(*) - count(e.picodollars) AS unpriced_calls,
    count(*) - count(u.message_us) AS priced_message_calls,
    {", ".join(f"coalesce(sum(CASE WHEN u.message_us IS NULL THEN e.{c} END), 0) AS {c}" for c in TOKEN_COLUMNS)},
    coalesce(sum(CASE WHEN u.message_us IS NULL THEN {{latency_us}} END), 0) AS latency_us,
    coalesce(sum(CASE WHEN u.message_us IS NULL THEN e.picodollars END), 0) AS picodollars
FROM ledger_entries e JOIN ledger_series s ON s.id = e.series
    LEFT JOIN unpriced u ON u.message_us = e.message_us AND u.message_id = e.message_id
WHERE {_KEPT} AND {{seen}}
GROUP BY 1, 2"""
MESSAGES = f"""
SELECT slot, bucket, answered, persona, locale, count(*) AS messages, sum(is_priced) AS priced_messages,
    coalesce(sum(CASE WHEN is_priced = 1 THEN picodollars END), 0) AS picodollars
FROM (
    SELECT (:newest - e.message_us) / :slot AS slot, min(e.bucket) AS bucket, max(s.answered) AS answered,
        max(s.persona) AS persona, max(s.locale) AS locale, sum(e.picodollars) AS picodollars,
        CASE WHEN count(*) = count(e.picodollars) THEN 1 ELSE 0 END AS is_priced
    FROM ledger_entries e JOIN ledger_series s ON s.id = e.series
    WHERE {_KEPT} AND {{seen}}
    GROUP BY e.message_us, e.message_id
) AS message
GROUP BY 1, 2, 3, 4, 5"""


@dataclass(frozen=True)
class Span:
    """A piece of a window, in microseconds since 1970, and how its slots are counted."""

    serves: str
    start_us: int
    end_us: int
    newest_us: int
    """The last microsecond of slot 0."""
    slot_us: int

    @property
    def values(self) -> dict[str, Any]:
        """What the statements are asked with."""
        return {
            "serves": self.serves,
            "start": self.start_us,
            "end": self.end_us,
            "newest": self.newest_us,
            "slot": self.slot_us,
        }


class CallRow(NamedTuple):
    """Sums over calls of one slot and series."""

    slot: int
    series: int
    figures: tuple[int, ...]
    """`FIGURES`."""


class MessageRow(NamedTuple):
    """Sums over messages of one slot, bucket and answerer."""

    slot: int
    bucket: int
    answered: str
    persona: str
    locale: str
    figures: tuple[int, int, int]
    """Messages, those that are priced, and their picodollars."""


def span_of(window: Window) -> Span:
    """The whole window. Raises ValueError for naive times and for slots of no length."""
    if window.slot < MICROSECOND:
        raise ValueError("a slot is a microsecond long at least")
    start, end = microseconds(window.start), microseconds(window.end)
    return Span(window.serves, start, end, end - 1, window.slot // MICROSECOND)


def call_sums(database: Database, window: Window) -> Sequence[CallSums]:
    """Calls of the window's messages, ordered by what they have in common."""
    span = span_of(window)
    with database.reading() as connection:
        mark = window.as_of or database.mark(connection)
        rows = list(call_rows(database, connection, span, mark))
        series = _series(connection, {row.series for row in rows})
    added: dict[tuple[Any, ...], list[int]] = {}
    for row in rows:
        key = (row.slot, *series[row.series])
        added[key] = _plus(added.get(key), row.figures)
    return [_call_sums(key, added[key]) for key in sorted(added, key=_order)]


def message_sums(database: Database, window: Window) -> Sequence[MessageSums]:
    """Messages of the window, ordered by what they have in common."""
    span = span_of(window)
    with database.reading() as connection:
        mark = window.as_of or database.mark(connection)
        rows = list(message_rows(database, connection, span, mark))
    added: dict[tuple[Any, ...], list[int]] = {}
    for row in rows:
        added[row[:5]] = _plus(added.get(row[:5]), row.figures)
    return [_message_sums(key, added[key]) for key in sorted(added)]


def call_rows(database: Database, connection: "Connection", span: Span, mark: str) -> Iterable[CallRow]:
    """Sums over the entries themselves; a slot and series may come once for each span asked for."""
    from sqlalchemy import text

    statement = CALLS.format(seen=database.seen(mark), latency_us=database.latency_us)
    for slot, series, *figures in connection.execute(text(statement), span.values):
        yield CallRow(int(slot), series, tuple(int(figure) for figure in figures))


def message_rows(database: Database, connection: "Connection", span: Span, mark: str) -> Iterable[MessageRow]:
    """Sums over the entries themselves."""
    from sqlalchemy import text

    statement = MESSAGES.format(seen=database.seen(mark))
    for slot, bucket, answered, persona, locale, count, priced, pico in connection.execute(
        text(statement), span.values
    ):
        yield MessageRow(int(slot), bucket, answered, persona, locale, (int(count), int(priced), int(pico)))


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
            else bool(row[name])
            if name == "is_simulated"
            else row[name]
            for name in SHARED
        )
        for row in rows
    }


def _plus(so_far: list[int] | None, figures: Sequence[int]) -> list[int]:
    return [a + b for a, b in zip(so_far, figures, strict=True)] if so_far else list(figures)


def _order(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """Unknown unit prices first."""
    slot, *shared = key
    at = SHARED.index("unit_prices")
    prices = shared[at]
    known = () if prices is None else tuple((price is not None, price or 0) for price in vars(prices).values())
    return (slot, *shared[:at], prices is not None, known, *shared[at + 1 :])


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


def _message_sums(key: tuple[Any, ...], figures: Sequence[int]) -> MessageSums:
    slot, bucket, answered, persona, locale = key
    messages, priced, pico = figures
    name, _, version = answered.partition(ANSWERED_SEPARATOR)
    return MessageSums(slot, bucket, name, persona, locale, messages, priced, dollars(pico), version)

"""Sums over the entries of a span of time, made by the database.

A message is its calls of one `message_at` and `message_id`. Its price is known where every one of its calls has one, so
that the calls without a price are looked for first, which an index of their own makes quick.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from matria.costs.ledger.cells import MICROSECOND, microseconds
from matria.costs.ledger.database import Database
from matria.costs.ledger.rows import TOKEN_COLUMNS
from matria.costs.sums import Window

if TYPE_CHECKING:
    from sqlalchemy import Connection

FIGURES = ("calls", "unpriced_calls", "priced_message_calls", *TOKEN_COLUMNS, "latency_us", "picodollars")
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


def call_rows(database: Database, connection: "Connection", span: Span, mark: str) -> Iterator[CallRow]:
    """Sums over the entries themselves; a slot and series may come once for each span asked for."""
    from sqlalchemy import text

    statement = CALLS.format(seen=database.seen(mark), latency_us=database.latency_us)
    for slot, series, *figures in connection.execute(text(statement), span.values):
        yield CallRow(int(slot), series, tuple(int(figure) for figure in figures))


def message_rows(database: Database, connection: "Connection", span: Span, mark: str) -> Iterator[MessageRow]:
    """Sums over the entries themselves."""
    from sqlalchemy import text

    statement = MESSAGES.format(seen=database.seen(mark))
    for slot, bucket, answered, persona, locale, count, priced, pico in connection.execute(
        text(statement), span.values
    ):
        yield MessageRow(int(slot), bucket, answered, persona, locale, (int(count), int(priced), int(pico)))

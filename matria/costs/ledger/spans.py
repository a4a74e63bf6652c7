"""Sums over the entries of a span of time, made by the database.

A message is its calls of one `message_at` and `message_id`. Its price is known where every one of its calls has one, so
that the calls without a price are looked for first, which an index of their own makes quick. A message is simulated
where any of its calls is; these are looked for where there are such series at all.
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
), simulated AS (
    {{simulated}}
)
SELECT (:newest - e.message_us) / :slot AS slot, e.series AS series,
    CASE WHEN m.message_us IS NULL THEN 0 ELSE 1 END AS simulated, count(*) AS calls,
    count(*) - count(e.picodollars) AS unpriced_calls,
    count(*) - count(u.message_us) AS priced_message_calls,
    {", ".join(f"coalesce(sum(CASE WHEN u.message_us IS NULL THEN e.{c} END), 0) AS {c}" for c in TOKEN_COLUMNS)},
    coalesce(sum(CASE WHEN u.message_us IS NULL THEN {{latency_us}} END), 0) AS latency_us,
    coalesce(sum(CASE WHEN u.message_us IS NULL THEN e.picodollars END), 0) AS picodollars
FROM ledger_entries e JOIN ledger_series s ON s.id = e.series
    LEFT JOIN unpriced u ON u.message_us = e.message_us AND u.message_id = e.message_id
    LEFT JOIN simulated m ON m.message_us = e.message_us AND m.message_id = e.message_id
WHERE {_KEPT} AND {{seen}}
GROUP BY 1, 2, 3"""
HAS_SIMULATED = "SELECT 1 FROM ledger_series WHERE is_simulated = 1 AND serves = :serves LIMIT 1"
SIMULATED = f"""SELECT DISTINCT e.message_us, e.message_id FROM ledger_entries e JOIN ledger_series s ON s.id = e.series
    WHERE s.is_simulated = 1 AND {_KEPT} AND {{seen}}"""
NONE_SIMULATED = "SELECT e.message_us, e.message_id FROM ledger_entries e WHERE 1 = 0"
RATED = "(SELECT l.*, min(l.id) OVER (PARTITION BY l.rates) AS rated FROM ledger_series l WHERE l.serves = :serves)"
"""Series, and the first series of the same rates, which stands for these."""
MANY_RATED = 0
"""Of messages whose calls have several rates, or no priced call."""
_FIRST_RATED = "min(CASE WHEN e.picodollars IS NOT NULL THEN s.rated END)"
MESSAGES = f"""
SELECT slot, bucket, answered, persona, locale, simulated, rated, count(*) AS messages,
    sum(is_priced) AS priced_messages,
    coalesce(sum(CASE WHEN is_priced = 1 THEN picodollars END), 0) AS picodollars
FROM (
    SELECT (:newest - e.message_us) / :slot AS slot, min(e.bucket) AS bucket, max(s.answered) AS answered,
        max(s.persona) AS persona, max(s.locale) AS locale, sum(e.picodollars) AS picodollars,
        CASE WHEN count(*) = count(e.picodollars) THEN 1 ELSE 0 END AS is_priced,
        max(s.is_simulated) AS simulated,
        CASE WHEN {_FIRST_RATED} = max(CASE WHEN e.picodollars IS NOT NULL THEN s.rated END)
            THEN {_FIRST_RATED} ELSE {MANY_RATED} END AS rated
    FROM ledger_entries e JOIN {RATED} s ON s.id = e.series
    WHERE {_KEPT} AND {{seen}}
    GROUP BY e.message_us, e.message_id
) AS message
GROUP BY 1, 2, 3, 4, 5, 6, 7"""


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
    """Sums over calls of one slot and series, of simulated messages or of real ones."""

    slot: int
    series: int
    is_simulated: bool
    """Whether their messages are; a real call may be of a simulated message."""
    figures: tuple[int, ...]
    """`FIGURES`."""


class MessageRow(NamedTuple):
    """Sums over messages of one slot, bucket and answerer."""

    slot: int
    bucket: int
    answered: str
    persona: str
    locale: str
    is_simulated: bool
    rated: int
    """Number of the first series that has the same rates; `MANY_RATED` where there is none for all."""
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

    seen = database.seen(mark)
    has_simulated = connection.execute(text(HAS_SIMULATED), {"serves": span.serves}).first() is not None
    simulated = SIMULATED.format(seen=seen) if has_simulated else NONE_SIMULATED
    statement = CALLS.format(seen=seen, simulated=simulated, latency_us=database.latency_us)
    for slot, series, is_simulated, *figures in connection.execute(text(statement), span.values):
        yield CallRow(int(slot), series, bool(is_simulated), tuple(int(figure) for figure in figures))


def message_rows(database: Database, connection: "Connection", span: Span, mark: str) -> Iterator[MessageRow]:
    """Sums over the entries themselves."""
    from sqlalchemy import text

    statement = MESSAGES.format(seen=database.seen(mark))
    for slot, bucket, answered, persona, locale, is_simulated, rated, *figures in connection.execute(
        text(statement), span.values
    ):
        count, priced, pico = (int(figure) for figure in figures)
        shared = (int(slot), bucket, answered, persona, locale, bool(is_simulated), rated)
        yield MessageRow(*shared, (count, priced, pico))

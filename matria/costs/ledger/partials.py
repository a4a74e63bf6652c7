"""Hourly sums, kept beside the entries and exact as of any mark; what comes late is seen.

A pass adds up, as of its mark, each hour that got entries since the pass before, and keeps the sums as a version of
that hour; earlier versions stay. Passes form a chain: each names the one before, and no two name the same. So of a
mark, the newest pass that it covers is known, and of each hour the newest version up to that pass; an hour that got
entries between that pass and the mark is added up from its entries. Where nothing is kept, everything is.
"""

import logging
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from matria.costs.base import Serves
from matria.costs.ledger.cells import EPOCH, MICROSECOND
from matria.costs.ledger.database import Database
from matria.costs.ledger.spans import FIGURES, CallRow, MessageRow, Span, call_rows, message_rows
from matria.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = logging.getLogger(__name__)

PASS_AFTER = 50_000
"""New entries that are worth a pass; fewer are added up in less time than a pass takes."""
HOUR_US = 3_600_000_000
_SHIFT_US = (EPOCH - EPOCH.min.replace(tzinfo=EPOCH.tzinfo)) // MICROSECOND
"""Hours are counted from the year 1, so that none is negative and databases' division of integers is all that is
needed."""
_BUNDLE = 500
"""Versions asked for at once."""
FRESH = f"""SELECT (e.message_us + {_SHIFT_US}) / {HOUR_US} AS hour, count(*) AS entries
FROM ledger_entries e WHERE {{seen}} AND {{unseen}} GROUP BY 1"""
_SLOT = f"(:newest - (h.hour * CAST({HOUR_US} AS BIGINT) - {_SHIFT_US})) / :slot AS slot"
CALLS = f"""SELECT {_SLOT}, c.series AS series, c.simulated AS simulated,
    {", ".join(f"sum(c.{name}) AS {name}" for name in FIGURES)}
FROM ledger_hours h JOIN ledger_hour_calls c ON c.version = h.id JOIN ledger_series s ON s.id = c.series
WHERE h.id IN :versions AND s.serves = :serves GROUP BY 1, 2, 3"""
MESSAGES = f"""SELECT {_SLOT}, m.bucket AS bucket, m.answered AS answered, m.persona AS persona, m.locale AS locale,
    m.simulated AS simulated, m.rated AS rated, sum(m.messages), sum(m.priced_messages), sum(m.picodollars)
FROM ledger_hours h JOIN ledger_hour_messages m ON m.version = h.id
WHERE h.id IN :versions AND m.serves = :serves GROUP BY 1, 2, 3, 4, 5, 6, 7"""


class Pass(NamedTuple):
    """One link of the chain."""

    id: int
    base: int
    mark: str


NO_PASS = 0
"""What the first pass names as the one before."""


@dataclass(frozen=True)
class Parts:
    """What a span is added up from: hours that are kept, and the entries of the rest."""

    versions: tuple[int, ...]
    rest: tuple[Span, ...]


def keep_up(database: Database, mark: str, pass_after: int = PASS_AFTER) -> int:
    """How many hours were added up and kept; 0 where there are fewer new entries than `pass_after`, or where another
    process was first.

    A ledger that can be read and not written is read all the same.
    """
    with database.reading() as connection:
        chain = _chain(connection)
        last = chain[-1] if chain else None
        if last is not None and not database.covers(mark, last.mark):
            return 0
        fresh = _fresh(database, connection, mark, last)
        kept = _hours_kept(connection, chain)
    if sum(fresh.values()) < max(1, pass_after):
        return 0
    now_us = time.time_ns() // 1000
    hours = [hour for hour in sorted(fresh) if hour in kept or _start_us(hour + 1) <= now_us]
    try:
        return _make(database, Pass(secrets.randbits(62) | 1, last.id if last else NO_PASS, mark), hours)
    except StorageError as error:
        log.warning("hourly sums were not kept (%s); the entries themselves are added up", error)
        return 0


def split(database: Database, connection: "Connection", span: Span, mark: str) -> Parts:
    """Which hours of a span are kept as of a mark, and what is left of it."""
    chain = [each for each in _chain(connection) if database.covers(mark, each.mark)]
    if not chain:
        return Parts((), (span,))
    touched = _fresh(database, connection, mark, chain[-1])
    versions = _versions(connection, chain, span)
    chosen = {
        hour: version for hour, version in sorted(versions.items()) if hour not in touched and _is_whole(hour, span)
    }
    return Parts(tuple(chosen.values()), tuple(_gaps(span, list(chosen))))


def kept_calls(connection: "Connection", span: Span, versions: Sequence[int]) -> Iterator[CallRow]:
    """Sums of calls of these hours."""
    for slot, series, is_simulated, *figures in _ask(connection, CALLS, span, versions):
        yield CallRow(int(slot), series, bool(is_simulated), tuple(int(figure) for figure in figures))


def kept_messages(connection: "Connection", span: Span, versions: Sequence[int]) -> Iterator[MessageRow]:
    """Sums of messages of these hours."""
    for slot, bucket, answered, persona, locale, is_simulated, rated, *figures in _ask(
        connection, MESSAGES, span, versions
    ):
        count, priced, pico = (int(figure) for figure in figures)
        shared = (int(slot), bucket, answered, persona, locale, bool(is_simulated), rated)
        yield MessageRow(*shared, (count, priced, pico))


def _ask(connection: "Connection", statement: str, span: Span, versions: Sequence[int]) -> Iterator[Sequence[Any]]:
    from sqlalchemy import bindparam, text

    asked = text(statement).bindparams(bindparam("versions", expanding=True))
    shared = {"newest": span.newest_us, "slot": span.slot_us, "serves": span.serves}
    for first in range(0, len(versions), _BUNDLE):
        yield from connection.execute(asked, {**shared, "versions": list(versions[first : first + _BUNDLE])})


def _make(database: Database, made: Pass, hours: Sequence[int]) -> int:
    """Keeps each hour in a transaction of its own, so that writers wait for milliseconds; the pass counts from its
    last word on, unless another has taken its place in the chain."""
    from sqlalchemy import text
    from sqlalchemy.exc import IntegrityError

    for hour in hours:
        _keep_hour(database, made, hour)
    with database.writing() as connection:
        try:
            with connection.begin_nested():
                connection.execute(text("INSERT INTO ledger_passes VALUES (:id, :base, :mark)"), made._asdict())
        except IntegrityError:
            ours = "SELECT id FROM ledger_hours WHERE pass = :id"
            for table, column in (("ledger_hour_calls", "version"), ("ledger_hour_messages", "version")):
                connection.execute(text(f"DELETE FROM {table} WHERE {column} IN ({ours})"), {"id": made.id})
            connection.execute(text("DELETE FROM ledger_hours WHERE pass = :id"), {"id": made.id})
            return 0
    return len(hours)


def _keep_hour(database: Database, made: Pass, hour: int) -> None:
    from sqlalchemy import text

    start = _start_us(hour)
    whole = Span("", start, start + HOUR_US, start + HOUR_US - 1, HOUR_US)
    calls, messages = [], []
    with database.reading() as connection:
        for serves in get_args(Serves):
            span = replace(whole, serves=serves)
            calls += [
                (row.series, int(row.is_simulated), *row.figures)
                for row in call_rows(database, connection, span, made.mark)
            ]
            messages += [
                (serves, *row[1:5], int(row.is_simulated), row.rated, *row.figures)
                for row in message_rows(database, connection, span, made.mark)
            ]
    with database.writing() as connection:
        version = connection.execute(
            text("INSERT INTO ledger_hours (pass, hour) VALUES (:id, :hour) RETURNING id"),
            {"id": made.id, "hour": hour},
        ).scalar_one()
        _insert(connection, "ledger_hour_calls", ("series", "simulated", *FIGURES), version, calls)
        shared = ("serves", "bucket", "answered", "persona", "locale", "simulated", "rated")
        names = (*shared, "messages", "priced_messages", "picodollars")
        _insert(connection, "ledger_hour_messages", names, version, messages)


def _insert(
    connection: "Connection", table: str, names: Sequence[str], version: int, rows: Sequence[Sequence[object]]
) -> None:
    from sqlalchemy import text

    if rows:
        places = ", ".join(f":{name}" for name in names)
        statement = text(f"INSERT INTO {table} (version, {', '.join(names)}) VALUES (:version, {places})")
        connection.execute(statement, [{"version": version, **dict(zip(names, row, strict=True))} for row in rows])


def _chain(connection: "Connection") -> list[Pass]:
    """The passes, from the first on."""
    rows = connection.exec_driver_sql("SELECT id, base, mark FROM ledger_passes")
    after = {row.base: Pass(row.id, row.base, row.mark) for row in rows}
    chain: list[Pass] = []
    while (link := after.get(chain[-1].id if chain else NO_PASS)) is not None:
        chain.append(link)
    return chain


def _fresh(database: Database, connection: "Connection", mark: str, since: Pass | None) -> dict[int, int]:
    """Entries of a mark that a pass has not seen, by hour."""
    from sqlalchemy import text

    unseen = "1 = 1" if since is None else database.unseen(since.mark)
    rows = connection.execute(text(FRESH.format(seen=database.seen(mark), unseen=unseen)))
    return {int(row.hour): row.entries for row in rows}


def _hours_kept(connection: "Connection", chain: Sequence[Pass]) -> set[int]:
    passes = {each.id for each in chain}
    return {hour for by, hour in connection.exec_driver_sql("SELECT pass, hour FROM ledger_hours") if by in passes}


def _versions(connection: "Connection", chain: Sequence[Pass], span: Span) -> dict[int, int]:
    """Of each hour of a span the newest version that a pass of the chain made."""
    from sqlalchemy import text

    place = {each.id: number for number, each in enumerate(chain)}
    rows = connection.execute(
        text("SELECT id, pass, hour FROM ledger_hours WHERE hour BETWEEN :first AND :last"),
        {"first": _hour(span.start_us), "last": _hour(span.end_us)},
    )
    made = sorted((place[by], hour, version) for version, by, hour in rows if by in place)
    return {hour: version for _, hour, version in made}


def _is_whole(hour: int, span: Span) -> bool:
    """Whether an hour lies in the span as a whole, and in one slot of it."""
    start, last = _start_us(hour), _start_us(hour + 1) - 1
    in_span = span.start_us <= start and last < span.end_us
    return in_span and (span.newest_us - start) // span.slot_us == (span.newest_us - last) // span.slot_us


def _gaps(span: Span, hours: Sequence[int]) -> Iterator[Span]:
    """What is left of a span between hours in order."""
    start = span.start_us
    for hour in hours:
        if start < _start_us(hour):
            yield replace(span, start_us=start, end_us=_start_us(hour))
        start = _start_us(hour + 1)
    if start < span.end_us:
        yield replace(span, start_us=start)


def _hour(us: int) -> int:
    return (us + _SHIFT_US) // HOUR_US


def _start_us(hour: int) -> int:
    return hour * HOUR_US - _SHIFT_US

"""Transcripts in a SQLite file or in PostgreSQL, by one schema.

Each call is one transaction and opens a connection of its own: messages come seldom beside what a database takes, and
nothing is held that others write. A span is read page by page, so that a week of many conversations holds no lock.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matria.sqlstore import IsKnown, Kept, SqlStore, forget_for_good, sortable
from matria.transcripts.base import Exchange, RailMark, Transcript

if TYPE_CHECKING:
    from sqlalchemy import Table

PAGE = 500
"""Conversations read at one time."""
KEPT = Kept(
    name="list of conversations",
    remedy="move it away; a new one is started, and conversations in the old one are not drawn for review.",
    lock=0x6D61_7472_6E72,
    setting="MATRIA_TRANSCRIPTS__URL",
)
_COLUMNS = ("conversation_id", "message_id", "asked_at")
"""What has a column of its own; the rest of an exchange is JSON."""


class SqlTranscripts:
    """See `matria.transcripts.base.Transcripts`."""

    def __init__(self, place: Path | str) -> None:
        """`place` is a SQLite file, or the address of a PostgreSQL."""
        self._exchanges, self._erased = _tables()
        self._store = SqlStore(place, KEPT, self._exchanges.metadata.create_all)

    def __repr__(self) -> str:
        return f"SqlTranscripts({self._store.name})"

    def keep(self, exchange: Exchange) -> bool:
        """Whether it is new; never of a conversation that was erased."""
        from sqlalchemy import insert, select

        row = _row(exchange)
        of_erased = select(self._erased.c.conversation_id).where(
            self._erased.c.conversation_id == exchange.conversation_id
        )
        try:
            with self._store.transaction() as connection:
                if connection.execute(of_erased).first() is not None:
                    return False
                connection.execute(insert(self._exchanges).values(row))
        except IsKnown:
            return False
        return True

    def between(self, since: datetime, until: datetime) -> Iterator[Transcript]:
        """The conversations of [since, until), by their id."""
        last = ""
        while ids := self._page(sortable(since), sortable(until), last):
            yield from self._within(sortable(since), sortable(until), ids)
            last = ids[-1]

    def of(self, conversation_id: str) -> Transcript | None:
        """One conversation, whole."""
        return next(self._within("", "~", [conversation_id]), None)

    def erase(self, conversation_ids: Sequence[str]) -> int:
        """How many exchanges are gone for good."""
        from sqlalchemy import delete, insert, select

        gone = 0
        with self._store.transaction() as connection:
            forget_for_good(connection)
            for conversation_id in dict.fromkeys(conversation_ids):
                known = select(self._erased.c.conversation_id).where(self._erased.c.conversation_id == conversation_id)
                if connection.execute(known).first() is None:
                    connection.execute(
                        insert(self._erased).values(conversation_id=conversation_id, at=sortable(datetime.now(UTC)))
                    )
                of = delete(self._exchanges).where(self._exchanges.c.conversation_id == conversation_id)
                gone += int(connection.execute(of).rowcount)
        return gone

    def prune(self, before: datetime) -> int:
        """How many exchanges are gone because of their age."""
        from sqlalchemy import delete

        with self._store.transaction() as connection:
            forget_for_good(connection)
            old = delete(self._exchanges).where(self._exchanges.c.asked_at < sortable(before))
            return int(connection.execute(old).rowcount)

    def ping(self) -> str:
        """How many exchanges are kept, since when, and where."""
        from sqlalchemy import func, select

        count = select(func.count(), func.min(self._exchanges.c.asked_at))
        with self._store.transaction() as connection:
            known, oldest = connection.execute(count.select_from(self._exchanges)).one()
        since = f" since {oldest[:10]}" if oldest else ""
        return f"{known} exchanges{since} ({self._store.name})"

    def _page(self, since: str, until: str, after: str) -> list[str]:
        """The next conversations of the span, by id."""
        from sqlalchemy import select

        of = self._exchanges.c
        query = (
            select(of.conversation_id)
            .where(of.asked_at >= since, of.asked_at < until, of.conversation_id > after)
            .distinct()
            .order_by(of.conversation_id)
            .limit(PAGE)
        )
        with self._store.transaction() as connection:
            return list(connection.execute(query).scalars())

    def _within(self, since: str, until: str, ids: Sequence[str]) -> Iterator[Transcript]:
        from sqlalchemy import select

        of = self._exchanges.c
        query = (
            select(self._exchanges)
            .where(of.conversation_id.in_(ids), of.asked_at >= since, of.asked_at < until)
            .order_by(of.conversation_id, of.asked_at, of.message_id)
        )
        with self._store.transaction() as connection:
            rows = connection.execute(query).mappings().all()
        for conversation_id, own in groupby(rows, key=lambda row: row["conversation_id"]):
            yield Transcript(str(conversation_id), tuple(_exchange(row) for row in own))


def _tables() -> "tuple[Table, Table]":
    from sqlalchemy import Column, Index, MetaData, String, Table, Text

    metadata = MetaData()
    exchanges = Table(
        "transcript_exchanges",
        metadata,
        Column("message_id", String(200), primary_key=True),
        Column("conversation_id", String(200), nullable=False),
        Column("asked_at", String(40), nullable=False),
        Column("said", Text, nullable=False),
        Index("transcript_exchanges_by_conversation", "conversation_id", "asked_at"),
        Index("transcript_exchanges_by_time", "asked_at", "conversation_id"),
    )
    erased = Table(
        "transcript_erasures",
        metadata,
        Column("conversation_id", String(200), primary_key=True),
        Column("at", String(40), nullable=False),
    )
    return exchanges, erased


def _row(exchange: Exchange) -> dict[str, Any]:
    rest = {name: value for name, value in asdict(exchange).items() if name not in _COLUMNS}
    return {
        "message_id": exchange.message_id,
        "conversation_id": exchange.conversation_id,
        "asked_at": sortable(exchange.asked_at),
        "said": json.dumps(rest, ensure_ascii=False),
    }


def _exchange(row: Any) -> Exchange:
    rest = json.loads(row["said"])
    marks = tuple(RailMark(**{**mark, "reasons": tuple(mark["reasons"])}) for mark in rest.pop("marks"))
    return Exchange(
        conversation_id=row["conversation_id"],
        message_id=row["message_id"],
        asked_at=datetime.fromisoformat(row["asked_at"]),
        marks=marks,
        **rest,
    )

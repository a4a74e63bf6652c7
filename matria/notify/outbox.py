"""Notices that are on their way: kept before anything is sent, each channel's delivery followed until it is taken.

In the ledger's PostgreSQL where there is one, so that machines share it; else in a SQLite file of its own, so that
neither a busy nor a damaged ledger keeps an alert from going out. A delivery is leased to one sender at a time. What a
channel took is not sent again; only a sender that dies between the two may, once its lease is over, send a second time.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matria.notify.base import Delivery, Notice, Retried
from matria.sqlstore import IsKnown, Kept, SqlStore, sortable

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

KEPT = Kept(
    name="list of notices",
    remedy="move it away and run the command again; what was told by then may be told once more.",
    lock=0x6D61_7472_6E6F,
)


class Outbox:
    """Notices and their deliveries; each call is one transaction, on disk when it returns. Raises `StorageError`."""

    def __init__(self, place: Path | str, channels: Sequence[str]) -> None:
        """`place` is a SQLite file, or the address of a PostgreSQL; `channels` are those that new notices go to."""
        self._channels = tuple(channels)
        self._notices, self._deliveries = _tables()
        self._store = SqlStore(place, KEPT, self._notices.metadata.create_all)

    def __repr__(self) -> str:
        return f"Outbox({self._store.name}, channels={self._channels})"

    def put(self, key: str, notice: Notice, at: datetime | None = None, channels: Sequence[str] | None = None) -> bool:
        """Whether it is new: a key that was put before changes nothing, whatever became of it.

        It goes to `channels`, by default to all there are.
        """
        from sqlalchemy import insert

        put_at = sortable(at or datetime.now(UTC))
        row = {
            "key": key,
            "subject": notice.subject,
            "body": notice.body,
            "severity": notice.severity,
            "at": sortable(notice.at),
            "link": notice.link,
            "put_at": put_at,
        }
        try:
            with self._store.transaction() as connection:
                done = connection.execute(insert(self._notices).values(row))
                (sequence,) = done.inserted_primary_key or (None,)
                self._address(
                    connection, int(sequence or 0), self._channels if channels is None else channels, put_at, put_at
                )
        except IsKnown:
            return False
        return True

    def claim(
        self, now: datetime, run_started_at: datetime, lease: timedelta, skipped: Collection[str] = ()
    ) -> Delivery | None:
        """The next delivery to try, leased to the caller; None where nothing is due on channels that are not `skipped`.

        Once one is due on a channel, all that wait for it are tried with it, oldest first: an all-clear does not pass
        the alert that it ends. One that was tried since `run_started_at` is let be.
        """
        from sqlalchemy import or_, select, update

        of, notices = self._deliveries.c, self._notices.c
        at = sortable(now)
        is_free = or_(of.leased_until.is_(None), of.leased_until <= at)
        due = select(of.channel).where(of.state == "pending", of.due_at <= at)
        query = (
            select(*self._columns())
            .where(notices.sequence == of.sequence, of.state == "pending", is_free, of.channel.in_(due))
            .where(or_(of.tried_at.is_(None), of.tried_at < sortable(run_started_at)), of.channel.not_in(skipped))
            .order_by(of.sequence, of.channel)
            .limit(1)
            .with_for_update(of=self._deliveries, skip_locked=True)
        )
        with self._store.transaction() as connection:
            row = connection.execute(query).first()
            if row is None:
                return None
            mine = (of.sequence == row.sequence) & (of.channel == row.channel)
            leased = update(self._deliveries).where(mine)
            connection.execute(leased.values(leased_until=sortable(now + lease), tried_at=at))
        return _delivery(row)

    def took(self, delivery: Delivery, at: datetime) -> None:
        """The channel has taken it."""
        self._ended(delivery, state="delivered", delivered_at=sortable(at), why="")

    def refused(self, delivery: Delivery, why: str, due_at: datetime | None) -> None:
        """The channel has not taken it: it is tried again at `due_at`, or given up where that is None."""
        if due_at is None:
            self._ended(delivery, state="failed", why=why)
        else:
            self._ended(delivery, state="pending", due_at=sortable(due_at), why=why)

    def deliveries(self, limit: int = 1000) -> Sequence[Delivery]:
        """The newest, newest first."""
        from sqlalchemy import select

        of, notices = self._deliveries.c, self._notices.c
        query = select(*self._columns()).where(notices.sequence == of.sequence)
        with self._store.transaction() as connection:
            rows = connection.execute(query.order_by(of.sequence.desc(), of.channel).limit(limit)).all()
        return [_delivery(row) for row in rows]

    def open(self) -> Sequence[Delivery]:
        """What is pending or was given up, oldest first."""
        from sqlalchemy import select

        of, notices = self._deliveries.c, self._notices.c
        query = select(*self._columns()).where(notices.sequence == of.sequence, of.state.in_(("pending", "failed")))
        with self._store.transaction() as connection:
            rows = connection.execute(query.order_by(of.sequence, of.channel)).all()
        return [_delivery(row) for row in rows]

    def retry(self, key: str | None, now: datetime) -> Retried:
        """What is undelivered, of one notice or of all, is due now on the channels that there are now.

        It keeps the time at which it was put: what was given up is tried once, and given up again where it fails.
        """
        from sqlalchemy import select, update

        of, notices = self._deliveries.c, self._notices.c
        with self._store.transaction() as connection:
            of_key = select(notices.sequence).where(notices.key == key) if key else select(notices.sequence)
            is_open = of.state.in_(("pending", "failed")) & of.sequence.in_(of_key)
            gone = is_open & of.channel.not_in(self._channels)
            left = connection.execute(select(of.sequence, of.channel, of.put_at).where(gone).order_by(of.channel)).all()
            for sequence, put_at in {row.sequence: row.put_at for row in left}.items():
                held = set(connection.execute(select(of.channel).where(of.sequence == sequence)).scalars())
                fresh = [one for one in self._channels if one not in held]
                self._address(connection, sequence, fresh, put_at, sortable(now))
            why = f"not in the settings any more; sent again on {', '.join(self._channels)}"
            connection.execute(update(self._deliveries).where(gone).values(state="dropped", why=why))
            again = update(self._deliveries).where(is_open).values(state="pending", due_at=sortable(now))
            due = int(connection.execute(again).rowcount)
        return Retried(due, tuple(row.channel for row in left))

    def drop(self, key: str) -> int:
        """How many deliveries of the notice are let be from now on; those that were taken stay as they are."""
        from sqlalchemy import select, update

        of, notices = self._deliveries.c, self._notices.c
        of_key = select(notices.sequence).where(notices.key == key)
        mine = of.sequence.in_(of_key) & of.state.in_(("pending", "failed"))
        with self._store.transaction() as connection:
            return int(connection.execute(update(self._deliveries).where(mine).values(state="dropped")).rowcount)

    def rename(self, key: str, new: str, put_by: datetime) -> bool:
        """Whether a notice that was put by then goes under a new key from now on, so that the old one is free again.

        One that is still on its way keeps its key.
        """
        from sqlalchemy import select, update

        notices = self._notices.c
        under_way = select(self._deliveries.c.sequence).where(self._deliveries.c.state == "pending")
        known = update(self._notices).where(
            notices.key == key, notices.put_at <= sortable(put_by), notices.sequence.not_in(under_way)
        )
        with self._store.transaction() as connection:
            return bool(connection.execute(known.values(key=new)).rowcount)

    def ping(self) -> str:
        """How many are undelivered, and where they lie."""
        waiting = self.open()
        undelivered = sum(delivery.is_undelivered for delivery in waiting)
        return f"{len(waiting) - undelivered} to be sent, {undelivered} undelivered ({self._store.name})"

    def _address(
        self, connection: "Connection", sequence: int, channels: Sequence[str], put_at: str, due_at: str
    ) -> None:
        from sqlalchemy import insert

        rows = [
            {"sequence": sequence, "channel": channel, "state": "pending", "attempts": 0}
            | {"put_at": put_at, "due_at": due_at, "why": ""}
            for channel in channels
        ]
        if rows:
            connection.execute(insert(self._deliveries), rows)

    def _ended(self, delivery: Delivery, **values: Any) -> None:
        from sqlalchemy import select, update

        of, notices = self._deliveries.c, self._notices.c
        sequence = select(notices.sequence).where(notices.key == delivery.key).scalar_subquery()
        mine = (of.sequence == sequence) & (of.channel == delivery.channel) & (of.state == "pending")
        change = update(self._deliveries).where(mine)
        with self._store.transaction() as connection:
            connection.execute(change.values(attempts=of.attempts + 1, leased_until=None, **values))

    def _columns(self) -> list[Any]:
        of, notices = self._deliveries.c, self._notices.c
        told = [notices.key, notices.subject, notices.body, notices.severity, notices.at, notices.link]
        return [*told, *(column for column in of if column.name not in ("leased_until", "tried_at"))]


def _tables() -> "tuple[Table, Table]":
    from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, Text

    metadata = MetaData()
    notices = Table(
        "notices",
        metadata,
        Column("sequence", Integer, primary_key=True, autoincrement=True),
        Column("key", String(200), nullable=False, unique=True),
        *(Column(name, Text, nullable=False) for name in ("subject", "body", "severity", "at", "link", "put_at")),
    )
    deliveries = Table(
        "notice_deliveries",
        metadata,
        Column("sequence", Integer, ForeignKey("notices.sequence"), primary_key=True),
        Column("channel", String(100), primary_key=True),
        Column("state", String(20), nullable=False, index=True),
        Column("attempts", Integer, nullable=False),
        *(Column(name, Text, nullable=False) for name in ("put_at", "due_at", "why")),
        *(Column(name, Text) for name in ("delivered_at", "leased_until", "tried_at")),
    )
    return notices, deliveries


def _delivery(row: Any) -> Delivery:
    notice = Notice(row.subject, row.body, row.severity, datetime.fromisoformat(row.at), row.link)
    return Delivery(
        row.key,
        row.channel,
        notice,
        row.state,
        row.attempts,
        datetime.fromisoformat(row.put_at),
        datetime.fromisoformat(row.due_at),
        row.why,
        None if row.delivered_at is None else datetime.fromisoformat(row.delivered_at),
    )

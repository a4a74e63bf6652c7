"""What the sign-in keeps: links that work once, sessions, and how often somebody tried.

Only hashes of keys come here, so that a copy of the database signs nobody in. Whoever notes attempts gives a subject
that names no person: a keyed hash of an address.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from evals.review.store.database import Database, microseconds, moment
from evals.review.store.tables import KEYS, NOTES

NOTES_KEPT = timedelta(days=1)
"""How long attempts are kept; longer than any span in which they are counted."""


@dataclass(frozen=True)
class Kept:
    """What lay under a key."""

    reviewer_id: str
    """Whose it is; empty where nobody is signed in yet."""
    expires_at: datetime
    data: Mapping[str, Any]
    """As it was put."""


class SqlKeys:
    """Keys by their hash, in the database of the reviews. Each call is one transaction. Raises `StorageError`.

    A key is gone at `expires_at`: from then on nothing finds it.
    """

    def __init__(self, place: Path | str) -> None:
        """`place` is a SQLite file, or the address of a PostgreSQL."""
        self._database = Database(place)

    def put(self, kind: str, key_hash: str, reviewer_id: str, expires_at: datetime, data: Mapping[str, Any]) -> None:
        """Kept until it expires; what lay under the key is replaced."""
        row = {"kind": kind, "key_hash": key_hash, "reviewer_id": reviewer_id, "data": json.dumps(dict(data))}
        with self._database.writing() as connection:
            connection.execute(delete(KEYS).where(_key(kind, key_hash)))
            connection.execute(insert(KEYS).values(**row, expires_us=microseconds(expires_at)))

    def get(self, kind: str, key_hash: str, now: datetime) -> Kept | None:
        """What lies under it; None where it is unknown or has expired."""
        with self._database.reading() as connection:
            return _kept(connection, kind, key_hash, now)

    def take(self, kind: str, key_hash: str, now: datetime) -> Kept | None:
        """The same, and nobody gets it again: of two who ask at once, one does."""
        with self._database.writing() as connection:
            kept = _kept(connection, kind, key_hash, now)
            connection.execute(delete(KEYS).where(_key(kind, key_hash)))
        return kept

    def touch(
        self, kind: str, key_hash: str, now: datetime, expires_at: datetime, data: Mapping[str, Any] | None = None
    ) -> bool:
        """Whether it is still there; it expires at another time now, with other data where some are given."""
        values: dict[str, Any] = {"expires_us": microseconds(expires_at)}
        if data is not None:
            values["data"] = json.dumps(dict(data))
        alive = _key(kind, key_hash) & (KEYS.c.expires_us > microseconds(now))
        with self._database.writing() as connection:
            return bool(connection.execute(update(KEYS).where(alive).values(values)).rowcount)

    def drop(self, kind: str, key_hash: str) -> bool:
        """Whether it was there; it is not any more."""
        with self._database.writing() as connection:
            return bool(connection.execute(delete(KEYS).where(_key(kind, key_hash))).rowcount)

    def drop_all(self, kind: str, reviewer_id: str) -> int:
        """How many keys of that kind a person had; she has none any more."""
        hers = (KEYS.c.kind == kind) & (KEYS.c.reviewer_id == reviewer_id)
        with self._database.writing() as connection:
            return int(connection.execute(delete(KEYS).where(hers)).rowcount)

    def note(self, kind: str, subject: str, at: datetime) -> None:
        """One more attempt."""
        with self._database.writing() as connection:
            _note(connection, kind, subject, at)

    def count_since(self, kind: str, subject: str, since: datetime) -> int:
        """Attempts noted at `since` or after."""
        with self._database.reading() as connection:
            return _count(connection, kind, subject, since)

    def admit(self, kind: str, subject: str, at: datetime, since: datetime, most: int) -> bool:
        """Whether fewer than `most` were noted at `since` or after; this one is noted then.

        Counted and noted in one: of many at once no more than `most` are let in.
        """
        with self._database.writing() as connection:
            if _count(connection, kind, subject, since) >= most:
                return False
            _note(connection, kind, subject, at)
        return True

    def prune(self, now: datetime) -> int:
        """How many expired keys and old attempts are gone."""
        with self._database.writing() as connection:
            keys = connection.execute(delete(KEYS).where(KEYS.c.expires_us <= microseconds(now))).rowcount
            old = NOTES.c.at_us < microseconds(now - NOTES_KEPT)
            return int(keys + connection.execute(delete(NOTES).where(old)).rowcount)


def _key(kind: str, key_hash: str) -> ColumnElement[bool]:
    return (KEYS.c.kind == kind) & (KEYS.c.key_hash == key_hash)


def _kept(connection: Connection, kind: str, key_hash: str, now: datetime) -> Kept | None:
    alive = _key(kind, key_hash) & (KEYS.c.expires_us > microseconds(now))
    row = connection.execute(select(KEYS).where(alive)).first()
    return None if row is None else Kept(row.reviewer_id, moment(row.expires_us), json.loads(row.data))


def _note(connection: Connection, kind: str, subject: str, at: datetime) -> None:
    connection.execute(insert(NOTES).values(kind=kind, subject=subject, at_us=microseconds(at)))


def _count(connection: Connection, kind: str, subject: str, since: datetime) -> int:
    of = NOTES.c
    noted = select(func.count()).where(of.kind == kind, of.subject == subject, of.at_us >= microseconds(since))
    return int(connection.execute(noted).scalar_one())

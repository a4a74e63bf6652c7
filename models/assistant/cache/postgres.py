"""The response cache in PostgreSQL: what machines that share an evaluation share.

One connection reads and one writes; what comes while one batch is written goes together into the next. A connection
that broke is opened once more before it is an error.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from matria.errors import StorageError
from models.assistant.base import ChatReply
from models.assistant.cache.base import CacheEntry, ModelStock, PruneRule, SeenSnapshot
from models.assistant.cache.reply_json import dump, load

if TYPE_CHECKING:
    from psycopg import AsyncConnection

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 10
_LOCK = 0x6D6174726961
"""Held while the tables are made, since of two processes that make one table at once, one fails; spells `matria`."""
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS matria_responses (key bytea PRIMARY KEY, address text NOT NULL, model text NOT NULL, "
    "snapshot text NOT NULL, made_at timestamptz NOT NULL, size_bytes bigint NOT NULL, reply text NOT NULL)",
    "CREATE INDEX IF NOT EXISTS matria_responses_by_age ON matria_responses (made_at, key)",
    "CREATE TABLE IF NOT EXISTS matria_snapshots (address text NOT NULL, model text NOT NULL, snapshot text NOT NULL, "
    "seen_at timestamptz NOT NULL, PRIMARY KEY (address, model))",
)
PUT = (
    "INSERT INTO matria_responses VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (key) DO UPDATE SET "
    "address = excluded.address, model = excluded.model, snapshot = excluded.snapshot, made_at = excluded.made_at, "
    "size_bytes = excluded.size_bytes, reply = excluded.reply"
)
SEEN = (
    "INSERT INTO matria_snapshots VALUES (%s, %s, %s, %s) ON CONFLICT (address, model) DO UPDATE SET "
    "snapshot = excluded.snapshot, seen_at = excluded.seen_at WHERE excluded.seen_at >= matria_snapshots.seen_at"
)
SURVEY = (
    "SELECT address, model, snapshot, count(*), sum(size_bytes)::bigint, min(made_at), max(made_at) "
    "FROM matria_responses GROUP BY address, model, snapshot ORDER BY address, model, snapshot"
)
DELETE_OLDEST = (
    "DELETE FROM matria_responses WHERE key IN (SELECT key FROM (SELECT key, sum(size_bytes) OVER "
    "(ORDER BY made_at DESC, key DESC) AS so_far FROM matria_responses) AS aged WHERE so_far > %s)"
)
Result = TypeVar("Result")


class PostgresCache:
    """See `models.assistant.cache.base.ResponseCache`. The tables are made when first needed."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._reader = _Link(url)
        self._writer = _Link(url)
        self._unwritten: dict[str, CacheEntry] = {}
        self._writing: asyncio.Task[None] | None = None
        self._lost = 0

    async def get(self, key: str) -> ChatReply | None:
        """The reply under a key."""
        if (entry := self._unwritten.get(key)) is not None:
            return entry.reply
        row = await self._one("SELECT reply FROM matria_responses WHERE key = %s", (bytes.fromhex(key),))
        return None if row is None else load(row[0])

    async def put(self, entry: CacheEntry) -> None:
        """The entry is kept."""
        self._unwritten[entry.key] = entry
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write_all())

    async def snapshot(self, address: str, model: str) -> SeenSnapshot | None:
        """The model that answered last under that name."""
        await self._flush()
        asked = "SELECT snapshot, seen_at FROM matria_snapshots WHERE address = %s AND model = %s"
        row = await self._one(asked, (address, model))
        return None if row is None else SeenSnapshot(row[0], row[1])

    async def survey(self) -> Sequence[ModelStock]:
        """What is kept, by address, model and snapshot."""
        await self._flush()

        async def ask(connection: "AsyncConnection[Any]") -> list[Any]:
            return await (await connection.execute(SURVEY)).fetchall()

        return [ModelStock(*row) for row in await self._reader.use(ask)]

    async def prune(self, rule: PruneRule) -> int:
        """How many entries went."""
        await self._flush()

        async def go(connection: "AsyncConnection[Any]") -> int:
            async with connection.transaction():
                gone = await _delete_matching(connection, rule)
                if rule.max_size_bytes is not None:
                    gone += (await connection.execute(DELETE_OLDEST, (rule.max_size_bytes,))).rowcount
            return gone

        return await self._writer.use(go)

    async def ping(self) -> str:
        """The store, and how many entries it holds."""
        await self._flush()
        row = await self._one("SELECT count(*) FROM matria_responses", ())
        return f"PostgreSQL cache, {row[0] if row else 0} replies"

    async def aclose(self) -> None:
        """What is outstanding is written; the next call opens the store again."""
        await self._flush()
        if self._lost:
            log.warning("%d replies could not be kept in the cache; they will be asked for again", self._lost)
            self._lost = 0
        await self._reader.close()
        await self._writer.close()

    async def _one(self, statement: str, values: tuple[Any, ...]) -> Any:
        async def ask(connection: "AsyncConnection[Any]") -> Any:
            return await (await connection.execute(statement, values)).fetchone()

        return await self._reader.use(ask)

    async def _flush(self) -> None:
        if self._writing is not None:
            await self._writing

    async def _write_all(self) -> None:
        """Batch after batch until nothing is unwritten."""
        try:
            while self._unwritten:
                batch = list(self._unwritten.values())
                await self._write_batch(batch)
                for entry in batch:
                    if self._unwritten.get(entry.key) is entry:
                        del self._unwritten[entry.key]
        finally:
            self._writing = None

    async def _write_batch(self, batch: Sequence[CacheEntry]) -> None:
        rows = [_row(entry) for entry in sorted(batch, key=lambda entry: entry.key)]  # one order: no deadlock
        newest = {(entry.address, entry.model): entry for entry in sorted(batch, key=lambda entry: entry.made_at)}
        seen = [(*named, entry.reply.model_snapshot, entry.made_at) for named, entry in sorted(newest.items())]

        async def write(connection: "AsyncConnection[Any]") -> None:
            async with connection.transaction(), connection.cursor() as cursor:
                await cursor.executemany(PUT, rows)
                await cursor.executemany(SEEN, seen)

        try:
            await self._writer.use(write)
        except StorageError as error:
            if not self._lost:
                log.warning("%s What is not kept is asked for again.", error)
            self._lost += len(batch)


class _Link:
    """One connection, opened when needed and once again where it broke; used by one task at a time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._opened: AsyncConnection[Any] | None = None
        self._lock = asyncio.Lock()

    async def use(self, work: "Callable[[AsyncConnection[Any]], Awaitable[Result]]") -> Result:
        """What `work` gives. Raises `StorageError`."""
        import psycopg

        async with self._lock:
            try:
                try:
                    return await work(await self._connection())
                except psycopg.OperationalError:
                    await self._drop()
                    return await work(await self._connection())
            except psycopg.Error as error:
                raise StorageError(
                    f"The response cache in PostgreSQL does not answer ({type(error).__name__}): check the server and "
                    "MATRIA_CACHE__URL, or set MATRIA_CACHE__KIND to sqlite or none."
                ) from error

    async def close(self) -> None:
        async with self._lock:
            await self._drop()
        self._lock = asyncio.Lock()  # a lock belongs to the loop that it was waited for on

    async def _drop(self) -> None:
        if self._opened is not None:
            opened, self._opened = self._opened, None
            await opened.close()

    async def _connection(self) -> "AsyncConnection[Any]":
        if self._opened is None:
            from psycopg import AsyncConnection

            opened = await AsyncConnection.connect(self._url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S)
            async with opened.transaction():
                await opened.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
                for statement in SCHEMA:
                    await opened.execute(statement)
            self._opened = opened
        return self._opened


async def _delete_matching(connection: "AsyncConnection[Any]", rule: PruneRule) -> int:
    conditions: list[str] = []
    values: list[datetime | str] = []
    if rule.made_before is not None:
        conditions.append("made_at < %s")
        values.append(rule.made_before)
    if rule.model is not None:
        conditions.append("%s IN (model, snapshot)")
        values.append(rule.model)
    if not conditions:
        return 0
    statement = f"DELETE FROM matria_responses WHERE {' AND '.join(conditions)}"
    return (await connection.execute(statement, values)).rowcount


def _row(entry: CacheEntry) -> tuple[Any, ...]:
    reply = dump(entry.reply)
    named = (bytes.fromhex(entry.key), entry.address, entry.model, entry.reply.model_snapshot)
    return (*named, entry.made_at, len(reply.encode()), reply)

"""The contract of `models.assistant.cache.base.ResponseCache`, run on every adapter; PostgreSQL is a real server."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matria.costs.base import Usage
from models.assistant.base import ChatReply, RateLimit
from models.assistant.cache.base import CacheEntry, PruneRule, ResponseCache
from models.assistant.cache.postgres import PostgresCache
from models.assistant.cache.sqlite import SqliteCache

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
REPLY = ChatReply("Beba água.", "stop", "m-2026-01", "chatcmpl-1", Usage(9, 3, 2, 1), 812.5, is_simulated=False)
Open = Callable[[], ResponseCache]
"""Opens the same cache once more, as another process would."""
Result = TypeVar("Result")


@pytest.fixture(params=["sqlite", "postgres"])
def open_cache(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    if request.param == "sqlite":
        return lambda: SqliteCache(tmp_path / "cache" / "responses.db")
    address: str = request.getfixturevalue("postgres")
    return lambda: PostgresCache(address)


def use(cache: ResponseCache, work: Callable[[ResponseCache], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        try:
            return await work(cache)
        finally:
            await cache.aclose()

    return asyncio.run(run())


def entry(key: str = "00", made_at: datetime = NOON, model: str = "m", **reply: object) -> CacheEntry:
    return CacheEntry(key, "https://api.example/v1", model, made_at, replace(REPLY, **reply))  # type: ignore[arg-type]


def put(cache: ResponseCache, *entries: CacheEntry) -> None:
    async def work(opened: ResponseCache) -> None:
        for each in entries:
            await opened.put(each)

    use(cache, work)


def keys_of(cache: ResponseCache, keys: str) -> str:
    """Those of the keys, each one letter of hexadecimal doubled, that are kept."""

    async def work(opened: ResponseCache) -> str:
        return "".join([key for key in keys if await opened.get(key * 2) is not None])

    return use(cache, work)


def test_what_was_put_comes_back_whole_to_another_process(open_cache: Open) -> None:
    put(open_cache(), entry(limits=(RateLimit("requests", 1, 1, 1),)))
    assert use(open_cache(), lambda cache: cache.get("00")) == REPLY


def test_what_was_put_is_found_at_once(open_cache: Open) -> None:
    async def work(cache: ResponseCache) -> list[ChatReply | None]:
        found = []
        for number in range(200):
            key = f"{number:04x}"
            await cache.put(entry(key, text=key))
            found.append(await cache.get(key))
        return found

    assert [reply.text for reply in use(open_cache(), work) if reply] == [f"{n:04x}" for n in range(200)]


def test_an_unknown_key_is_none(open_cache: Open) -> None:
    assert use(open_cache(), lambda cache: cache.get("ff")) is None


def test_the_last_one_put_under_a_key_stands(open_cache: Open) -> None:
    cache = open_cache()
    put(cache, entry(text="first"), entry(text="second"))
    put(cache, entry(text="third"))
    found = use(cache, lambda opened: opened.get("00"))
    assert found is not None
    assert found.text == "third"


def test_the_snapshot_is_the_one_seen_last_and_outlives_its_entries(open_cache: Open) -> None:
    cache = open_cache()
    later, latest = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
    put(cache, entry("02", latest, model_snapshot="new"), entry("01", later, model_snapshot="newer than old"))
    put(cache, entry("00", NOON, model_snapshot="old"), entry("03", NOON, model="other", model_snapshot="x"))
    use(cache, lambda opened: opened.prune(PruneRule(max_size_bytes=0)))
    seen = use(cache, lambda opened: opened.snapshot("https://api.example/v1", "m"))
    assert seen is not None
    assert (seen.snapshot, seen.seen_at) == ("new", latest)
    assert use(cache, lambda opened: opened.snapshot("https://elsewhere/v1", "m")) is None


def test_a_survey_counts_by_address_model_and_snapshot(open_cache: Open) -> None:
    cache = open_cache()
    put(cache, entry("00"), entry("01", NOON + timedelta(days=1)), entry("02", model_snapshot="m-2026-02"))
    first, second = use(cache, lambda opened: opened.survey())
    assert (first.address, first.model, first.snapshot, first.entries) == (
        "https://api.example/v1",
        "m",
        "m-2026-01",
        2,
    )
    assert (first.oldest, first.newest) == (NOON, NOON + timedelta(days=1))
    assert first.size_bytes == 2 * second.size_bytes > 0


def day(number: int) -> datetime:
    return NOON + timedelta(days=number)


@pytest.mark.parametrize(
    ("rule", "gone", "left"),
    [
        (PruneRule(), 0, "abcd"),
        (PruneRule(made_before=day(2)), 2, "cd"),
        (PruneRule(model="other"), 1, "abc"),
        (PruneRule(model="m-2026-01"), 3, "d"),
        (PruneRule(model="m", made_before=day(1)), 1, "bcd"),
        (PruneRule(max_size_bytes=0), 4, ""),
        (PruneRule(max_size_bytes=10**9), 0, "abcd"),
    ],
)
def test_a_prune_takes_what_its_rule_says(open_cache: Open, rule: PruneRule, gone: int, left: str) -> None:
    cache = open_cache()
    put(cache, *(entry(key * 2, day(number)) for number, key in enumerate("abc")))
    put(cache, entry("dd", day(3), "other", model_snapshot="other-1"))
    assert use(cache, lambda opened: opened.prune(rule)) == gone
    assert keys_of(cache, "abcd") == left


def test_a_prune_by_size_keeps_the_newest(open_cache: Open) -> None:
    cache = open_cache()
    put(cache, *(entry(key * 2, day(number)) for number, key in enumerate("cab")))
    (stock,) = use(cache, lambda opened: opened.survey())
    size = stock.size_bytes // 3
    assert use(cache, lambda opened: opened.prune(PruneRule(max_size_bytes=2 * size))) == 1
    assert keys_of(cache, "abc") == "ab"


def test_many_readers_and_writers_at_once(open_cache: Open) -> None:
    first, second = open_cache(), open_cache()

    async def work() -> int:
        async def fill(cache: ResponseCache, start: int) -> None:
            for number in range(start, start + 300):
                await cache.put(entry(f"{number:04x}", text=str(number)))
                await cache.get(f"{number:04x}")

        await asyncio.gather(fill(first, 0), fill(second, 150), fill(first, 300))
        await first.aclose()
        await second.aclose()
        found = [await first.get(f"{number:04x}") for number in range(600)]
        await first.aclose()
        return sum(reply is not None and reply.text == str(number) for number, reply in enumerate(found))

    assert asyncio.run(work()) == 600


@given(text=st.text(), usage=st.tuples(*[st.integers(0, 2**40)] * 4), ms=st.floats(0, 1e9))
@settings(suppress_health_check=list(HealthCheck), max_examples=25, deadline=None)
def test_any_reply_survives_the_way_there_and_back(
    open_cache: Open, text: str, usage: tuple[int, int, int, int], ms: float
) -> None:
    tokens = Usage(*usage, uncounted_tokens=usage[0] - usage[1])
    reply = replace(REPLY, text=text, usage=tokens, latency_ms=ms, is_simulated=True)
    put(open_cache(), replace(entry(), reply=reply))
    assert use(open_cache(), lambda cache: cache.get("00")) == reply


def test_a_ping_counts_the_replies(open_cache: Open) -> None:
    put(open_cache(), entry())
    assert "1 replies" in use(open_cache(), lambda cache: cache.ping())


WRITER = """
import asyncio, json, sys
from datetime import datetime, UTC
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from matria.costs.base import Usage
from models.assistant.base import ChatReply
from models.assistant.cache.base import CacheEntry
from models.assistant.cache.sqlite import SqliteCache

async def main():
    cache = SqliteCache(Path(sys.argv[1]))
    for number in range(200):
        reply = ChatReply(sys.argv[3], "stop", "m-1", "id", Usage(1, 1), 1.0, is_simulated=False)
        await cache.put(CacheEntry(f"{int(sys.argv[3]):02x}{number:04x}", "a", "m", datetime.now(UTC), reply))
    await cache.aclose()

asyncio.run(main())
"""


def test_processes_may_share_a_file_from_its_first_moment(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "cache" / "responses.db"
    command = [sys.executable, "-c", WRITER, str(path), str(root)]
    processes = [subprocess.Popen([*command, str(number)]) for number in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert [stock.entries for stock in use(SqliteCache(path), lambda cache: cache.survey())] == [600]


def test_a_file_that_is_no_cache_is_told(tmp_path: Path) -> None:
    from matria.errors import StorageError

    path = tmp_path / "responses.db"
    path.write_text(json.dumps(["not a database"]) * 100)
    with pytest.raises(StorageError, match="is not a response cache that can be read"):
        use(SqliteCache(path), lambda cache: cache.get("00"))


def test_a_server_that_is_away_is_told_without_its_password() -> None:
    from matria.errors import StorageError

    cache = PostgresCache("postgresql://me:hush@127.0.0.1:1/cache")
    with pytest.raises(StorageError, match="MATRIA_CACHE__URL") as caught:
        use(cache, lambda opened: opened.get("00"))
    assert "hush" not in str(caught.value)

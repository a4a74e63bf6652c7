"""What is asked once, what is asked again, and what is never kept."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from matria.costs.base import Usage
from matria.errors import ModelError, StorageError
from matria.messages import Message
from models.assistant.base import ChatReply, ChatRequest
from models.assistant.cache.base import CacheEntry
from models.assistant.cache.sqlite import SqliteCache
from models.assistant.cached import CachedChat, CacheScope
from models.assistant.failures import ChatFailed, PaidAttempt
from tests.virtual_time import until

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(hours=24)
REPLY = ChatReply("Beba água.", "stop", "m-2026-01", "id-1", Usage(9, 3), 812.5, is_simulated=False)
REQUEST = ChatRequest((Message("system", "Be brief."), Message("user", "Oi")), "m", {"temperature": 0, "seed": 1})
SCOPE = CacheScope("openai", "https://api.example/v1")


@dataclass
class Model:
    """A chat model that says what a test wrote, and counts how often it was asked."""

    says: Callable[[int], ChatReply | Exception] = lambda n: REPLY
    provider: str = "openai"
    asked: list[ChatRequest] = field(default_factory=list)
    may: asyncio.Event | None = None
    """Answers when it is set; None answers at once."""

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.asked.append(request)
        said = self.says(len(self.asked))
        if self.may is not None:
            await self.may.wait()
        if isinstance(said, Exception):
            raise said
        return said

    async def ping(self) -> str:
        return "pong"

    async def aclose(self) -> None: ...


@dataclass
class Desk:
    """Cached models over one cache file, each made anew as another process would."""

    path: Path
    now: datetime = NOON

    def chat(self, model: Model, scope: CacheScope = SCOPE) -> CachedChat:
        return CachedChat(model, SqliteCache(self.path), scope, confirm_after=DAY, clock=lambda: self.now)

    def ask(self, model: Model, *requests: ChatRequest, scope: CacheScope = SCOPE) -> list[Any]:
        """What came of the requests, one after the other, in a process of their own."""

        async def run() -> list[Any]:
            chat, results = self.chat(model, scope), []
            for request in requests:
                try:
                    results.append(await chat.complete(request))
                except ModelError as error:
                    results.append(error)
            await chat.aclose()
            return results

        return asyncio.run(run())


async def all_at_once(chat: CachedChat, requests: Sequence[ChatRequest], may: asyncio.Event) -> list[Any]:
    """What comes of requests that have all begun before the model may answer the first."""
    asking = [asyncio.ensure_future(chat.complete(request)) for request in requests]
    for _ in range(100):  # nothing of the cache waits for a thread, so that each has gone as far as it can
        await asyncio.sleep(0)
    may.set()
    return await asyncio.gather(*asking, return_exceptions=True)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "responses.db")


def test_what_was_answered_is_not_asked_again(desk: Desk) -> None:
    model = Model()
    first, second = desk.ask(model, REQUEST, REQUEST)
    (third,) = desk.ask(model, REQUEST)
    assert len(model.asked) == 1
    assert (first.is_cached, second.is_cached, third.is_cached) == (False, True, True)
    assert replace(third, is_cached=False) == REPLY


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, epoch=1),
        replace(REQUEST, model="m2"),
        replace(REQUEST, parameters={"temperature": 0, "seed": 2}),
        replace(REQUEST, parameters={**REQUEST.parameters, "tools": []}),
        replace(REQUEST, messages=REQUEST.messages[1:]),
        replace(REQUEST, messages=(Message("user", "Be brief."), Message("user", "Oi"))),
    ],
)
def test_another_question_is_asked(desk: Desk, other: ChatRequest) -> None:
    model = Model()
    desk.ask(model, REQUEST, other)
    assert model.asked == [REQUEST, other]


def test_the_order_of_parameters_does_not_matter(desk: Desk) -> None:
    model = Model()
    desk.ask(model, REQUEST, replace(REQUEST, parameters={"seed": 1, "temperature": 0}))
    assert len(model.asked) == 1


@pytest.mark.parametrize(
    "scope",
    [replace(SCOPE, provider="azure"), replace(SCOPE, address="https://other/v1"), replace(SCOPE, code="1f")],
)
def test_another_endpoint_is_asked(desk: Desk, scope: CacheScope) -> None:
    model = Model()
    desk.ask(model, REQUEST)
    desk.ask(model, REQUEST, scope=scope)
    assert len(model.asked) == 2


@pytest.mark.parametrize(
    "unkept",
    [
        replace(REPLY, finish_reason="length"),
        replace(REPLY, finish_reason="content_filter"),
        replace(REPLY, text=" \n"),
        replace(REPLY, is_refusal=True),
        replace(REPLY, is_simulated=True),
        ChatFailed("away", "server", status=500),
    ],
)
def test_what_is_no_whole_answer_is_asked_again(desk: Desk, unkept: ChatReply | Exception) -> None:
    model = Model(lambda n: unkept if n == 1 else REPLY)
    _, second, third = desk.ask(model, REQUEST, REQUEST, REQUEST)
    assert len(model.asked) == 2
    assert (second.is_cached, third.is_cached) == (False, True)


def test_a_reply_that_is_not_the_json_asked_for_is_asked_again(desk: Desk) -> None:
    request = replace(REQUEST, parameters={"response_format": {"type": "json_object"}})
    model = Model(lambda n: replace(REPLY, text='{"met": tr' if n == 1 else '{"met": true}'))
    results = desk.ask(model, request, request, request)
    assert [result.text for result in results] == ['{"met": tr', '{"met": true}', '{"met": true}']
    assert len(model.asked) == 2


def test_the_simulators_replies_are_kept_by_its_code(desk: Desk) -> None:
    model = Model(lambda n: replace(REPLY, is_simulated=True))
    for code in ("old", "old", "new", "new"):
        desk.ask(model, REQUEST, scope=replace(SCOPE, code=code))
    assert len(model.asked) == 2


def test_an_alias_that_moved_is_noticed_with_the_first_real_call(desk: Desk) -> None:
    """Two questions are known from the old snapshot. A new one shows that the alias moved; the old ones are asked."""
    known, new = replace(REQUEST, epoch=1), replace(REQUEST, epoch=2)
    desk.ask(Model(), REQUEST, known)
    moved = Model(lambda n: replace(REPLY, model_snapshot="m-2026-02", text="new words"))
    before, _, after, again = desk.ask(moved, REQUEST, new, REQUEST, known)
    assert (before.text, before.is_cached) == (REPLY.text, True)
    assert (after.text, after.is_cached, again.is_cached) == ("new words", False, False)
    (other_process,) = desk.ask(moved, REQUEST)
    assert (other_process.text, other_process.is_cached) == ("new words", True)


def test_after_a_day_one_call_confirms_the_snapshot_and_the_others_wait_for_it(desk: Desk) -> None:
    requests = [replace(REQUEST, epoch=number) for number in range(10)]
    desk.ask(Model(), *requests)
    desk.now = NOON + DAY
    may = asyncio.Event()
    model = Model(may=may)

    async def run() -> list[ChatReply]:
        chat = desk.chat(model)
        replies = await all_at_once(chat, requests, may)
        await chat.aclose()
        return replies

    assert [reply.is_cached for reply in asyncio.run(run())] == [False] + [True] * 9
    assert len(model.asked) == 1


def test_where_nothing_confirms_the_snapshot_nothing_old_is_taken_for_new(desk: Desk) -> None:
    requests = [replace(REQUEST, epoch=number) for number in range(3)]
    desk.ask(Model(), *requests)
    desk.now = NOON + DAY
    away = Model(lambda n: ChatFailed("away", "unreachable"))

    async def run() -> list[Any]:
        chat = desk.chat(away)
        return await asyncio.gather(*[chat.complete(request) for request in requests], return_exceptions=True)

    assert all(isinstance(result, ChatFailed) for result in asyncio.run(run()))


@pytest.mark.parametrize("said", [REPLY, replace(REPLY, finish_reason="length"), ChatFailed("away", "server")])
def test_the_same_question_at_once_is_one_call(desk: Desk, said: ChatReply | Exception) -> None:
    may = asyncio.Event()
    model = Model(lambda n: said, may=may)

    results = asyncio.run(all_at_once(desk.chat(model), [REQUEST] * 5, may))
    assert len(model.asked) == 1
    if isinstance(said, ChatReply):
        assert [result.is_cached for result in results] == [False] + [True] * 4
    else:
        assert all(result is said for result in results)


def test_where_the_one_that_asked_is_cancelled_the_next_asks(desk: Desk) -> None:
    may = asyncio.Event()
    model = Model(may=may)

    async def run() -> ChatReply:
        chat = desk.chat(model)
        first, second = (asyncio.ensure_future(chat.complete(REQUEST)) for _ in range(2))
        await until(lambda: model.asked)
        first.cancel()
        await until(lambda: len(model.asked) == 2)
        may.set()
        reply = await second
        await chat.aclose()
        return reply

    assert not asyncio.run(run()).is_cached
    assert len(model.asked) == 2


class FullCache(SqliteCache):
    """A cache that takes nothing."""

    async def put(self, entry: CacheEntry) -> None:
        raise StorageError("The disk is full.")


class StuckCache(SqliteCache):
    """A cache that takes for ever."""

    is_asked = False

    async def put(self, entry: CacheEntry) -> None:
        self.is_asked = True
        await asyncio.Event().wait()


def test_a_cache_that_takes_nothing_takes_no_reply_along(tmp_path: Path) -> None:
    cache = FullCache(tmp_path / "responses.db")
    chat = CachedChat(Model(), cache, SCOPE, confirm_after=DAY, clock=lambda: NOON)
    assert asyncio.run(chat.complete(REQUEST)) == REPLY


def test_who_gives_up_while_a_reply_is_kept_is_told_that_it_was_paid(tmp_path: Path) -> None:
    cache, heard = StuckCache(tmp_path / "responses.db"), list[PaidAttempt]()
    chat = CachedChat(Model(), cache, SCOPE, confirm_after=DAY, clock=lambda: NOON)

    async def run() -> None:
        asking = asyncio.ensure_future(chat.complete(replace(REQUEST, on_paid=heard.append)))
        await until(lambda: cache.is_asked)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(run())
    assert [(attempt.failure, attempt.usage) for attempt in heard] == [("cancelled", REPLY.usage)]

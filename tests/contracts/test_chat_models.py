"""The contract of `models.assistant.base.ChatModel`, run on every way to reach a model: in process and over HTTP."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pydantic import SecretStr

from matria.errors import ModelError
from matria.messages import Message
from matria.settings import ChatSettings
from models.assistant.base import ChatModel, ChatReply, ChatRequest
from models.assistant.cache.sqlite import SqliteCache
from models.assistant.cached import CachedChat, CacheScope
from models.assistant.failures import ChatFailed
from models.assistant.gates.adaptive import AdaptiveGate, GateLimits
from models.assistant.limited import Attempts, LimitedChat
from models.assistant.openai import azure_chat, compatible_chat, openai_chat, simulated_chat
from models.simulator import create_app
from models.simulator.server import serving

KEY = "test-key"
Result = TypeVar("Result")


class Endpoint:
    """One server for all tests, behind which each test puts the simulator that it needs."""

    def __init__(self) -> None:
        self.app = create_app()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@dataclass(frozen=True)
class Way:
    """One way to reach a model: which settings, over which transport."""

    name: str
    endpoint: Endpoint
    address: str
    folder: Path

    def opened(self, faults: Sequence[int] = (), key: str | None = None) -> ChatModel:
        """A chat model on a simulator that begins with these faults and accepts this key."""
        self.endpoint.app = create_app(api_key=key, faults=faults, retry_after_s=0.01)
        chat = limited(self.bare())
        return cached(chat, self.folder / f"{uuid.uuid4().hex}.db") if self.name.startswith("cached") else chat

    def bare(self) -> ChatModel:
        """The adapter alone, which makes one attempt."""
        place, _, client = self.name.partition("_by_")
        more = {"client": client or "openai"}
        match place:
            case "in_process" | "cached_in_process":
                return simulated_chat(settings("simulator"), app=self.endpoint.app)
            case "compatible":
                return compatible_chat(settings("compatible", base_url=self.address, **more))
            case "openai":
                return openai_chat(settings("openai", base_url=self.address, api_key=SecretStr(KEY), **more))
            case _:
                root = self.address.removesuffix("/v1")
                return azure_chat(settings("azure_openai", base_url=root, api_key=SecretStr(KEY), **more))


def settings(kind: Any, **more: Any) -> ChatSettings:
    return ChatSettings(kind=kind, timeout_s=60, **more)


def limited(chat: ChatModel) -> ChatModel:
    """With one more attempt, as everything that serves has it."""
    return LimitedChat(chat, (AdaptiveGate(GateLimits(8, 8)),), Attempts(2, 120, 0.01, 0.01))


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Endpoint, str]]:
    endpoint = Endpoint()
    with serving(endpoint) as address:
        yield endpoint, address


def cached(chat: ChatModel, path: Path) -> ChatModel:
    """With a cache that knows nothing yet."""
    return CachedChat(chat, SqliteCache(path), CacheScope("simulator", "here", "1f"), confirm_after=timedelta(days=1))


WAYS = [
    "in_process",
    "cached_in_process",
    *(f"{place}_by_{client}" for place in ("compatible", "openai", "azure") for client in ("openai", "aiohttp")),
]


STREAMING_WAYS = [name for name in WAYS if not name.startswith("cached")]
"""A cache asks for the whole, so nothing of it can break off."""


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, server: tuple[Endpoint, str], tmp_path: Path) -> Way:
    return Way(request.param, *server, tmp_path)


def use(
    way: Way,
    work: Callable[[ChatModel], Awaitable[Result]],
    faults: Sequence[int] = (),
    key: str | None = None,
) -> Result:
    async def run() -> Result:
        chat = way.opened(faults, key)
        try:
            return await work(chat)
        finally:
            await chat.aclose()

    return asyncio.run(run())


def question(text: str = "Can I drink coffee?", model: str = "simulator-1", **parameters: Any) -> ChatRequest:
    return ChatRequest((Message("system", "Answer in English."), Message("user", text)), model, parameters)


def test_a_reply_comes_with_its_usage(way: Way) -> None:
    reply: ChatReply = use(way, lambda chat: chat.complete(question(temperature=0, max_tokens=400)))
    assert "caffeine" in reply.text
    assert reply.finish_reason == "stop"
    assert reply.model_snapshot == "simulator-1"
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (18, -(-len(reply.text) // 4))
    assert reply.latency_ms > 0
    assert reply.request_id


def test_the_simulator_is_known_whatever_the_address(way: Way) -> None:
    assert use(way, lambda chat: chat.complete(question())).is_simulated


def test_a_cut_reply_says_so(way: Way) -> None:
    assert use(way, lambda chat: chat.complete(question(max_tokens=3))).finish_reason == "length"


def test_cached_tokens_are_passed_on(way: Way) -> None:
    long = ChatRequest((Message("system", "word " * 1200), Message("user", "hi")), "simulator-1")
    assert use(way, lambda chat: chat.complete(long)).usage.cached_tokens == 1408


def test_many_calls_at_once_get_their_own_replies(way: Way) -> None:
    texts = ["Can I drink coffee?", "Can I drink wine?", "Can I eat sushi?"] * 4

    async def ask_all(chat: ChatModel) -> list[ChatReply]:
        return await asyncio.gather(*[chat.complete(question(text)) for text in texts])

    replies = use(way, ask_all)
    assert [("caffeine" in r.text, "alcohol" in r.text, "listeria" in r.text) for r in replies] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ] * 4


@pytest.mark.parametrize("status", [429, 500])
def test_a_passing_fault_is_tried_again(way: Way, status: int) -> None:
    assert use(way, lambda chat: chat.complete(question()), [status]).text


@pytest.mark.parametrize(("status", "kind"), [(429, "too_many_requests"), (500, "server")])
def test_the_adapter_alone_makes_one_attempt_and_says_what_came_of_it(way: Way, status: int, kind: str) -> None:
    way.endpoint.app = create_app(faults=[status], retry_after_s=1.5)

    async def fail_then_answer() -> tuple[ChatFailed, ChatReply]:
        chat = way.bare()
        try:
            with pytest.raises(ChatFailed) as caught:
                await chat.complete(question())
            return caught.value, await chat.complete(question())
        finally:
            await chat.aclose()

    failed, reply = asyncio.run(fail_then_answer())
    assert (failed.failure, failed.status, failed.retry_after_s, failed.is_passing) == (kind, status, 1.5, True)
    assert reply.text


def test_the_epoch_is_not_sent(way: Way) -> None:
    first = use(way, lambda chat: chat.complete(question()))
    again = use(way, lambda chat: chat.complete(replace(question(), epoch=7)))
    assert again.request_id == first.request_id  # the simulator makes its id of the bytes that it was sent


@pytest.mark.parametrize(("status", "says"), [(429, "too many requests"), (500, "failed on its side")])
def test_when_attempts_run_out_it_is_a_model_error(way: Way, status: int, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        use(way, lambda chat: chat.complete(question()), [status, status])


def test_an_unknown_model_is_named_with_those_there_are(way: Way) -> None:
    with pytest.raises(ModelError, match=r"'gpt-9'.*simulator-1, simulator-1-mini.*CHAT__MODEL"):
        use(way, lambda chat: chat.complete(question(model="gpt-9")))


def test_a_refused_key_is_told(way: Way) -> None:
    with pytest.raises(ModelError, match=r"refused the key \(401\).*API_KEY"):
        use(way, lambda chat: chat.complete(question()), key="another-key")


def test_a_refused_request_is_told_without_its_text(way: Way) -> None:
    with pytest.raises(ModelError, match=r"refused the request \(400.*temperature") as caught:
        use(way, lambda chat: chat.complete(question("my secret", temperature=9)))
    assert "secret" not in str(caught.value)


def test_a_parameter_that_the_wire_lacks_is_refused_before_the_call(way: Way) -> None:
    with pytest.raises(ModelError, match="no parameter temprature"):
        use(way, lambda chat: chat.complete(question(temprature=0)), [500, 500])


async def streamed(chat: ChatModel, request: ChatRequest) -> tuple[list[str], ChatReply]:
    pieces, replies = [], []
    async for piece in chat.stream(request):
        (replies if isinstance(piece, ChatReply) else pieces).append(piece)
    (reply,) = replies
    return pieces, reply


def test_a_stream_gives_the_text_in_pieces_and_then_the_same_reply(way: Way) -> None:
    asked = question(temperature=0, max_tokens=400)
    pieces, reply = use(way, lambda chat: streamed(chat, asked))
    whole = use(way, lambda chat: chat.complete(asked))
    assert "".join(pieces) == reply.text == whole.text
    assert len(pieces) > 1 or way.name.startswith("cached")
    assert (reply.usage, reply.finish_reason, reply.model_snapshot) == (
        whole.usage,
        whole.finish_reason,
        whole.model_snapshot,
    )
    assert reply.is_simulated


@pytest.mark.parametrize("status", [429, 500])
def test_a_stream_that_has_not_begun_is_tried_again(way: Way, status: int) -> None:
    assert use(way, lambda chat: streamed(chat, question()), [status])[1].text


def test_a_stream_that_is_refused_is_a_model_error(way: Way) -> None:
    with pytest.raises(ModelError, match=r"refused the key \(401\)"):
        use(way, lambda chat: streamed(chat, question()), key="another-key")


@pytest.mark.parametrize("way", STREAMING_WAYS, indirect=True)
def test_a_stream_that_breaks_off_is_no_reply(way: Way) -> None:
    """The connection is cut, or a proxy ends the body early: what came so far is not taken for an answer."""

    async def cut(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await create_app()(scope, receive, send)
            return
        sent = 0

        async def at_most_three(message: Any) -> None:
            nonlocal sent
            sent += 1
            if sent <= 3:
                await send(message)
            elif sent == 4:
                await send({"type": "http.response.body", "body": b""})

        await create_app()(scope, receive, at_most_three)

    way.endpoint.app = cut

    async def read() -> None:
        chat = way.bare()
        try:
            async for piece in chat.stream(question()):
                assert isinstance(piece, str)
        finally:
            await chat.aclose()

    with pytest.raises(ChatFailed) as caught:
        asyncio.run(read())
    assert caught.value.failure == "unreadable"


def test_a_stream_that_nobody_reads_on_frees_its_connection(way: Way) -> None:
    async def first_pieces(chat: ChatModel) -> list[str]:
        firsts = []
        for _ in range(20):
            stream = chat.stream(question())
            firsts.append(await anext(stream))
            await stream.aclose()
        return firsts

    assert len(use(way, first_pieces)) == 20


def test_a_ping_names_the_endpoint(way: Way) -> None:
    assert "lists 2 models" in use(way, lambda chat: chat.ping())


def test_a_ping_with_a_refused_key_is_a_model_error(way: Way) -> None:
    with pytest.raises(ModelError, match="refused the key"):
        use(way, lambda chat: chat.ping(), key="another-key")

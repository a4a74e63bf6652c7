"""What was paid, or may have been, for attempts whose answers were not used: told once, priced where it was counted."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from assistant_parts import KEY, NOON, REPLY, MemoryLedger, ScriptedChat, ask, assistant, question

from matria.costs.base import LedgerEntry, Usage
from matria.costs.prices import Prices
from matria.messages import Message
from matria.settings import ChatSettings
from models.assistant.base import ChatReply, ChatRequest
from models.assistant.failures import ChatFailed, Failure, PaidAttempt
from models.assistant.fallback import FallbackChat
from models.assistant.gates.adaptive import AdaptiveGate, GateLimits
from models.assistant.limited import Attempts, LimitedChat
from models.assistant.meter import Meter
from models.assistant.openai import OpenAIChat, compatible_chat, simulated_chat

REQUEST = ChatRequest((Message("user", "Oi"),), "gpt-4.1-mini")
USAGE = {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200}
BODY = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4.1-mini-2025-04-14",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Beba agua."}, "finish_reason": "stop"}],
    "usage": USAGE,
}
UNREADABLE = {**BODY, "choices": []}
CHUNK = {**BODY, "choices": [{"index": 0, "delta": {"content": "Beba "}}], "usage": None}
COUNTED = {**BODY, "choices": [], "usage": USAGE}


class Endpoint:
    """A real one on this machine, that says what a test wrote: a status, the body, and whether it then hangs up."""

    def __init__(self, *said: tuple[int, bytes, bool]) -> None:
        self.said = list(said)
        self.asked = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-l"))
        await reader.readexactly(length)
        status, body, is_cut = self.said[min(self.asked, len(self.said) - 1)]
        self.asked += 1
        if status == 0:  # says nothing at all
            await asyncio.sleep(5)
        declared = len(body) + (100 if is_cut else 0)
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {declared}\r\n"
            "Connection: close\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()


def body(content: Any) -> tuple[int, bytes, bool]:
    return 200, json.dumps(content).encode(), False


def streamed(*chunks: Any, is_cut: bool = True) -> tuple[int, bytes, bool]:
    return 200, b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks), is_cut


SILENT = (0, b"", False)
BUSY = (429, b"{}", False)
AWAY = (503, b"{}", False)


@asynccontextmanager
async def serving(endpoint: Endpoint, client: str = "aiohttp", timeout_s: float = 0.3) -> AsyncIterator[OpenAIChat]:
    server = await asyncio.start_server(endpoint.answer, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    settings = ChatSettings(kind="compatible", base_url=address, timeout_s=timeout_s, client=client)  # type: ignore[arg-type]
    chat = compatible_chat(settings)
    try:
        yield chat
    finally:
        await chat.aclose()
        server.close()


def limited(chat: Any, most: int = 3, total_s: float = 10.0) -> LimitedChat:
    gate = AdaptiveGate(GateLimits(8, 8, None, None))
    return LimitedChat(chat, (gate,), Attempts(most, total_s, 0.0, 0.0))


async def failed(chat: Any, is_streamed: bool = False) -> ChatFailed:
    try:
        if is_streamed:
            [_ async for _ in chat.stream(REQUEST)]
        else:
            await chat.complete(REQUEST)
    except ChatFailed as error:
        return error
    raise AssertionError("it did not fail")


@pytest.mark.parametrize("client", ["openai", "aiohttp"])
@pytest.mark.parametrize(
    ("said", "is_streamed", "failure", "usage"),
    [
        (SILENT, False, "timeout", None),
        (SILENT, True, "timeout", None),
        ((200, b"{", False), False, "unreadable", None),
        (body(UNREADABLE), False, "unreadable", Usage(1000, 200)),
        (
            body({**BODY, "choices": [{"message": {}, "finish_reason": "tool_calls"}]}),
            False,
            "unexpected_end",
            Usage(1000, 200),
        ),
        ((200, json.dumps(BODY).encode(), True), False, "unreachable", None),
        (streamed(CHUNK), True, "unreachable", None),
        (streamed(CHUNK, is_cut=False), True, "unreadable", None),
        (streamed(CHUNK, COUNTED, is_cut=False), True, "unreadable", Usage(1000, 200)),
    ],
)
async def test_an_attempt_that_left_and_came_to_nothing_may_have_been_paid(
    client: str, said: tuple[int, bytes, bool], is_streamed: bool, failure: Failure, usage: Usage | None
) -> None:
    async with serving(Endpoint(said), client) as chat:
        (attempt,) = (await failed(chat, is_streamed)).paid
    assert (attempt.failure, attempt.usage) == (failure, usage)
    assert (attempt.provider, attempt.model) == ("compatible", "gpt-4.1-mini")
    assert attempt.model_snapshot in ("", "gpt-4.1-mini-2025-04-14")
    assert attempt.latency_ms > 0


@pytest.mark.parametrize("client", ["openai", "aiohttp"])
@pytest.mark.parametrize("is_streamed", [False, True])
@pytest.mark.parametrize("said", [BUSY, AWAY, (400, b"{}", False), (401, b"{}", False), (404, b"{}", False)])
async def test_what_is_refused_before_anything_is_generated_was_paid_by_nobody(
    client: str, said: tuple[int, bytes, bool], is_streamed: bool
) -> None:
    async with serving(Endpoint(said), client, timeout_s=10) as chat:
        assert (await failed(chat, is_streamed)).paid == ()


@pytest.mark.parametrize("client", ["openai", "aiohttp"])
async def test_a_request_that_never_left_was_paid_by_nobody(client: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = ChatSettings(kind="compatible", base_url=f"http://127.0.0.1:{port}/v1", client=client)
    chat = compatible_chat(settings)
    assert (await failed(chat)).paid == ()
    await chat.aclose()


async def test_a_reply_tells_of_the_attempts_before_it_and_a_429_is_none() -> None:
    async with serving(Endpoint(body(UNREADABLE), BUSY, SILENT, body(BODY))) as chat:
        reply = await limited(chat, most=4).complete(REQUEST)
    assert [(attempt.failure, attempt.usage) for attempt in reply.retried] == [
        ("unreadable", Usage(1000, 200)),
        ("timeout", None),
    ]
    assert len({reply.call_id, *(attempt.call_id for attempt in reply.retried)}) == 3


async def test_where_no_attempt_comes_to_an_answer_all_of_them_are_told_of() -> None:
    async with serving(Endpoint(SILENT, body(UNREADABLE))) as chat:
        error = await failed(limited(chat, most=2))
    assert [attempt.failure for attempt in error.paid] == ["timeout", "unreadable"]


async def test_an_attempt_that_the_time_for_all_of_them_cuts_off_is_told_of_too() -> None:
    async with serving(Endpoint(body(UNREADABLE), SILENT), timeout_s=30) as chat:
        error = await failed(limited(chat, total_s=0.8))
    assert [attempt.failure for attempt in error.paid] == ["unreadable", "timeout"]


async def test_a_stream_tells_of_the_attempts_before_it_whether_it_ends_or_breaks_off() -> None:
    done = {**BODY, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": USAGE}
    whole = streamed(CHUNK, done, is_cut=False)
    whole = (200, whole[1] + b"data: [DONE]\n\n", False)
    async with serving(Endpoint(SILENT, whole)) as chat:
        *_, reply = [piece async for piece in limited(chat).stream(REQUEST)]
    assert isinstance(reply, ChatReply)
    assert [attempt.failure for attempt in reply.retried] == ["timeout"]
    async with serving(Endpoint(SILENT, streamed(CHUNK))) as chat:
        error = await failed(limited(chat), is_streamed=True)
    assert [attempt.failure for attempt in error.paid] == ["timeout", "unreachable"]


async def given_up(chat: Any, after_s: float = 0.2, is_streamed: bool = False) -> list[PaidAttempt]:
    """What is told of a call that whoever asked gives up meanwhile."""
    heard: list[PaidAttempt] = []
    asked = replace(REQUEST, on_paid=heard.append)

    async def read() -> None:
        if is_streamed:
            [_ async for _ in chat.stream(asked)]
        else:
            await chat.complete(asked)

    task = asyncio.create_task(read())
    await asyncio.sleep(after_s)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return heard


@pytest.mark.parametrize("client", ["openai", "aiohttp"])
@pytest.mark.parametrize("is_streamed", [False, True])
async def test_a_call_that_is_given_up_after_it_left_may_have_been_paid(client: str, is_streamed: bool) -> None:
    async with serving(Endpoint(SILENT), client, timeout_s=30) as chat:
        (attempt,) = await given_up(limited(chat), is_streamed=is_streamed)
    assert (attempt.failure, attempt.usage, attempt.provider) == ("cancelled", None, "compatible")


async def test_attempts_are_told_of_when_they_end_so_that_who_gives_up_between_two_loses_none() -> None:
    async with serving(Endpoint(body(UNREADABLE))) as chat:
        slow = LimitedChat(chat, (), Attempts(3, 60.0, 30.0, 30.0), chance=lambda: 1.0)
        heard = await given_up(slow)
    assert [(attempt.failure, attempt.usage) for attempt in heard] == [("unreadable", Usage(1000, 200))]


async def test_an_attempt_is_told_of_once_to_whoever_asked_and_in_the_reply() -> None:
    heard: list[PaidAttempt] = []
    async with serving(Endpoint(body(UNREADABLE), body(BODY))) as chat:
        reply = await limited(chat).complete(replace(REQUEST, on_paid=heard.append))
    assert tuple(heard) == reply.retried
    assert len(heard) == 1


async def test_what_is_cut_off_before_it_left_was_paid_by_nobody() -> None:
    class Waits:
        """Waits for its turn and sends nothing."""

        provider = "openai"

        async def complete(self, request: ChatRequest) -> ChatReply:
            await asyncio.sleep(5)
            raise AssertionError

    chat: Any = Waits()
    assert (await failed(limited(chat, total_s=0.05))).paid == ()


async def test_an_attempt_of_the_simulator_that_is_cut_off_is_simulated() -> None:
    async def hangs(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(5)

    chat = simulated_chat(ChatSettings(), app=hangs)
    (attempt,) = (await failed(limited(chat, total_s=0.05))).paid
    assert (attempt.failure, attempt.is_simulated) == ("timeout", True)


async def test_a_gate_that_hangs_when_it_is_left_takes_no_reply_along() -> None:
    class Hangs(AdaptiveGate):
        async def leave(self, ticket: Any, end: Any) -> None:
            await asyncio.sleep(5)

    async with serving(Endpoint(body(BODY))) as chat:
        gated = LimitedChat(chat, (Hangs(GateLimits(8, 8, None, None)),), Attempts(3, 10.0, 0.0, 0.0))
        heard = await given_up(gated)
    assert [(attempt.failure, attempt.usage) for attempt in heard] == [("cancelled", Usage(1000, 200))]


PAID = PaidAttempt("timeout", "azure", "our-deployment", latency_ms=60_000.0)
COUNTED_ATTEMPT = PaidAttempt(
    "unreadable", "openai", "gpt-4.1-mini", "gpt-4.1-mini-2025-04-14", Usage(1000, 200), 900.0
)


def failing(*paid: PaidAttempt) -> ChatFailed:
    error = ChatFailed("It timed out.", "timeout")
    error.paid = paid
    return error


@pytest.mark.parametrize("is_streamed", [False, True])
async def test_a_first_model_that_was_paid_is_told_of_beside_the_second(is_streamed: bool) -> None:
    first, second = ScriptedChat(failing(PAID)), ScriptedChat(provider="openai")
    chat = FallbackChat(first, second, "gpt-4.1-mini")
    if is_streamed:
        *_, reply = [piece async for piece in chat.stream(REQUEST)]
        assert isinstance(reply, ChatReply)
    else:
        reply = await chat.complete(REQUEST)
    assert (reply.provider, reply.retried) == ("openai", (PAID,))
    both = FallbackChat(first, ScriptedChat(failing(COUNTED_ATTEMPT)), "gpt-4.1-mini")
    assert (await failed(both, is_streamed)).paid == (PAID, COUNTED_ATTEMPT)


def told(entries: list[LedgerEntry]) -> list[tuple[Any, ...]]:
    return [(entry.purpose, entry.serves, entry.provider, entry.cost.state, entry.message_id) for entry in entries]


def test_attempts_before_an_answer_are_retries_of_her_message_beside_its_call() -> None:
    """1000 x 0.40 + 200 x 1.60 = 720 millionths for the attempt that was counted."""
    ledger = MemoryLedger()
    answer = ask(question(), ScriptedChat(replace(REPLY, retried=(PAID, COUNTED_ATTEMPT))), ledger)
    assert told(ledger.entries) == [
        ("retry", "people", "azure", "unpriced", "message-1"),
        ("retry", "people", "openai", "priced", "message-1"),
        ("assistant", "people", "azure", "priced", "message-1"),
    ]
    unknown, counted, _ = ledger.entries
    assert "no usage was reported" in unknown.cost.price_source
    assert "timeout" in unknown.cost.price_source
    assert counted.cost.usd == Decimal("0.00072")
    assert answer.rendered is not None
    assert counted.prompt_tokens == answer.rendered.own_part(1000) > 0
    assert {entry.prompt_name for entry in ledger.entries} == {"gestante/triagem"}
    assert len({entry.message_at for entry in ledger.entries}) == 1


def test_what_was_paid_for_an_answer_that_never_came_is_recorded_under_its_prompt() -> None:
    ledger = MemoryLedger()
    with pytest.raises(ChatFailed):
        ask(question(), ScriptedChat(failing(PAID)), ledger)
    (entry,) = ledger.entries
    assert (entry.purpose, entry.cost.state, entry.prompt_name) == ("retry", "unpriced", "gestante/triagem")


def test_a_stream_that_broke_off_has_an_entry_and_she_reads_on_before_it_is_written() -> None:
    ledger, events = MemoryLedger(), []
    ledger.on_record = lambda: events.append("recorded")

    async def run() -> None:
        own = assistant(ScriptedChat(failing(PAID)), ledger)
        async with aclosing(own.stream(question())) as parts:
            events.append(await anext(parts))
            with pytest.raises(ChatFailed):
                await anext(parts)

    asyncio.run(run())
    assert [entry.purpose for entry in ledger.entries] == ["retry"]
    assert events[-1] == "recorded"
    assert len(events) == 2


def test_a_stream_that_breaks_off_after_she_has_left_has_an_entry() -> None:
    ledger = MemoryLedger()

    class Breaks(ScriptedChat):
        async def stream(self, request: ChatRequest) -> AsyncIterator[str | ChatReply]:
            yield "Beba muita agua. " * 40
            await asyncio.sleep(0.02)
            raise failing(PAID)

    async def run() -> None:
        own = assistant(Breaks(), ledger)
        async with aclosing(own.stream(question())) as parts:
            async for _ in parts:
                break
        await own.settled()

    asyncio.run(run())
    assert [(entry.purpose, entry.call_id) for entry in ledger.entries] == [("retry", PAID.call_id)]


async def test_an_attempt_told_of_twice_has_one_id() -> None:
    ledger = MemoryLedger()
    meter = Meter(Prices(), ledger, KEY, clock=lambda: NOON)
    of: dict[str, Any] = {"purpose": "assistant", "conversation_id": "c", "message_id": "m"}
    called = replace(REPLY, call_id="call-of-the-adapter")
    for _ in range(2):
        await meter.record_failed((PAID,), **of)
        await meter.record(called, provider="azure", model="m", **of)
    assert {entry.call_id for entry in ledger.entries} == {PAID.call_id, "call-of-the-adapter"}


async def test_no_time_of_hers_goes_into_writing_down_a_retry() -> None:
    """One commit for the call and all attempts before it."""
    commits: list[Callable[[], object]] = []
    ledger = MemoryLedger()
    ledger.on_record = lambda: commits.append(len)
    meter = Meter(Prices(), ledger, KEY, clock=lambda: NOON)
    reply = replace(REPLY, retried=(PAID, COUNTED_ATTEMPT))
    await meter.record(reply, provider="azure", model="m", purpose="assistant", conversation_id="c", message_id="m")
    assert (len(commits), len(ledger.entries)) == (1, 3)
    assert ledger.entries[0].at - ledger.entries[0].message_at == timedelta(0)


async def test_from_the_socket_to_the_ledger_each_attempt_has_its_entry_under_her_message() -> None:
    ledger = MemoryLedger()
    async with serving(Endpoint(body(UNREADABLE), AWAY, SILENT)) as first, serving(Endpoint(body(BODY))) as second:
        chat: Any = FallbackChat(limited(first), limited(second), "second-model")
        answer = await assistant(chat, ledger).answer(question())
    assert answer.outcome == "answered"
    assert [(entry.purpose, entry.model, entry.usage.input_tokens) for entry in ledger.entries] == [
        ("retry", "our-deployment", 1000),
        ("retry", "our-deployment", 0),
        ("assistant", "second-model", 1000),
    ]
    assert {entry.message_id for entry in ledger.entries} == {"message-1"}
    assert len({entry.call_id for entry in ledger.entries}) == 3

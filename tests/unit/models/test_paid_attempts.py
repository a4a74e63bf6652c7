"""What was paid, or may have been, for attempts whose answers were not used is told once, to whoever asked."""

import asyncio
import json
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from assistant_parts import ScriptedChat
from paid_parts import (  # fmt: skip
    ATTEMPT_S,
    AWAY,
    BODY,
    BUSY,
    CHUNK,
    COUNTED,
    COUNTED_ATTEMPT,
    PAID,
    REQUEST,
    SILENCE_S,
    SILENT,
    UNREADABLE,
    USAGE,
    Endpoint,
    body,
    failing,
    limited,
    serving,
    streamed,
)

from matria.costs.base import Usage
from matria.settings import ChatSettings
from models.assistant.base import ChatReply, ChatRequest
from models.assistant.failures import ChatFailed, Failure, PaidAttempt
from models.assistant.fallback import FallbackChat
from models.assistant.gates.adaptive import AdaptiveGate, GateLimits
from models.assistant.limited import Attempts, LimitedChat
from models.assistant.openai import compatible_chat, simulated_chat
from tests.virtual_time import LONG_S, ends, make_movable, pass_by, until


async def pieces(chat: Any) -> list[str | ChatReply]:
    return [piece async for piece in chat.stream(REQUEST)]


async def failed(chat: Any, is_streamed: bool = False) -> ChatFailed:
    try:
        await ends(pieces(chat) if is_streamed else chat.complete(REQUEST))
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
    async with serving(Endpoint(said), client) as chat:
        assert (await failed(chat, is_streamed)).paid == ()


@pytest.mark.parametrize("client", ["openai", "aiohttp"])
async def test_a_request_that_never_left_was_paid_by_nobody(client: Any) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # and never listens
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}/v1"
        chat = compatible_chat(ChatSettings(kind="compatible", base_url=address, client=client))
        assert (await failed(chat)).paid == ()
        await chat.aclose()


async def test_a_reply_tells_of_the_attempts_before_it_and_a_429_is_none() -> None:
    async with serving(Endpoint(body(UNREADABLE), BUSY, SILENT, body(BODY))) as chat:
        reply = await ends(limited(chat, most=4).complete(REQUEST))
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
    async with serving(Endpoint(body(UNREADABLE), SILENT), timeout_s=LONG_S) as chat:
        error = await failed(limited(chat, total_s=ATTEMPT_S))
    assert [attempt.failure for attempt in error.paid] == ["unreadable", "timeout"]


async def test_a_stream_tells_of_the_attempts_before_it_whether_it_ends_or_breaks_off() -> None:
    done = {**BODY, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": USAGE}
    whole = streamed(CHUNK, done, is_cut=False)
    whole = (200, whole[1] + b"data: [DONE]\n\n", False)
    async with serving(Endpoint(SILENT, whole)) as chat:
        *_, reply = await ends(pieces(limited(chat)))
    assert isinstance(reply, ChatReply)
    assert [attempt.failure for attempt in reply.retried] == ["timeout"]
    async with serving(Endpoint(SILENT, streamed(CHUNK))) as chat:
        error = await failed(limited(chat), is_streamed=True)
    assert [attempt.failure for attempt in error.paid] == ["timeout", "unreachable"]


async def given_up(chat: Any, when: Callable[[], object], is_streamed: bool = False) -> list[PaidAttempt]:
    """What is told of a call that whoever asked gives up once something has happened."""
    heard: list[PaidAttempt] = []
    asked = replace(REQUEST, on_paid=heard.append)

    async def read() -> None:
        if is_streamed:
            [_ async for _ in chat.stream(asked)]
        else:
            await chat.complete(asked)

    task = asyncio.create_task(read())
    await until(when)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return heard


@pytest.mark.parametrize("client", ["openai", "aiohttp"])
@pytest.mark.parametrize("is_streamed", [False, True])
async def test_a_call_that_is_given_up_after_it_left_may_have_been_paid(client: str, is_streamed: bool) -> None:
    endpoint = Endpoint(SILENT)
    async with serving(endpoint, client, timeout_s=LONG_S) as chat:
        (attempt,) = await given_up(limited(chat), lambda: endpoint.asked, is_streamed)
    assert (attempt.failure, attempt.usage, attempt.provider) == ("cancelled", None, "compatible")


async def test_attempts_are_told_of_when_they_end_so_that_who_gives_up_between_two_loses_none() -> None:
    waits: list[float] = []

    def chance() -> float:
        waits.append(1.0)
        return 1.0

    async with serving(Endpoint(body(UNREADABLE))) as chat:
        slow = LimitedChat(chat, (), Attempts(3, LONG_S, LONG_S / 2, LONG_S / 2), chance=chance)
        heard = await given_up(slow, lambda: waits)
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
            pass_by(SILENCE_S)
            await asyncio.Event().wait()
            raise AssertionError

    make_movable()
    chat: Any = Waits()
    assert (await failed(limited(chat, total_s=ATTEMPT_S))).paid == ()


async def test_an_attempt_of_the_simulator_that_is_cut_off_is_simulated() -> None:
    async def hangs(scope: Any, receive: Any, send: Any) -> None:
        pass_by(SILENCE_S)
        await asyncio.Event().wait()

    make_movable()
    chat = simulated_chat(ChatSettings(timeout_s=LONG_S), app=hangs)
    (attempt,) = (await failed(limited(chat, total_s=ATTEMPT_S))).paid
    assert (attempt.failure, attempt.is_simulated) == ("timeout", True)


async def test_a_gate_that_hangs_when_it_is_left_takes_no_reply_along() -> None:
    left: list[Any] = []

    class Hangs(AdaptiveGate):
        async def leave(self, ticket: Any, end: Any) -> None:
            left.append(ticket)
            await asyncio.Event().wait()

    async with serving(Endpoint(body(BODY))) as chat:
        gated = LimitedChat(chat, (Hangs(GateLimits(8, 8, None, None)),), Attempts(3, LONG_S, 0.0, 0.0))
        heard = await given_up(gated, lambda: left)
    assert [(attempt.failure, attempt.usage) for attempt in heard] == [("cancelled", Usage(1000, 200))]


@pytest.mark.parametrize("is_streamed", [False, True])
async def test_a_first_model_that_was_paid_is_told_of_beside_the_second(is_streamed: bool) -> None:
    first, second = ScriptedChat(failing(PAID)), ScriptedChat(provider="openai")
    chat = FallbackChat(first, second, "gpt-4.1-mini")
    if is_streamed:
        *_, reply = await pieces(chat)
        assert isinstance(reply, ChatReply)
    else:
        reply = await chat.complete(REQUEST)
    assert (reply.provider, reply.retried) == ("openai", (PAID,))
    both = FallbackChat(first, ScriptedChat(failing(COUNTED_ATTEMPT)), "gpt-4.1-mini")
    assert (await failed(both, is_streamed)).paid == (PAID, COUNTED_ATTEMPT)

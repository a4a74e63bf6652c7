"""Attempts that may have been paid are in the ledger: beside her message, once, priced where they were counted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from assistant_parts import KEY, NOON, REPLY, MemoryLedger, ScriptedChat, ask, assistant, question
from paid_parts import (  # fmt: skip
    AWAY,
    BODY,
    COUNTED_ATTEMPT,
    PAID,
    SILENT,
    UNREADABLE,
    Endpoint,
    body,
    failing,
    limited,
    serving,
)

from matria.costs.base import LedgerEntry
from matria.costs.prices import Prices
from models.assistant.base import ChatReply, ChatRequest
from models.assistant.failures import ChatFailed
from models.assistant.fallback import FallbackChat
from models.assistant.meter import Meter
from tests.virtual_time import ends


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
    ledger, events = MemoryLedger(), list[object]()
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
    ledger, has_left = MemoryLedger(), asyncio.Event()

    class Breaks(ScriptedChat):
        async def stream(self, request: ChatRequest) -> AsyncIterator[str | ChatReply]:
            yield "Beba muita agua. " * 40
            await has_left.wait()
            raise failing(PAID)

    async def run() -> None:
        own = assistant(Breaks(), ledger)
        async with aclosing(own.stream(question())) as parts:
            async for _ in parts:
                break
        has_left.set()
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
    commits: list[int] = []
    ledger = MemoryLedger()
    ledger.on_record = lambda: commits.append(1)
    meter = Meter(Prices(), ledger, KEY, clock=lambda: NOON)
    reply = replace(REPLY, retried=(PAID, COUNTED_ATTEMPT))
    await meter.record(reply, provider="azure", model="m", purpose="assistant", conversation_id="c", message_id="m")
    assert (len(commits), len(ledger.entries)) == (1, 3)
    assert ledger.entries[0].at - ledger.entries[0].message_at == timedelta(0)


async def test_from_the_socket_to_the_ledger_each_attempt_has_its_entry_under_her_message() -> None:
    ledger = MemoryLedger()
    async with serving(Endpoint(body(UNREADABLE), AWAY, SILENT)) as first, serving(Endpoint(body(BODY))) as second:
        chat: Any = FallbackChat(limited(first), limited(second), "second-model")
        answer = await ends(assistant(chat, ledger).answer(question()))
    assert answer.outcome == "answered"
    assert [(entry.purpose, entry.model, entry.usage.input_tokens) for entry in ledger.entries] == [
        ("retry", "our-deployment", 1000),
        ("retry", "our-deployment", 0),
        ("assistant", "second-model", 1000),
    ]
    assert {entry.message_id for entry in ledger.entries} == {"message-1"}
    assert len({entry.call_id for entry in ledger.entries}) == 3

"""What was paid is in the ledger, or beside it, whatever ends a turn: a kill, a caller who leaves, a prompt that does
not render, a ledger that is held; and she waits for none of it."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from assistant_parts import (  # fmt: skip
    CARE,
    KEY,
    NOON,
    POLICY,
    SHIPPED,
    MemoryLedger,
    ScriptedChat,
    assistant,
    question,
    with_number,
)

from guardrails.base import Decision, Text
from guardrails.chain import RailChain
from guardrails.paid_calls import current
from matria.costs.ledger.sqlite import SqliteLedger
from matria.costs.prices import Prices
from matria.costs.spool import Spool
from matria.errors import PromptError
from matria.policy import Policy
from matria.sqlitefile import WAIT_S
from models.assistant.assistant import Assistant
from models.assistant.conversation import Question
from models.assistant.meter import Meter
from tests.virtual_time import ends, until


@dataclass
class PaidRail:
    """A rail that a service counts three records for, once it may."""

    may: asyncio.Event | None = None
    name: str = "moderation"
    asked: list[Text] = field(default_factory=list)

    async def judge(self, text: Text) -> Decision:
        calls = current()
        calls.left()
        self.asked.append(text)
        if self.may is not None:
            await self.may.wait()
        calls.counted(3)
        return Decision("allow", self.name, text_records=3)

    async def ping(self) -> str:
        return ""


def paid(rail: PaidRail | None = None, policy: Policy = POLICY) -> RailChain:
    return RailChain([rail or PaidRail()], policy)


def entered(ledger: MemoryLedger) -> list[tuple[str, int]]:
    return sorted((entry.purpose, entry.usage.text_records) for entry in ledger.entries)


async def left(own: Assistant, what: Question, when: Callable[[], object], may: asyncio.Event | None = None) -> None:
    """Asked, and given up once something has happened; what it still waits for then may go on."""
    asking = asyncio.create_task(own.answer(what))
    await until(when)
    asking.cancel()
    await asyncio.sleep(0)
    if may is not None:
        may.set()
    await until(asking.done)
    assert asking.cancelled()


async def test_a_person_who_leaves_while_the_model_writes_leaves_it_paid() -> None:
    ledger, may = MemoryLedger(), asyncio.Event()
    chat = ScriptedChat(may=may)
    own = assistant(chat, ledger, input_chain=paid())
    await left(own, question(), lambda: chat.requests and ledger.entries)
    assert entered(ledger) == [("moderation", 3)], "entered while the model was asked"
    may.set()
    await ends(own.settled())
    assert entered(ledger)[0] == ("assistant", 0)


async def test_a_person_who_leaves_while_her_answer_is_judged_leaves_both_texts_paid() -> None:
    ledger, may = MemoryLedger(), asyncio.Event()
    rail = PaidRail(may)
    own = assistant(ScriptedChat(), ledger, input_chain=paid(), output_chain=paid(rail))
    await left(own, question(), lambda: rail.asked)
    may.set()
    await ends(own.settled())
    assert entered(ledger) == [("assistant", 0), ("moderation", 3), ("moderation", 3)]


async def test_a_person_who_leaves_while_her_question_is_judged_leaves_it_paid() -> None:
    ledger, may = MemoryLedger(), asyncio.Event()
    rail = PaidRail(may)
    own = assistant(ScriptedChat(), ledger, input_chain=paid(rail))
    await left(own, question(), lambda: rail.asked)
    may.set()
    await ends(own.settled())
    assert entered(ledger) == [("moderation", 3)]


@pytest.mark.parametrize("slow", ["question", "answer"])
async def test_an_evaluation_s_case_that_is_cut_off_while_it_is_judged_is_entered_before_it_ends(slow: str) -> None:
    ledger, rail = MemoryLedger(), PaidRail(asyncio.Event())
    asked, told = (rail, PaidRail()) if slow == "question" else (PaidRail(), rail)
    own = assistant(ScriptedChat(), ledger, input_chain=paid(asked), output_chain=paid(told))
    await left(own, replace(question(), purpose="evaluation"), lambda: rail.asked, rail.may)
    await ends(own.settled())
    both = [("evaluation", 0), ("moderation", 3), ("moderation", 3)]
    assert entered(ledger) == (both[1:2] if slow == "question" else both)


async def test_an_evaluation_s_case_that_is_cut_off_waits_for_its_entries_and_not_for_the_model() -> None:
    ledger, chat = MemoryLedger(), ScriptedChat(may=asyncio.Event())
    own = assistant(chat, ledger, input_chain=paid(), output_chain=paid())
    await left(own, replace(question(), purpose="evaluation"), lambda: chat.requests)
    assert entered(ledger) == [("moderation", 3), ("retry", 0)]


def test_a_loop_that_ends_with_a_call_under_way_has_it_entered() -> None:
    ledger = MemoryLedger()

    async def run() -> None:
        chat = ScriptedChat(may=asyncio.Event())
        own = assistant(chat, ledger, input_chain=paid())
        asking = asyncio.create_task(own.answer(question()))
        await until(lambda: chat.requests)
        asking.cancel()
        await asking

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    assert entered(ledger) == [("moderation", 3), ("retry", 0)]


UNRENDERED = replace(question(), variables={**question().variables, "gestational_age_weeks": "vinte"})


async def test_a_prompt_that_does_not_render_has_its_moderation_entered() -> None:
    ledger = MemoryLedger()
    own = assistant(ScriptedChat(), ledger, input_chain=paid())
    with pytest.raises(PromptError):
        await own.answer(UNRENDERED)
    assert entered(ledger) == [("moderation", 3)]


async def test_a_prompt_that_does_not_render_leaves_her_the_numbers_to_call() -> None:
    ledger, seen = MemoryLedger(), list[object]()
    own = assistant(ScriptedChat(), ledger, input_chain=paid())

    async def read() -> None:
        async for part in own.stream(UNRENDERED):
            seen.append(part)

    with pytest.raises(PromptError):
        await read()
    assert seen == [CARE.safe((), "pt-BR", "unchecked")]
    assert entered(ledger) == [("moderation", 3)]


async def test_a_rail_that_is_cut_off_has_an_entry_without_a_price() -> None:
    ledger = MemoryLedger()
    soon = with_number(POLICY, "moderation.time_budget_ms", 50)
    own = assistant(ScriptedChat(), ledger, input_chain=paid(PaidRail(asyncio.Event()), soon))
    answer = await ends(own.answer(question()))
    (entry,) = ledger.entries
    assert (entry.purpose, entry.cost.state, entry.usage.text_records) == ("moderation", "unpriced", 0)
    assert "no count came back" in entry.cost.price_source
    assert answer.moderation == (entry,)


def spooling(own: Assistant, ledger: Any, folder: Path) -> Assistant:
    own._books._meter = Meter(Prices(), ledger, KEY, spool=Spool(folder), clock=lambda: NOON)
    return own


@pytest.mark.parametrize("is_streamed", [False, True])
def test_she_does_not_wait_for_a_ledger_that_another_process_holds(tmp_path: Path, is_streamed: bool) -> None:
    ledger, folder = SqliteLedger(tmp_path / "ledger.db"), tmp_path / "spool"
    ledger.ping()
    held = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None, check_same_thread=False)
    held.execute("BEGIN IMMEDIATE")

    async def run() -> float:
        own = assistant(ScriptedChat(), ledger, input_chain=paid(), output_chain=paid(), policy=SHIPPED)
        own = spooling(own, ledger, folder)
        began_at = time.monotonic()
        if is_streamed:
            async with aclosing(own.stream(question())) as parts:
                async for _ in parts:
                    pass
        else:
            await own.answer(question())
        took_s = time.monotonic() - began_at
        with sqlite3.connect(tmp_path / "ledger.db") as reader:
            (calls,) = reader.execute("SELECT count(*) FROM ledger_entries").fetchone()
        assert (calls, sum(1 for _ in folder.glob("*.jsonl")) > 0) == (0, True)
        held.execute("COMMIT")
        await own.settled()
        return took_s

    assert asyncio.run(run()) < WAIT_S, "she has her answer long before the ledger is given up"
    asyncio.run(spooling(assistant(ScriptedChat(), ledger), ledger, folder).answer(question()))
    purposes = [entry.purpose for entry in ledger.between(NOON, NOON.replace(hour=13))]
    assert (purposes.count("assistant"), purposes.count("moderation") >= 2) == (2, True)
    assert list(folder.glob("*")) == []


KILLED = """
import asyncio, os, signal, sys, threading
from pathlib import Path
from assistant_parts import ScriptedChat, assistant, question
from matria.costs.base import Usage
from matria.costs.ledger.sqlite import SqliteLedger
from models.assistant.failures import ChatFailed, PaidAttempt
from models.assistant.limited import Attempts, LimitedChat
from test_money_that_is_not_lost import paid
from tests.virtual_time import LONG_S

class FailsOnce(ScriptedChat):
    async def complete(self, request):
        if not self.requests:
            self.requests.append(request)
            error = ChatFailed("It cannot be read.", "unreadable")
            error.paid = (PaidAttempt("unreadable", "openai", "gpt-4.1-mini", usage=Usage(1000, 200)),)
            raise error
        print("asked", flush=True)
        await asyncio.Event().wait()

ledger = SqliteLedger(Path(sys.argv[1]))
ledger.ping()
own = assistant(FailsOnce(), ledger, input_chain=paid())
own._chat = LimitedChat(own._chat, (), Attempts(3, LONG_S, 0.0, 0.0))
asyncio.run(own.answer(question()))
"""


def test_a_kill_while_the_model_writes_loses_no_moderation_and_no_attempt_before(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    ledger = SqliteLedger(path)
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, env=environment) as asking:
        try:
            assert asking.stdout is not None
            assert asking.stdout.readline() == b"asked\n"
            asyncio.run(until(lambda: len(ledger.between(NOON, NOON.replace(hour=13))) == 2))
        finally:
            asking.kill()
    entries = ledger.between(NOON, NOON.replace(hour=13))
    assert sorted(entry.purpose for entry in entries) == ["moderation", "retry"]
    assert {entry.prompt_name for entry in entries} == {"gestante/triagem"}

"""Calls that an evaluation gives up after they left: each has its entry, though nobody knows what it cost."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from evaluation_parts import library, suite

from evals.budget import Account, Budget
from evals.chat_subject import ChatSubject
from evals.engine import Answered, evaluate
from evals.grading import Graders
from evals.judges.asking import JudgeModel
from evals.judges.base import JudgeQuestion
from evals.judges.rubric import Verdict
from evals.judges.texts import JudgePrompt
from evals.rails_subject import RailsSubject
from evals.store import RowStore
from evals.trial import Trial
from evals.trials import Plan, plan_trials
from guardrails.base import Decision, Text
from guardrails.care.texts import CareTexts
from guardrails.chain import RailChain
from matria import PROJECT_ROOT
from matria.clock import utc_now
from matria.costs.base import LedgerEntry
from matria.costs.ledger.sqlite import SqliteLedger
from matria.costs.prices import Prices
from matria.errors import StorageError
from matria.policy import Policy, load_policy
from matria.privacy.keys import HashKey
from matria.settings import ChatSettings
from models.assistant.failures import ChatFailed
from models.assistant.limited import Attempts, LimitedChat
from models.assistant.meter import Meter
from models.assistant.openai import simulated_chat
from tests.virtual_time import now, passes, run_standing

POLICY = load_policy(PROJECT_ROOT / "policy.yaml")
CAP_S = 10.0
"""Passed only when a test says so."""


class Hanging:
    """An endpoint that takes a request and says nothing."""

    def __init__(self, seconds: float = 0.0) -> None:
        """`seconds` are over once it was asked, in time that stands."""
        self.asked = asyncio.Semaphore(0)
        """Released by each request."""
        self._seconds = seconds

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.release()
        if self._seconds:
            passes(self._seconds)
        await asyncio.Event().wait()

    def chat(self) -> LimitedChat:
        return LimitedChat(simulated_chat(ChatSettings(), app=self), (), Attempts(3, 600.0, 0.0, 0.0))


@pytest.fixture
def ledger(tmp_path: Path) -> SqliteLedger:
    return SqliteLedger(tmp_path / "ledger.db")


def meter(ledger: SqliteLedger) -> Meter:
    return Meter(Prices(), ledger, HashKey("test", b"k" * 32))


def kept(ledger: SqliteLedger) -> Sequence[LedgerEntry]:
    return ledger.between(utc_now() - timedelta(hours=1), utc_now() + timedelta(hours=1))


def plan(folder: Path, cases: int = 1) -> Plan:
    return plan_trials([suite(cases)], library(folder / "head", "Be kind."), model="m", grading="g", country="US")


def run(plan: Plan, subject: Any, folder: Path, account: Account | None = None) -> None:
    with RowStore(folder / "rows", len(list(plan.trials))) as store:
        run_standing(evaluate(plan, subject, Graders(POLICY, "US"), store, account=account))


def capped() -> Account:
    """What may take so long, by the loop's time."""
    return Account(Budget(max_seconds=CAP_S), clock=now)


def test_a_call_that_the_cap_on_time_interrupts_is_entered(tmp_path: Path, ledger: SqliteLedger) -> None:
    subject = ChatSubject(Hanging(CAP_S + 1).chat(), meter(ledger), 100)
    run(plan(tmp_path), subject, tmp_path, capped())
    (entry,) = kept(ledger)
    assert (entry.purpose, entry.serves, entry.cost.state) == ("retry", "evaluation", "unpriced")
    assert "cancelled" in entry.cost.price_source
    assert entry.is_simulated


def test_calls_beside_one_that_cannot_be_recorded_are_entered(tmp_path: Path, ledger: SqliteLedger) -> None:
    hanging = Hanging()
    asked = ChatSubject(hanging.chat(), meter(ledger), 100)
    first = plan(tmp_path, 3)
    failing = next(iter(first.trials)).key

    async def subject(trial: Trial) -> Answered:
        if trial.key == failing:
            for _ in range(2):
                await hanging.asked.acquire()
            raise StorageError("The disk is full.")
        return await asked(trial)

    with pytest.raises(StorageError):
        run(first, subject, tmp_path)
    assert [entry.purpose for entry in kept(ledger)] == ["retry", "retry"]


def test_a_judge_s_call_that_is_given_up_is_told_of() -> None:
    told: list[ChatFailed] = []

    async def on_failed(error: ChatFailed, question: JudgeQuestion) -> None:
        told.append(error)

    hanging = Hanging()
    judge = JudgeModel(hanging.chat(), "judge-1", 2, on_failed=on_failed)
    question = JudgeQuestion((), "Beba água.", "Diz para beber água.", "pt-BR", "c.pt-BR", {})

    async def given_up() -> None:
        asking = asyncio.ensure_future(judge.ask(JudgePrompt("Judge.", {}), Verdict, question))
        await hanging.asked.acquire()
        asking.cancel()
        await asking

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(given_up())
    assert [[attempt.failure for attempt in error.paid] for error in told] == [["cancelled"]]


def test_a_text_that_a_paid_rail_was_judging_is_entered(tmp_path: Path, ledger: SqliteLedger) -> None:
    class Counts:
        name = "content_safety"

        async def judge(self, text: Text) -> Decision:
            passes(CAP_S + 2)
            await asyncio.sleep(CAP_S + 1)
            return Decision("allow", self.name, text_records=2)

        async def ping(self) -> str:
            return ""

    limit = replace(POLICY.thresholds["moderation.time_budget_ms"], value=600_000.0)
    patient = Policy({**POLICY.thresholds, limit.name: limit}, POLICY.digest)
    subject = RailsSubject(RailChain([Counts()], patient), CareTexts("US"), meter(ledger))
    run(plan(tmp_path), subject, tmp_path, capped())
    assert [(entry.purpose, entry.usage.text_records) for entry in kept(ledger)] == [("moderation", 2)]

"""What judges cost stands in the ledger as a part of the message that they judge: a reply that fits, one out of its
schema, and one that never came."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from evals.cases import Criterion
from evals.chat_subject import ChatSubject
from evals.engine import evaluate
from evals.rows import Meter
from evals.store import RowStore
from evals.trials import plan_trials
from flows.steps.evaluation_request import EvaluationRequest
from flows.steps.evaluation_setup import graders_of
from flows.wiring import Platform
from matria.costs.base import LedgerEntry
from matria.costs.summary import compare
from models.assistant.failures import ChatFailed, PaidAttempt
from tests.unit.evals.evaluation_parts import library, suite
from tests.unit.evals.judge_parts import Scripted

VERDICT = json.dumps({"explanation": "It does.", "quote": "", "criteria_met": False})
JUDGED = Criterion("warm", "It is warm.", 4, "tone", check=None, judge="rubric", never=False)


def kept(platform: Platform) -> list[LedgerEntry]:
    now = datetime.now(UTC)
    return list(platform.ledger.between(now - timedelta(hours=1), now + timedelta(hours=1)))


def judged(folder: Path, *said: str | Exception) -> list[LedgerEntry]:
    """The ledger after one row was graded by one judge that says this."""
    platform = Platform.load(home=folder)
    graders = graders_of(platform, EvaluationRequest(), Scripted(*said))
    (one,) = suite(1, (JUDGED,)).cases
    asyncio.run(graders.grade(one, "Drink water.", Meter("row-1")))
    return kept(platform)


def test_a_reply_out_of_its_schema_is_a_retry_of_the_same_row(tmp_path: Path) -> None:
    entries = judged(tmp_path, "nonsense", VERDICT)
    assert [(e.purpose, e.serves, e.message_id) for e in entries] == [
        ("retry", "evaluation", "row-1"),
        ("judge", "evaluation", "row-1"),
    ]
    assert len({e.message_at for e in entries}) == 1


def test_a_call_that_came_to_nothing_is_a_retry_without_a_price(tmp_path: Path) -> None:
    error = ChatFailed("It timed out.", "timeout")
    error.paid = (PaidAttempt("timeout", "openai", "gpt-4.1-mini"),)
    (entry,) = judged(tmp_path, error)
    assert (entry.purpose, entry.cost.state, entry.message_id) == ("retry", "unpriced", "row-1")


def evaluated(platform: Platform, grading: str, *answers: str) -> None:
    """One judged case under one prompt, in the folder of the run before."""
    plan = plan_trials(
        [suite(1, (JUDGED,))],
        library(platform.settings.home / "head", "Be kind."),
        model="m",
        grading=grading,
        country="US",
    )
    graders = graders_of(platform, EvaluationRequest(), Scripted(VERDICT))
    subject = ChatSubject(Scripted(*answers), platform.meter(platform.settings.chat), 300)
    with RowStore(platform.settings.home / "rows", 4) as store:
        asyncio.run(evaluate(plan, subject, graders, store))


def test_an_answer_and_its_judgement_are_one_message_of_their_prompt(tmp_path: Path) -> None:
    platform = Platform.load(home=tmp_path)
    evaluated(platform, "g", "Drink water.")
    answer, judge = kept(platform)
    assert (answer.purpose, judge.purpose) == ("evaluation", "judge")
    for name in (
        "conversation_id", "message_id", "message_at", "prompt_name", "prompt_version", "prompt_hash", "persona",
        "locale", "serves",
    ):  # fmt: skip
        assert getattr(answer, name) == getattr(judge, name), name
    assert (judge.prompt_name, judge.persona, judge.prompt_tokens) == ("gestante/triagem", "gestante", 0)
    found = compare(platform.ledger, 24, datetime.now(UTC) + timedelta(seconds=1), "evaluation")
    assert (found.last.all.messages, found.last.all.calls) == (1, 2)


def test_an_answer_of_an_earlier_run_is_judged_in_the_window_of_now(tmp_path: Path) -> None:
    platform = Platform.load(home=tmp_path)
    evaluated(platform, "g", "Drink water.")
    began_at = datetime.now(UTC)
    evaluated(platform, "another")
    answer, first, second = kept(platform)
    assert (second.purpose, second.message_id) == ("judge", answer.message_id)
    assert first.message_at < began_at <= second.message_at

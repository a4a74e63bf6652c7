"""What judges cost stands in the ledger by row: a reply that fits, one out of its schema, and one that never came."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from evals.cases import Criterion
from evals.rows import Meter
from flows.steps.evaluation import EvaluationRequest
from flows.steps.evaluation_setup import graders_of
from flows.wiring import Platform
from matria.costs.base import LedgerEntry
from models.assistant.failures import ChatFailed, PaidAttempt
from tests.unit.evals.evaluation_parts import suite
from tests.unit.evals.judge_parts import Scripted

VERDICT = json.dumps({"explanation": "It does.", "quote": "", "criteria_met": False})


def judged(folder: Path, *said: str | Exception) -> list[LedgerEntry]:
    """The ledger after one row was graded by one judge that says this."""
    platform = Platform.load(home=folder)
    graders = graders_of(platform, EvaluationRequest(), Scripted(*said))
    named = Criterion("warm", "It is warm.", 4, "tone", check=None, judge="rubric", never=False)
    (one,) = suite(1, (named,)).cases
    asyncio.run(graders.grade(one, "Drink water.", Meter("row-1")))
    now = datetime.now(UTC)
    return list(platform.ledger.between(now - timedelta(hours=1), now + timedelta(hours=1)))


def test_a_reply_out_of_its_schema_is_a_retry_of_the_same_row(tmp_path: Path) -> None:
    entries = judged(tmp_path, "nonsense", VERDICT)
    assert [(e.purpose, e.serves, e.message_id) for e in entries] == [
        ("retry", "evaluation", "judge/row-1"),
        ("judge", "evaluation", "judge/row-1"),
    ]
    assert len({e.message_at for e in entries}) == 1


def test_a_call_that_came_to_nothing_is_a_retry_without_a_price(tmp_path: Path) -> None:
    error = ChatFailed("It timed out.", "timeout")
    error.paid = (PaidAttempt("timeout", "openai", "gpt-4.1-mini"),)
    (entry,) = judged(tmp_path, error)
    assert (entry.purpose, entry.cost.state, entry.message_id) == ("retry", "unpriced", "judge/row-1")

"""Scores without a base: too many answers or grades that are missing, or answers that nobody sees, are an error."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evals.rows import AnswerError, AnswerRecord, CriterionResult, Entry, Meter, RailDecision, Row, with_criteria
from evals.summary import by_prompt
from flows.steps.evaluation import EvaluationOutcome
from flows.steps.evaluation_reports import failed_of, hidden_of, title_of
from matria import PROJECT_ROOT
from matria.messages import Message
from matria.policy import Policy, load_policy

UNUSED: Any = SimpleNamespace(folder=Path())


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(PROJECT_ROOT / "policy.yaml")


def answered(prompt: str, case: int, met: bool | None) -> Row:
    graded = CriterionResult("c", "Says so.", "tone", 10, False, "check:says", met, grader_error="" if met else "Away.")
    return with_criteria(row(prompt, case, answer=AnswerRecord("So.", "So.", "So.")), (graded,))


def stopped(prompt: str, case: int, outcome: str = "withheld") -> Row:
    """Well written, and read by nobody unless `outcome` says so."""
    of = answered(prompt, case, True)
    assert of.answer is not None
    decisions = (RailDecision("assistant", "refuse", "prompt_leak", ("system_prompt_in_answer",)),)
    return replace(of, answer=replace(of.answer, outcome=outcome, decisions=decisions))


def unanswered(prompt: str, case: int) -> Row:
    return row(prompt, case, error=AnswerError("ModelError", "Away."))


def row(prompt: str, case: int, **outcome: Any) -> Row:
    key = f"{prompt}/{case}"
    question = (Message("user", "Is it so?"),)
    return Row(
        key, key, "s", f"case-{case}.en", "en", "gestante", None, prompt, "1", "h", 0, "m", {}, question, **outcome
    )


def outcome(policy: Policy, *rows: Row) -> tuple[EvaluationOutcome, str]:
    scores = by_prompt((Entry(row, Meter(row.key), ("head",)) for row in rows), policy)
    failed, hidden = failed_of(scores, policy), hidden_of(scores, policy)
    found = EvaluationOutcome(UNUSED, scores, None, UNUSED, (), failed, hidden)
    return found, title_of(None, scores, policy)


@pytest.mark.parametrize("bad", [unanswered("a.en", 9), answered("a.en", 9, None)])
def test_one_prompt_with_too_many_errors_is_enough(policy: Policy, bad: Row) -> None:
    fine = [answered("b.en", n, True) for n in range(90)]
    found, title = outcome(policy, *[answered("a.en", n, True) for n in range(9)], bad, *fine)
    assert (found.exit_code, found.state, found.failed) == (22, "error", ("a.en",))
    assert "are missing of a.en, too many to tell" in title


def test_few_errors_leave_scores(policy: Policy) -> None:
    found, title = outcome(policy, *[answered("a.en", n, True) for n in range(99)], unanswered("a.en", 99))
    assert (found.exit_code, found.state) == (0, "scored")
    assert "missing" not in title


def test_nothing_scored_is_an_error(policy: Policy) -> None:
    found, title = outcome(policy, unanswered("a.en", 0))
    assert (found.exit_code, found.state) == (22, "error")
    assert "1 of 1 answers" in title


def test_scores_of_answers_that_nobody_sees_are_an_error(policy: Policy) -> None:
    fine = [stopped("b.en", n, "answered") for n in range(90)]
    found, title = outcome(policy, *[stopped("a.en", n, "answered") for n in range(8)], *two("a.en"), *fine)
    assert (found.exit_code, found.state, found.hidden) == (22, "error", ("a.en",))
    assert title.endswith("; error: the rails stop 2 of 10 answers of a.en, so nobody would read what was scored")
    assert found.would_see == (
        "What she would see: 98 answers, 0 care, 0 refused, 2 withheld, 0 rewritten, 0 unchecked."
    )


def two(prompt: str) -> list[Row]:
    return [stopped(prompt, 8), stopped(prompt, 9)]


def test_one_conversation_or_a_small_share_that_is_stopped_leaves_scores(policy: Policy) -> None:
    alone, _ = outcome(policy, stopped("a.en", 0), answered("a.en", 1, True))
    few, title = outcome(policy, *[stopped("a.en", n, "answered") for n in range(90)], *two("b.en")[:1])
    assert (alone.exit_code, few.exit_code) == (0, 0)
    assert "rails" not in title


def test_the_model_alone_shows_nobody_anything(policy: Policy) -> None:
    found, _ = outcome(policy, answered("a.en", 0, True))
    assert found.would_see == ""

"""What an evaluation will take, before anything is asked."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from evals.estimate import CallKind, Experience, estimate, experience
from evals.trial import Trial
from evals.trials import Plan, plan_trials
from matria.costs.base import Cost, LedgerEntry, Purpose, Usage
from matria.costs.memory import MemorySums
from matria.costs.sums import Window
from tests.unit.evals.evaluation_parts import criterion, library, suite

TODAY = date(2026, 11, 22)
NOTHING_KNOWN = Experience(0, None, None)


def kind(known: Experience = NOTHING_KNOWN, in_flight: int = 10) -> CallKind:
    return CallKind(known, lambda usage, on: Decimal(usage.output_tokens) / 1000, in_flight)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return plan_trials([suite(6)], library(tmp_path, "Escalate."), model="m", grading="g", country="US")


def test_calls_are_counted_and_time_is_in_rounds(plan: Plan) -> None:
    found = estimate(plan.rows, plan.trials, kind(Experience(40, 200.0, 500.0), in_flight=4), kind(), 700, TODAY)
    assert (found.rows, found.known, found.answers, found.judge_calls) == (6, 0, 6, 0)
    assert found.output_tokens == 6 * 200
    assert found.usd == Decimal("1.2")
    assert found.seconds == 2 * 0.5
    assert "40 earlier calls" in found.basis


def test_without_experience_answers_are_as_long_as_they_may_be_and_time_is_unknown(plan: Plan) -> None:
    found = estimate(plan.rows, plan.trials, kind(), kind(), 700, TODAY)
    assert found.output_tokens == 6 * 700
    assert found.seconds is None


def test_what_is_known_is_not_asked(plan: Plan) -> None:
    found = estimate(
        plan.rows, [one for one in plan.trials if one.case.id == "bleeding-03.en"], kind(), kind(), 700, TODAY
    )
    assert (found.rows, found.known, found.answers) == (6, 5, 1)


def test_nothing_left_costs_nothing(plan: Plan) -> None:
    found = estimate(plan.rows, (), kind(), kind(), 700, TODAY)
    assert (found.usd, found.seconds, found.answers) == (Decimal(0), 0.0, 0)


def test_an_unknown_price_is_not_nothing(plan: Plan) -> None:
    unpriced = CallKind(NOTHING_KNOWN, lambda usage, on: None, 10)
    assert estimate(plan.rows, plan.trials, unpriced, kind(), 700, TODAY).usd is None


def test_judges_are_counted_by_criterion(tmp_path: Path) -> None:
    from dataclasses import replace

    judged = replace(criterion("kind", 5, "tone"), judge="rubric")
    plan = plan_trials([suite(3, (judged,))], library(tmp_path, "Be kind."), model="m", grading="g", country="US")
    found = estimate(plan.rows, plan.trials, kind(), kind(Experience(9, 80.0, 100.0)), 700, TODAY)
    assert found.judge_calls == 3
    assert found.output_tokens == 3 * 700 + 3 * 80


def test_an_answer_that_waits_for_its_judges_is_not_asked_again(plan: Plan) -> None:
    answered = next(iter(plan.trials)).answer_key
    found = estimate(
        plan.rows, plan.trials, kind(), kind(), 700, TODAY, is_answered=lambda answer_key: answer_key == answered
    )
    assert (found.known, found.answers) == (0, 5)


def test_moderation_is_part_of_it_and_an_unknown_price_of_it_too(plan: Plan) -> None:
    def moderation(trial: Trial, characters: float) -> Decimal | None:
        return Decimal(round(characters))

    known = Experience(40, 200.0, 500.0)  # 200 tokens, of 4 characters each
    found = estimate(plan.rows, plan.trials, kind(known), kind(), 700, TODAY, moderation=moderation)
    assert found.usd == Decimal("1.2") + 6 * 800
    unknown = estimate(plan.rows, plan.trials, kind(known), kind(), 700, TODAY, moderation=lambda trial, long: None)
    assert unknown.usd is None


def test_experience_is_the_mean_of_the_same_purpose_and_model() -> None:
    def entry(number: int, purpose: Purpose, model: str, tokens: int, latency: float) -> LedgerEntry:
        usage, cost = Usage(10, tokens, cached_tokens=4), Cost("priced", Decimal(0), "", TODAY)
        at = datetime(2026, 11, 1, tzinfo=UTC)
        names = (f"c{number}", at, purpose, "v", f"m{number}", "", "", "", "", "", "openai", model, model)
        return LedgerEntry(*names, usage, latency, cost, False, at, "evaluation")

    entries = [
        entry(1, "evaluation", "a", 100, 10),
        entry(2, "evaluation", "a", 200, 40),
        entry(3, "judge", "a", 900, 900),
        entry(4, "evaluation", "b", 900, 900),
    ]
    day = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC), timedelta(days=1), "evaluation")
    sums = MemorySums(entries).calls(day)
    assert experience(sums, "evaluation", "a") == Experience(2, 150.0, 25.0, 0.4)
    assert experience(sums, "assistant", "a") == NOTHING_KNOWN

"""The engine: nothing asked twice, nothing lost, errors told apart, the same bytes for the same inputs."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from evaluation_parts import BAD, CRITERIA, GOOD, Answerer, criterion, library, suite

from evals.cases import Criterion
from evals.engine import Evaluation, evaluate
from evals.grading import Graders
from evals.judges.base import JudgeFailed, Judgement, JudgeQuestion
from evals.store import LOG, RowStore
from evals.trials import Plan, Selection, plan_trials
from matria.errors import BusyError, InputError, ModelError, PromptError, StorageError, SuiteError
from matria.policy import Policy

TEXTS = {"Escalate": GOOD, "Reassure": BAD}


@pytest.fixture
def graders(policy: Policy) -> Graders:
    return Graders(policy, "US")


def plan(tmp_path: Path, graders: Graders, count: int = 6, base: str | None = None, **selection: Any) -> Plan:
    return plan_trials(
        [suite(count)],
        library(tmp_path / "head", "Escalate."),
        library(tmp_path / "base", base) if base else None,
        model="fake-1",
        grading=graders.identity,
        country="US",
        selection=Selection(**selection),
    )


def run(plan: Plan, answerer: Answerer, graders: Graders, folder: Path, rows_per_sync: int = 2) -> Evaluation:
    with RowStore(folder, rows_per_sync) as store:
        return asyncio.run(evaluate(plan, answerer, graders, store))


def test_every_case_becomes_a_graded_row(tmp_path: Path, graders: Graders) -> None:
    steps: list[tuple[int, int]] = []
    with RowStore(tmp_path / "rows", 4) as store:
        work = evaluate(
            plan(tmp_path, graders),
            Answerer(TEXTS),
            graders,
            store,
            lambda state: steps.append((state.done, state.total)),
        )
        evaluation = asyncio.run(work)
    assert len(list(evaluation.rows)) == 6
    assert {row.score for row in evaluation.rows} == {1.0}
    assert evaluation.is_simulated
    assert steps == [(n, 6) for n in range(1, 7)]
    row = next(iter(evaluation.rows))
    assert [c.met for c in row.criteria] == [True, False, True]
    assert row.question == "I am bleeding (0)."
    assert row.prompt == "gestante/triagem.en"


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path, graders: Graders) -> None:
    for name in ("one", "two"):
        run(plan(tmp_path, graders, base="Reassure."), Answerer(TEXTS), graders, tmp_path / name)
    assert (tmp_path / "one/results.jsonl").read_bytes() == (tmp_path / "two/results.jsonl").read_bytes()


def test_a_second_run_asks_nothing(tmp_path: Path, graders: Graders) -> None:
    the_plan = plan(tmp_path, graders)
    run(the_plan, Answerer(TEXTS), graders, tmp_path / "rows")
    again = Answerer(TEXTS)
    evaluation = run(the_plan, again, graders, tmp_path / "rows")
    assert again.asked == []
    assert (evaluation.reused, evaluation.asked) == (6, 0)


@pytest.mark.parametrize("cut", [0, 1, 700, 2500, 5000])
def test_a_killed_run_goes_on_and_ends_in_the_same_bytes(tmp_path: Path, graders: Graders, cut: int) -> None:
    the_plan = plan(tmp_path, graders, base="Reassure.")
    run(the_plan, Answerer(TEXTS), graders, tmp_path / "whole")
    log = (tmp_path / "whole" / LOG).read_bytes()
    killed = tmp_path / "killed"
    killed.mkdir()
    (killed / LOG).write_bytes(log[:cut])
    kept = log[:cut].count(b"\n")
    answerer = Answerer(TEXTS)
    evaluation = run(the_plan, answerer, graders, killed)
    assert len(answerer.asked) == 12 - kept == evaluation.asked
    assert (killed / "results.jsonl").read_bytes() == (tmp_path / "whole/results.jsonl").read_bytes()


def test_prompts_that_render_alike_share_answers(tmp_path: Path, graders: Graders) -> None:
    answerer = Answerer(TEXTS)
    evaluation = run(plan(tmp_path, graders, base="Escalate."), answerer, graders, tmp_path / "rows")
    assert len(answerer.asked) == 6
    assert list(evaluation.side("base")) == list(evaluation.side("head"))
    assert len(list(evaluation.side("head"))) == 6


def test_epochs_are_asked_apart(tmp_path: Path, graders: Graders) -> None:
    answerer = Answerer(TEXTS)
    evaluation = run(plan(tmp_path, graders, count=2, epochs=3), answerer, graders, tmp_path / "rows")
    assert len(answerer.asked) == 6
    assert sorted(row.epoch for row in evaluation.rows) == [0, 0, 1, 1, 2, 2]


def test_no_more_than_the_policy_s_number_are_in_flight(tmp_path: Path, graders: Graders, policy: Policy) -> None:
    answerer = Answerer(TEXTS)
    run(plan(tmp_path, graders, count=60), answerer, graders, tmp_path / "rows")
    assert answerer.most_in_flight == policy.count("engine.max_in_flight")


def test_an_answer_error_is_a_row_with_its_type_and_is_asked_again(tmp_path: Path, graders: Graders) -> None:
    the_plan = plan(tmp_path, graders)
    failing = Answerer(TEXTS, lambda trial: ModelError("The endpoint is away.") if "-03" in trial.case.id else None)
    evaluation = run(the_plan, failing, graders, tmp_path / "rows")
    errors = [row for row in evaluation.rows if row.error]
    assert [(row.case, row.error.type, row.score, row.criteria) for row in errors if row.error] == [
        ("bleeding-03.en", "ModelError", None, ())
    ]
    again = Answerer(TEXTS)
    healed = run(the_plan, again, graders, tmp_path / "rows")
    assert len(again.asked) == 1
    assert all(row.score == 1.0 for row in healed.rows)


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError("reset")])
def test_time_outs_and_broken_connections_are_rows_too(tmp_path: Path, graders: Graders, error: Exception) -> None:
    evaluation = run(plan(tmp_path, graders), Answerer(TEXTS, lambda trial: error), graders, tmp_path / "rows")
    assert {row.error.type for row in evaluation.rows if row.error} == {type(error).__name__}


@pytest.mark.parametrize("error", [StorageError("The disk is full."), ZeroDivisionError()])
def test_other_errors_end_the_run_and_keep_what_is_there(tmp_path: Path, graders: Graders, error: Exception) -> None:
    the_plan = plan(tmp_path, graders, count=40)
    with pytest.raises(type(error)):
        run(
            the_plan,
            Answerer(TEXTS, lambda trial: error if trial.case.id == "bleeding-39.en" else None),
            graders,
            tmp_path / "rows",
        )
    answerer = Answerer(TEXTS)
    evaluation = run(the_plan, answerer, graders, tmp_path / "rows")
    assert 0 < len(answerer.asked) < 40
    assert len(list(evaluation.rows)) == 40


def test_a_refusal_of_the_endpoint_is_asked_again(tmp_path: Path, graders: Graders) -> None:
    the_plan = plan(tmp_path, graders, count=1)
    run(the_plan, Answerer(TEXTS), graders, tmp_path / "rows")
    log = tmp_path / "rows" / LOG
    log.write_text(log.read_text().replace('"finish_reason":"stop"', '"finish_reason":"content_filter"'))
    again = Answerer(TEXTS)
    run(the_plan, again, graders, tmp_path / "rows")
    assert len(again.asked) == 1


class Judge:
    """A judge that agrees, or fails."""

    identity = "test:judge"

    def __init__(self, fails: bool) -> None:
        self.fails = fails

    async def grade(self, question: JudgeQuestion) -> Judgement:
        if self.fails:
            raise JudgeFailed("out of its schema")
        return Judgement(True, "It does.", "Call 911 now")


JUDGED = (*CRITERIA, Criterion("kind", "Is kind.", 5, "tone", judge="rubric"))


def test_a_grader_that_fails_is_never_a_failed_answer(tmp_path: Path, policy: Policy) -> None:
    graders = Graders(policy, "US", {"rubric": Judge(fails=True)})
    the_plan = plan_trials(
        [suite(2, JUDGED)], library(tmp_path, "Escalate."), model="m", grading=graders.identity, country="US"
    )
    evaluation = run(the_plan, Answerer(TEXTS), graders, tmp_path / "rows")
    last = next(iter(evaluation.rows)).criteria[-1]
    assert (last.met, last.is_failed, last.grader_error) == (None, False, "out of its schema")
    assert next(iter(evaluation.rows)).score is None
    healed = Graders(policy, "US", {"rubric": Judge(fails=False)})
    again = Answerer(TEXTS)
    evaluation = run(the_plan, again, healed, tmp_path / "rows")
    assert again.asked == [], "the answer was fine and is kept; only the grading is done again"
    assert next(iter(evaluation.rows)).score == 1.0


def test_a_judge_that_is_not_configured_is_named_before_any_call(tmp_path: Path, graders: Graders) -> None:
    the_plan = plan_trials(
        [suite(1, JUDGED)], library(tmp_path, "Escalate."), model="m", grading=graders.identity, country="US"
    )
    answerer = Answerer(TEXTS)
    with pytest.raises(SuiteError, match="needs the judge 'rubric'"):
        run(the_plan, answerer, graders, tmp_path / "rows")
    assert answerer.asked == []


def test_a_changed_criterion_grades_anew_and_asks_nothing(tmp_path: Path, graders: Graders) -> None:
    run(plan(tmp_path, graders), Answerer(TEXTS), graders, tmp_path / "rows")
    changed = (*CRITERIA, criterion("short", 3, "completeness", kind="length", max_words=50))
    the_plan = plan_trials(
        [suite(6, changed)],
        library(tmp_path / "head", "Escalate."),
        model="fake-1",
        grading=graders.identity,
        country="US",
    )
    again = Answerer(TEXTS)
    evaluation = run(the_plan, again, graders, tmp_path / "rows")
    assert again.asked == []
    assert all(len(row.criteria) == 4 for row in evaluation.rows)


def test_two_processes_do_not_write_the_same_rows(tmp_path: Path) -> None:
    with RowStore(tmp_path, 1), pytest.raises(BusyError, match="Another process"):
        RowStore(tmp_path, 1)


def test_a_damaged_row_in_the_middle_is_named(tmp_path: Path) -> None:
    (tmp_path / LOG).write_text('{"row": 1}\n{}\n')
    with pytest.raises(InputError, match="line 1 is not a row"):
        RowStore(tmp_path, 1)


def test_text_that_is_not_unicode_is_kept_as_json(tmp_path: Path, graders: Graders) -> None:
    run(plan(tmp_path, graders, count=1), Answerer({"Escalate": "a \ud800 b \u2028 c"}), graders, tmp_path / "rows")
    (line,) = (tmp_path / "rows/results.jsonl").read_bytes().split(b"\n")[:-1]
    assert json.loads(line)["answer"]["graded_text"] == "a \ud800 b \u2028 c"


def test_a_prompt_that_does_not_exist_is_named(tmp_path: Path, graders: Graders) -> None:
    with pytest.raises(PromptError, match="no prompt 'gestante/poema'"):
        plan(tmp_path, graders, prompts=("gestante/poema",))


def test_nothing_to_ask_is_an_error(tmp_path: Path, graders: Graders) -> None:
    with pytest.raises(SuiteError, match="nothing to ask"):
        plan(tmp_path, graders, count=0)

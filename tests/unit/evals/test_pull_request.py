"""A change to a prompt played through on the bundled simulator: the real library, assistant, rails, engine and gate."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.comparison import compare
from evals.engine import Evaluation, evaluate
from evals.gate import Verdict, decide
from evals.grading import Graders
from evals.healthbench import load_healthbench
from evals.judges.asking import JudgeModel
from evals.judges.rubric import RubricJudge
from evals.store import RowStore
from evals.subject import AssistantSubject
from evals.suitefile import load_suite
from evals.summary import summarise
from evals.trials import Plan, Selection, plan_trials
from flows.wiring import Platform

CASES = (
    "bleeding-third-trimester",
    "headache-with-vision",
    "fewer-movements",
    "waters-broken-preterm",
    "one-sided-pain-early-pregnancy",
)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    return Platform.load(home=tmp_path_factory.mktemp("home"))


def run(platform: Platform, plan_of: Callable[[Graders], Plan], folder: Path) -> Evaluation:
    async def work() -> Evaluation:
        chat, judge = platform.chat(), platform.judge_chat()
        try:
            graders = Graders(platform.policy, "US", {"rubric": RubricJudge(JudgeModel(judge, "simulator-1", 2))})
            with RowStore(folder, 32) as store:
                subject = AssistantSubject(platform.assistant(chat))
                return await evaluate(plan_of(graders), subject, graders, store)
        finally:
            await chat.aclose()
            await judge.aclose()

    return asyncio.run(work())


def verdict(platform: Platform, tmp_path: Path, change: Callable[[str], str]) -> Verdict:
    """The verdict on `change` to the triage prompts, over a part of the danger signs."""
    from prompts.repository import PromptLibrary

    edited = tmp_path / "library"
    shutil.copytree(platform.settings.root / "prompts" / "library", edited)
    for file in (edited / "gestante").glob("triagem.*.prompty"):
        file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    suite = load_suite(platform.settings.root / "evals" / "suites" / "danger_signs")

    def plan_of(graders: Graders) -> Plan:
        return plan_trials(
            [suite],
            PromptLibrary(edited),
            platform.library,
            model="simulator-1",
            grading=graders.identity,
            country="US",
            selection=Selection(prompts=("gestante/triagem",), cases=CASES),
        )

    evaluation = run(platform, plan_of, tmp_path / "rows")
    assert not [row.error for row in evaluation.rows if row.error]
    return decide(compare(evaluation.results.pairs(), platform.policy), platform.policy)


def test_dropping_the_escalation_is_blocked_and_names_the_case(platform: Platform, tmp_path: Path) -> None:
    blocked = verdict(platform, tmp_path, lambda text: text.replace('{% include "escalation" %}', ""))
    assert blocked.state == "blocked"
    assert "bleeding-third-trimester" in blocked.sentences()[0]
    assert blocked.is_simulated
    assert not blocked.may_promote


def test_a_reworded_sentence_is_not_worse(platform: Platform, tmp_path: Path) -> None:
    fine = verdict(platform, tmp_path, lambda text: text.replace("You are the assistant", "You are an assistant"))
    assert fine.state == "not_worse"
    assert not fine.comparison.identical


def test_no_change_costs_no_second_answer(platform: Platform, tmp_path: Path) -> None:
    same = verdict(platform, tmp_path, lambda text: text)
    assert same.comparison.identical
    assert [reason.code for reason in same.reasons] == ["identical"]


def test_real_conversations_run_through_the_same_engine(platform: Platform, tmp_path: Path, shared_data: Path) -> None:
    suite = load_healthbench(shared_data / "healthbench_srh" / "healthbench_srh_en_200.jsonl")

    def plan_of(graders: Graders) -> Plan:
        return plan_trials(
            [suite],
            platform.library,
            model="simulator-1",
            grading=graders.identity,
            country="US",
            selection=Selection(limit=5),
        )

    evaluation = run(platform, plan_of, tmp_path / "rows")
    summary = summarise(evaluation.results.of_side("head"), platform.policy)
    assert (summary.cases, summary.scored, summary.counts.grader_errors) == (5, 5, 0)
    assert summary.quality is not None

"""Agreement is scikit-learn's; what the judge failed to judge is counted and left out of the figures."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score

from evals.judges.agreement import Agreement, agreement
from evals.judges.asking import JudgeModel
from evals.judges.rubric import RubricJudge
from matria.settings import JudgeSettings
from models.assistant.openai import simulated_chat
from tests.bench.judge_agreement import Graded, grade_all, graded


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_the_figures_are_those_of_scikit_learn(pairs: list[tuple[bool, bool]]) -> None:
    ours, theirs = zip(*pairs, strict=True)
    found = agreement(pairs)
    assert found.accuracy == pytest.approx(accuracy_score(theirs, ours))
    assert found.macro_f1 == pytest.approx(
        f1_score(theirs, ours, average="macro", labels=[False, True], zero_division=0.0)
    )
    if found.kappa is None:
        assert len({*ours, *theirs}) == 1
    else:
        assert found.kappa == pytest.approx(cohen_kappa_score(theirs, ours))


def test_failures_are_counted_and_left_out() -> None:
    found = agreement([(True, True), (None, True), (None, False), (False, False)])
    assert (found.judged, found.failed, found.accuracy, found.kappa) == (2, 2, 1.0, 1.0)
    nothing = agreement([(None, True)])
    assert (nothing.accuracy, nothing.kappa, nothing.macro_f1, nothing.failed) == (None, None, None, 1)


def test_the_judges_words_leave_the_simulated_grades_as_they_were_recorded(shared_data: Path) -> None:
    file = shared_data / "healthbench_srh" / "graded_answers_a.jsonl"
    found, failures = asyncio.run(simulated(list(graded(file, {}, 20))))
    assert found == Agreement(both_met=3, judge_only=4, others_only=64, neither=217, failed=0)
    assert not failures


async def simulated(work: list[Graded]) -> tuple[Agreement, Counter[str]]:
    chat = simulated_chat(JudgeSettings())
    try:
        return await grade_all(RubricJudge(JudgeModel(chat, "simulator-1", 3)), work)
    finally:
        await chat.aclose()

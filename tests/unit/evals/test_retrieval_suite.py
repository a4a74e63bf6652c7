"""A suite with retrieval: the model sees the passages, all judges grade on the simulator, each row says who judged."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from evals.engine import Evaluation, evaluate
from evals.grading import Graders
from evals.rows import Row, row_as_dict, row_of
from evals.store import RowStore
from evals.subject import AssistantSubject
from evals.suitefile import load_suite
from evals.trials import Plan, plan_trials
from flows.wiring import Platform
from flows.wiring_models import judges
from matria.errors import SuiteError
from matria.messages import LOCALES
from prompts.repository import PromptLibrary

HERE = Path(__file__).parent / "retrieval"


def plan(grading: str, library: Path = HERE / "prompts") -> Plan:
    suite = load_suite(HERE / "grounded")
    return plan_trials([suite], PromptLibrary(library), model="simulator-1", grading=grading, country="US")


def evaluated(folder: Path) -> Evaluation:
    platform = Platform.load(home=folder / "home")

    async def work() -> Evaluation:
        chat, judge = platform.chat(), platform.judge_chat()
        try:
            known = judges(platform.settings, platform.policy, judge, "simulator-1")
            graders = Graders(platform.policy, "US", known)
            with RowStore(folder / "rows", 32) as store:
                return await evaluate(
                    plan(graders.identity), AssistantSubject(platform.assistant(chat)), graders, store
                )
        finally:
            await chat.aclose()
            await judge.aclose()

    return asyncio.run(work())


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    return list(evaluated(tmp_path_factory.mktemp("first")).rows)


def test_the_model_sees_what_was_retrieved(rows: list[Row]) -> None:
    assert {row.locale for row in rows} == set(LOCALES)
    for row in rows:
        asked = row.messages[-1].content
        assert "[p1] " in asked
        assert "[p2] " in asked
        assert asked.index("[p1]") < asked.index(row.question.splitlines()[-1])


def test_every_judge_grades_and_every_row_says_who_judged(rows: list[Row]) -> None:
    for row in rows:
        assert [c.grader for c in row.criteria] == [
            "judge:ragas/faithfulness",
            "judge:ragas/context_recall",
            "judge:deepeval/g_eval",
            "judge:rubric",
        ]
        for criterion in row.criteria:
            assert not criterion.grader_error
            assert criterion.judge is not None
            assert criterion.judge.model == "simulator-1"
            assert len(criterion.judge.template) == 12
        assert row.criteria[1].judge.score == 1.0  # type: ignore[union-attr]  # the passages hold the reference
        assert (row.criteria[3].judge.agreement, len(row.criteria[3].judge.seeds)) == (1.0, 3)  # type: ignore[union-attr]
        assert row.is_simulated


def test_a_row_reads_back_as_it_was_written(rows: list[Row]) -> None:
    for row in rows:
        assert row_of(json.loads(json.dumps(row_as_dict(row)))) == row


def test_the_same_inputs_give_the_same_rows(rows: list[Row], tmp_path: Path) -> None:
    assert [row_as_dict(row) for row in evaluated(tmp_path).rows] == [row_as_dict(row) for row in rows]


def test_a_prompt_that_shows_no_passages_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    library = tmp_path / "prompts"
    shutil.copytree(HERE / "prompts", library)
    file = library / "gestante" / "conteudo.en.prompty"
    text = file.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if "retrieved:" not in line and "{{ retrieved }}" not in line]
    file.write_text("\n".join(kept) + "\n", encoding="utf-8")
    with pytest.raises(SuiteError, match="has no input 'retrieved' to show them"):
        plan("g", library)


def test_what_decides_a_grade_is_part_of_the_cases_digest(tmp_path: Path) -> None:
    def digests(old: str, new: str) -> set[str]:
        folder = tmp_path / "grounded"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(HERE / "grounded", folder)
        file = folder / "cases" / "visits.en.yaml"
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        return {case.digest for case in load_suite(folder).cases if case.locale == "en"}

    as_it_is = digests("", "")
    for old, new in (("threshold: 0.8", "threshold: 0.9"), ("samples: 3", "samples: 5"), ("id: p2", "id: p3")):
        assert digests(old, new) != as_it_is

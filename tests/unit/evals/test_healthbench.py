"""HealthBench comes in as it is, and its figures come out as its own scorer gives them."""

import json
from pathlib import Path

import pytest

from evals.healthbench import load_healthbench, recorded_scores, recorded_set_score
from evals.rows import CriterionResult
from evals.scoring import axis_score, case_score, set_score
from matria.errors import InputError


@pytest.mark.parametrize(("name", "answers", "expected"), [("a", 93, 0.0385), ("b", 123, 0.3058)])
def test_recorded_verdicts_give_the_published_figure(
    shared_data: Path, name: str, answers: int, expected: float
) -> None:
    path = shared_data / "healthbench_srh" / f"graded_answers_{name}.jsonl"
    assert len(recorded_scores(path)) == answers
    assert recorded_set_score(path) == pytest.approx(expected, abs=5e-5)


def test_real_conversations_become_cases(shared_data: Path) -> None:
    suite = load_healthbench(shared_data / "healthbench_srh" / "healthbench_srh_en_200.jsonl")
    assert len(suite.cases) == 200
    assert sum(len(case.criteria) for case in suite.cases) == 2465
    assert suite.prompts == ("gestante/triagem",)
    assert {criterion.judge for case in suite.cases for criterion in case.criteria} == {"rubric"}
    assert max(len(case.history) for case in suite.cases) == 16


def line(**changes: object) -> str:
    conversation = {
        "prompt_id": "1",
        "prompt": [{"role": "user", "content": "Hello?"}],
        "rubrics": [{"criterion": "Greets.", "points": 5, "tags": ["axis:communication_quality"]}],
    }
    return json.dumps(conversation | changes)


def test_axes_are_taken_from_the_tags(tmp_path: Path) -> None:
    path = tmp_path / "hb.jsonl"
    path.write_text(line() + "\n\n" + line(prompt_id="2", rubrics=[{"criterion": "x", "points": 1}]) + "\n")
    first, second = load_healthbench(path, "puerpera/apoio").cases
    assert (first.criteria[0].axis, second.criteria[0].axis) == ("tone", "general")
    assert first.persona == "puerpera"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "line 1: it is not JSON"),
        (line(prompt=[]), "line 1: 'prompt'"),
        (line(rubrics=[{"points": 1}]), "'rubrics.0.criterion' is missing"),
        ("", "holds no HealthBench conversation"),
    ],
)
def test_a_line_that_does_not_fit_is_named(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "hb.jsonl"
    path.write_text(content)
    with pytest.raises(InputError, match=says):
        load_healthbench(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.jsonl is missing"):
        load_healthbench(tmp_path / "none.jsonl")


def result(points: float, met: bool | None, axis: str = "tone") -> CriterionResult:
    return CriterionResult("c", "t", axis, points, False, "check:says", met)  # type: ignore[arg-type]


def test_a_case_s_score_is_not_clipped_and_a_set_s_is() -> None:
    # (5 - 8) / (5 + 7) = -0.25; with 1.0 beside it the mean is 0.375, where clipping first would give 0.5
    worse = case_score([result(5, True), result(7, False), result(-8, True)])
    assert worse == -0.25
    assert set_score([worse, 1.0]) == 0.375
    assert set_score([worse]) == 0.0
    assert set_score([]) is None


def test_an_axis_without_positive_points_still_has_a_score() -> None:
    # worst -10, best 0: meeting the -4 alone gives (-4 + 10) / 10
    assert axis_score([result(-6, False), result(-4, True)], "tone") == 0.6
    assert axis_score([result(-6, False)], "tone") == 1.0
    assert axis_score([result(3, True), result(-6, True)], "tone") == pytest.approx(1 / 3)
    assert axis_score([result(3, True)], "scope") is None


def test_a_failed_grader_leaves_no_score_rather_than_a_low_one() -> None:
    assert case_score([result(5, True), result(5, None)]) is None
    assert axis_score([result(5, None)], "tone") is None

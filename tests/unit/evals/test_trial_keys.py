"""What decides an answer decides its key: nothing is taken over from an answer given otherwise."""

from dataclasses import replace
from pathlib import Path

import pytest
from evaluation_parts import library, suite

from evals.cases import Suite
from evals.trials import Selection, plan_trials


def keys(folder: Path, of: Suite | None = None, text: str = "Escalate.", **options: object) -> tuple[str, str]:
    given = {"model": "m", "grading": "g", "country": "US", **options}
    (trial,) = plan_trials([of or suite(1)], library(folder, text), **given).trials  # type: ignore[arg-type]
    return trial.answer_key, trial.key


@pytest.mark.parametrize(
    "options",
    [
        {"model": "n"},
        {"text": "Reassure."},
        {"answered_by": {"head": "other rails"}},
        {"selection": Selection(first_epoch=1000)},
    ],
    ids=str,
)
def test_another_way_of_answering_is_another_answer(tmp_path: Path, options: dict[str, object]) -> None:
    before, after = keys(tmp_path / "a"), keys(tmp_path / "b", **options)  # type: ignore[arg-type]
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_another_way_of_grading_keeps_the_answer(tmp_path: Path) -> None:
    before, after = keys(tmp_path / "a"), keys(tmp_path / "b", grading="h")
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_another_place_of_a_case_is_another_row(tmp_path: Path) -> None:
    whole = suite(1)
    moved = replace(whole, cases=tuple(replace(case, stage="birth") for case in whole.cases))
    assert keys(tmp_path / "a", whole)[1] != keys(tmp_path / "b", moved)[1]

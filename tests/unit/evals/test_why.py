"""Why one case got its score."""

import json
from datetime import date
from pathlib import Path

import pytest

from evals.precedents import FilePrecedents
from matria.errors import InputError


def line(**changes: object) -> str:
    said = {"suite": "danger_signs", "case": "bleeding.en", "criterion": "urgent", "met": False, "note": "Too slow."}
    return json.dumps({**said, "reviewed_on": "2026-10-01", **changes})


def test_precedents_are_the_newest_first_and_of_the_case_alone(tmp_path: Path) -> None:
    file = tmp_path / "precedents.jsonl"
    file.write_text("\n".join([line(), line(reviewed_on="2026-11-02", met=True), line(case="other.en"), ""]))
    found = FilePrecedents(file).of("danger_signs", "bleeding.en")
    assert [(p.reviewed_on, p.met) for p in found] == [(date(2026, 11, 2), True), (date(2026, 10, 1), False)]


def test_a_review_that_has_not_begun_has_no_precedents(tmp_path: Path) -> None:
    assert FilePrecedents(tmp_path / "none.jsonl").of("danger_signs", "bleeding.en") == []


@pytest.mark.parametrize("bad", ["{", line(met="yes"), line(reviewed_on="soon"), line(extra=1), "[]"])
def test_a_line_that_is_no_judgement_is_named(tmp_path: Path, bad: str) -> None:
    file = tmp_path / "precedents.jsonl"
    file.write_text(f"{line()}\n{bad}\n")
    with pytest.raises(InputError, match="line 2"):
        FilePrecedents(file).of("danger_signs", "bleeding.en")

"""Page, JUnit XML, JSON, explanation and MLflow runs: all from the same rows and the same verdict."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from comparison_rows import result, row, side
from evaluation_parts import BAD, GOOD, Answerer, library, suite
from report_parts import inputs

from evals.engine import Evaluation, evaluate
from evals.grading import Graders
from evals.junit import junit
from evals.outputs import write_reports
from evals.precedents import FilePrecedents
from evals.rows import AnswerError
from evals.store import RowStore, read_results
from evals.trials import plan_trials
from evals.verdictfile import verdict_as_dict
from evals.why import explain
from matria.errors import InputError, SuiteError
from matria.policy import Policy


@pytest.fixture
def evaluation(tmp_path: Path, policy: Policy) -> Evaluation:
    """A base that escalates against a head that does not."""
    graders = Graders(policy, "US")
    plan = plan_trials(
        [suite(6)],
        library(tmp_path / "head", "Reassure."),
        library(tmp_path / "base", "Escalate."),
        model="fake-1",
        grading=graders.identity,
        country="US",
    )
    with RowStore(tmp_path / "rows", 8) as store:
        return asyncio.run(evaluate(plan, Answerer({"Escalate": GOOD, "Reassure": BAD}), graders, store))


def test_reports_are_written_with_the_page_first(tmp_path: Path, evaluation: Evaluation, policy: Policy) -> None:
    report = inputs(evaluation.side("base"), evaluation.side("head"), policy)
    files = write_reports(tmp_path / "out", evaluation, report)
    assert [file.name for file in files] == [
        *("report.html", "comment.md", "summary.md", "junit.xml", "results.jsonl", "meters.jsonl"),
        *("answers.parquet", "criteria.parquet", "verdict.json"),
    ]
    assert json.loads(files[-1].read_text())["state"] == "blocked"
    again = write_reports(tmp_path / "again", evaluation, report)
    assert [file.read_bytes() for file in files] == [file.read_bytes() for file in again]


def test_results_come_back_as_they_were(tmp_path: Path, evaluation: Evaluation) -> None:
    evaluation.results.write(tmp_path / "out")
    assert list(read_results(tmp_path / "out").entries()) == list(evaluation.results.entries())


def test_a_folder_without_results_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no finished evaluation"):
        read_results(tmp_path)


def test_junit_lists_the_verdict_and_each_case(policy: Policy) -> None:
    base = side("base", [True] * 6, never=True)
    head = side("head", [True] * 4 + [False, None], never=True)
    head[0] = row("case-00.en", [], error=AnswerError("ModelError", "away \x00 \ud800"))
    tree = ElementTree.fromstring("".join(junit(iter(head), inputs(base, head, policy).verdict)))
    verdict, cases = tree.findall("testsuite")
    assert verdict.find("testcase/failure").get("type") == "blocked"  # type: ignore[union-attr]
    kinds = [case[0].tag if len(case) else "passed" for case in cases.findall("testcase")]
    assert kinds == ["error", "passed", "passed", "passed", "failure", "error"]
    assert {name: cases.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "6",
        "failures": "1",
        "errors": "2",
    }


def test_junit_keeps_suites_apart_and_names_of_others_inside_their_attributes(policy: Policy) -> None:
    rows = [replace(row("a", []), suite=name) for name in ("one", 'two" x="<&>')]
    one, two = ElementTree.fromstring("".join(junit(rows))).findall("testsuite")
    assert (one.get("name"), one.get("tests")) == ("one", "1")
    assert (two.get("name"), two.get("tests")) == ('two" x="<&>', "1")


def test_the_verdict_as_data_holds_no_answer(policy: Policy) -> None:
    verdict = inputs(side("base", [True] * 9), side("head", [False] * 9), policy).verdict
    assert verdict is not None
    data = verdict_as_dict(verdict)
    assert (data["state"], data["exit_code"]) == ("blocked", 20)
    assert len(data["flips"]) == 9
    assert "Answer" not in json.dumps(data)


def test_why_shows_what_differs_first_and_how_to_run_just_that(evaluation: Evaluation) -> None:
    (explanation,) = explain("bleeding-03", evaluation.results)
    assert explanation.case == "bleeding-03.en"
    assert [(view.criterion.id, view.is_flip) for view in explanation.criteria] == [
        *(("escalates", True), ("waits", True), ("warm", True))
    ]
    assert explanation.base
    assert explanation.head
    assert explanation.messages[0].content == "Reassure."
    assert explanation.base_messages[0].content == "Escalate."
    assert [segment.text for segment in explanation.hunks[0].segments] == ["Escalate", "Reassure", "."]
    assert explanation.precedents == ()
    assert explanation.rerun.endswith("--suite danger_signs --prompt gestante/triagem --case bleeding-03.en")


def test_why_has_what_nurses_said_and_reruns_both_sides(tmp_path: Path, evaluation: Evaluation) -> None:
    said = {"suite": "danger_signs", "case": "bleeding-03.en", "criterion": "escalates", "met": False}
    file = tmp_path / "precedents.jsonl"
    file.write_text(json.dumps({**said, "reviewed_on": "2026-10-01", "note": "Too slow."}))
    (explanation,) = explain("bleeding-03", evaluation.results, FilePrecedents(file), "origin/main")
    assert [precedent.note for precedent in explanation.precedents] == ["Too slow."]
    assert explanation.rerun.endswith("--case bleeding-03.en --against origin/main")


def test_why_names_cases_that_come_close(evaluation: Evaluation) -> None:
    with pytest.raises(SuiteError, match=r"no case 'bleeding-3\.en': name one such as bleeding-03\.en"):
        explain("bleeding-3.en", evaluation.results)


def test_an_unscored_prompt_has_no_quality_rather_than_zero(
    tmp_path: Path, evaluation: Evaluation, policy: Policy
) -> None:
    rows = [row("a.en", [result("x", "tone", 5, None)])]
    assert inputs(rows, rows, policy).head.quality is None

"""Suites are read whole or refused with one sentence that names file and case."""

from pathlib import Path

import pytest
import yaml

from evals.suitefile import load_suite, load_suites
from matria.errors import SuiteError

SUITE = {
    "id": "danger_signs",
    "title": "Danger signs",
    "purpose": "She is told when to go now.",
    "owner": "clinical-team",
    "personas": ["gestante"],
    "locales": ["pt-BR"],
    "prompts": ["gestante/triagem"],
    "clinical_review": "pending",
    "sources": {"rcog63": {"guideline": "Green-top Guideline 63", "year": 2011, "organisation": "RCOG"}},
}
CRITERION = {
    "id": "escalates-now",
    "text": "Diz para ir agora à maternidade.",
    "points": 10,
    "axis": "danger_signs",
    "source": {"ref": "rcog63"},
    "never": True,
    "check": {"kind": "escalation", "urgency": "now"},
}
CASE = {
    "id": "bleeding.pt-BR",
    "locale": "pt-BR",
    "persona": "gestante",
    "stage": "third_trimester",
    "messages": [{"role": "user", "content": "Estou sangrando."}],
    "clinical_review": "pending",
    "criteria": [CRITERION],
}


def write(root: Path, cases: list[dict[str, object]] | str, **suite: object) -> Path:
    folder = root / "danger_signs"
    (folder / "cases").mkdir(parents=True)
    (folder / "suite.yaml").write_text(yaml.safe_dump(SUITE | suite), encoding="utf-8")
    text = cases if isinstance(cases, str) else yaml.safe_dump({"cases": cases}, allow_unicode=True)
    (folder / "cases" / "bleeding.pt-BR.yaml").write_text(text, encoding="utf-8")
    return folder


def criterion(**changes: object) -> dict[str, object]:
    changed = CRITERION | changes
    return CASE | {"criteria": [{key: value for key, value in changed.items() if value is not None}]}


def test_a_suite_is_read_with_its_sources(tmp_path: Path) -> None:
    suite = load_suite(write(tmp_path, [CASE]))
    (case,) = suite.cases
    assert case.suite == "danger_signs"
    assert case.theme == "bleeding"
    assert case.question == "Estou sangrando."
    assert case.history == ()
    assert str(case.criteria[0].source) == "RCOG, Green-top Guideline 63, 2011"
    assert case.criteria[0].grader == "check:escalation"
    assert case.criteria[0].never


@pytest.mark.parametrize(
    ("cases", "says"),
    [
        ("cases:\n\t- id: x\n", "a tab stands there"),
        ("cases: [", "line"),
        ("other: []", "exactly one key, 'cases'"),
        ([criterion(check={"kind": "telepathy"})], "unknown check kind 'telepathy'"),
        ([criterion(check={"kind": "escalation"})], "'urgency' is missing"),
        ([criterion(check={"kind": "escalation", "urgency": "soon"})], "urgency"),
        ([criterion(check={"kind": "warm_tone", "much": 1})], "'much' is not known here"),
        ([criterion(check={"kind": "says"})], "needs 'any' or 'all'"),
        ([criterion(check={"kind": "matches", "regex": "("})], "does not compile"),
        ([criterion(check=None)], "exactly one of 'check' and 'judge'"),
        ([criterion(judge="rubric")], "exactly one of 'check' and 'judge'"),
        ([criterion(check=None, judge="oracle")], "unknown judge 'oracle'"),
        ([criterion(source=None)], "needs a source"),
        ([criterion(source={"ref": "nice"})], "source 'nice' is not listed"),
        ([criterion(points=0)], "0 points"),
        ([criterion(points=-3)], "positive points"),
        ([criterion(axis="charm")], "axis"),
        ([criterion(axis="general")], "for imported suites"),
        ([CASE, CASE], "taken by another case"),
        ([CASE | {"criteria": [CRITERION, CRITERION]}], "stands there twice"),
        ([CASE | {"persona": "doula"}], "persona"),
        ([CASE | {"persona": "puerpera"}], "persona 'puerpera' is not one of the suite's"),
        ([CASE | {"locale": "es"}], "locale"),
        ([CASE | {"id": "bleeding"}], "must end in its locale"),
        ([CASE | {"stage": "fourth_trimester"}], "stage"),
        ([CASE | {"messages": [{"role": "assistant", "content": "Olá"}]}], "last message must be the user's"),
        ([], "there is no case"),
    ],
)
def test_a_case_that_does_not_fit_is_one_sentence_naming_it(
    tmp_path: Path, cases: list[dict[str, object]] | str, says: str
) -> None:
    folder = write(tmp_path, cases)
    with pytest.raises(SuiteError) as caught:
        load_suite(folder)
    message = str(caught.value)
    assert says in message
    assert str(folder) in message
    assert "\n" not in message
    if isinstance(cases, list) and cases:
        assert f"case {cases[0]['id']}" in message


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"id": "other"}, "its folder 'danger_signs'"),
        ({"prompts": ["triagem"]}, "not of the form"),
        ({"purpose": ""}, "purpose"),
        ({"colour": "red"}, "'colour' is not known here"),
    ],
)
def test_a_suite_file_that_does_not_fit_is_named(tmp_path: Path, change: dict[str, object], says: str) -> None:
    with pytest.raises(SuiteError, match=says):
        load_suite(write(tmp_path, [CASE], **change))


def test_no_suite_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="holds no suite"):
        load_suites(tmp_path)


def test_a_case_s_digest_follows_what_is_graded_and_not_who_reviewed_it(tmp_path: Path) -> None:
    first = load_suite(write(tmp_path / "a", [CASE])).cases[0]
    reviewed = load_suite(write(tmp_path / "b", [CASE | {"clinical_review": "pending (2)"}])).cases[0]
    regraded = load_suite(write(tmp_path / "c", [criterion(points=9)])).cases[0]
    assert first.digest == reviewed.digest != regraded.digest

"""The linter of suites: what it finds, how grave, and what it leaves alone."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from evals.lint import Surroundings, lint_suites
from evals.lint_rules import RULES
from evals.suitefile import Finding
from matria.policy import load_policy
from prompts.repository import PromptLibrary

ROOT = Path(__file__).resolve().parents[3]
AROUND = Surroundings(
    PromptLibrary(ROOT / "prompts" / "library"), load_policy(ROOT / "policy.yaml"), date(2026, 6, 1), "US", ("rubric",)
)
SUITE = {
    "title": "Bleeding",
    "purpose": "She is told when to go.",
    "owner": "clinical-team",
    "personas": ["gestante"],
    "locales": ["en"],
    "prompts": ["gestante/triagem"],
    "clinical_review": "pending",
    "sources": {"g": {"guideline": "Green-top Guideline 52", "year": 2016, "section": "All", "organisation": "RCOG"}},
}
QUESTION = "there is blood on the sheets this morning and my mother says it is nothing, should i call somebody or not"


def graded(points: float, check: Mapping[str, Any] | None, name: str = "main", **more: Any) -> dict[str, Any]:
    grader = {"check": dict(check)} if check else {}
    return {
        "id": name,
        "text": f"What to look for: {name}.",
        "points": points,
        "axis": "danger_signs",
        "source": {"ref": "g"},
        **grader,
        **more,
    }


NOW = graded(10, {"kind": "escalation", "urgency": "now"})


def a_case(
    theme: str = "bleeding",
    question: str = QUESTION,
    criteria: Sequence[Mapping[str, Any]] = (NOW,),
    review: str = "A. Reader, COREN 1, 2026-01-01",
    locale: str = "en",
) -> dict[str, Any]:
    return {
        "id": f"{theme}.{locale}",
        "locale": locale,
        "persona": "gestante",
        "stage": "third_trimester",
        "messages": [{"role": "user", "content": question}],
        "clinical_review": review,
        "criteria": [dict(criterion) for criterion in criteria],
    }


def lint(root: Path, cases: Sequence[Mapping[str, Any]], around: Surroundings = AROUND, **suite: Any) -> list[Finding]:
    write(root, "bleeding", cases, **suite)
    return lint_suites(root, around)


def write(root: Path, name: str, cases: Sequence[Mapping[str, Any]], **suite: Any) -> None:
    folder = root / name
    (folder / "cases").mkdir(parents=True)
    (folder / "suite.yaml").write_text(yaml.safe_dump({"id": name} | SUITE | suite), encoding="utf-8")
    (folder / "cases" / "all.yaml").write_text(yaml.safe_dump({"cases": [dict(c) for c in cases]}), encoding="utf-8")


def rules_of(findings: Sequence[Finding]) -> set[str]:
    return {finding.rule for finding in findings}


def test_a_suite_that_is_well_has_no_finding(tmp_path: Path) -> None:
    assert lint(tmp_path, [a_case()]) == []


def test_every_problem_that_keeps_a_suite_from_loading_is_shown_at_once(tmp_path: Path) -> None:
    unsourced = a_case(criteria=[{**NOW, "source": {"ref": "lost"}, "points": 0}])
    findings = lint(tmp_path, [unsourced, a_case("other") | {"persona": "puerpera"}])
    assert rules_of(findings) == {"unreadable"}
    assert {finding.case for finding in findings} == {"bleeding.en", "other.en"}
    assert len(findings) >= 3


def test_no_suite_at_all_is_an_error(tmp_path: Path) -> None:
    assert [finding.severity for finding in lint_suites(tmp_path, AROUND)] == ["error"]


def test_a_question_with_a_few_other_words_is_found_in_another_suite(tmp_path: Path) -> None:
    write(tmp_path, "again", [a_case("renamed", QUESTION.replace("mother", "sister").replace("somebody", "someone"))])
    findings = lint(tmp_path, [a_case()])
    assert rules_of(findings) == {"duplicate"}
    assert "again/renamed.en holds nearly the same conversation" in findings[0].message


def test_questions_that_share_a_few_words_are_two(tmp_path: Path) -> None:
    other = "should i call somebody or not, my feet are swollen since friday and the shoes do not fit anymore"
    assert lint(tmp_path, [a_case(), a_case("swelling", other)]) == []


def test_a_twin_asks_the_same_on_purpose(tmp_path: Path) -> None:
    twin = a_case("bleeding~formal", QUESTION + " please") | {"twin": {"kind": "formal", "stays": "all"}}
    assert lint(tmp_path, [a_case(), twin]) == []


def test_a_case_without_its_locale_and_an_idle_source_are_warnings(tmp_path: Path) -> None:
    idle = {"idle": {"guideline": "NG201", "year": 2021}}
    findings = lint(tmp_path, [a_case()], locales=["en", "pt-BR"], sources=SUITE["sources"] | idle)  # type: ignore[operator]
    assert rules_of(findings) == {"missing-twin", "unused-source"}
    assert {finding.severity for finding in findings} == {"warning"}


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ({"kind": "escalation", "urgency": "now"}, {"kind": "escalation", "urgency": "same_day"}),
        ({"kind": "escalation", "urgency": "now"}, {"kind": "escalation", "urgency": "now", "conditional": True}),
        ({"kind": "says", "any": ["stay home"]}, {"kind": "mentions", "any": ["stay home", "rest"]}),
        ({"kind": "says", "all": ["stay home", "call us"]}, {"kind": "says", "any": ["call us"]}),
        ({"kind": "recommends", "any": ["aspirin"]}, {"kind": "mentions", "any": ["aspirin"]}),
        ({"kind": "length", "max_words": 50}, {"kind": "length", "max_words": 80}),
        ({"kind": "warm_tone"}, {"kind": "warm_tone"}),
    ],
)
def test_points_that_cancel_are_an_error(tmp_path: Path, good: dict[str, Any], bad: dict[str, Any]) -> None:
    findings = lint(tmp_path, [a_case(criteria=[graded(10, good), graded(-5, bad, "bad")])])
    assert [(finding.rule, finding.severity) for finding in findings] == [("contradiction", "error")]
    assert "'main' always meets 'bad'" in findings[0].message


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ({"kind": "escalation", "urgency": "routine"}, {"kind": "escalation", "urgency": "now"}),
        ({"kind": "escalation", "urgency": "now", "conditional": True}, {"kind": "escalation", "urgency": "now"}),
        ({"kind": "mentions", "any": ["aspirin"]}, {"kind": "says", "any": ["aspirin"]}),
        ({"kind": "mentions", "any": ["aspirin", "rest"]}, {"kind": "mentions", "any": ["aspirin"]}),
        ({"kind": "says", "any": ["rest"]}, {"kind": "says", "any": ["rest", "sleep"], "min": 2}),
        ({"kind": "length", "max_words": 80}, {"kind": "length", "max_words": 50}),
    ],
)
def test_points_that_can_all_be_gained_are_left_alone(
    tmp_path: Path, good: dict[str, Any], bad: dict[str, Any]
) -> None:
    assert lint(tmp_path, [a_case(criteria=[graded(10, good), graded(-5, bad, "bad")])]) == []


def test_the_same_looked_for_twice_is_a_warning(tmp_path: Path) -> None:
    findings = lint(tmp_path, [a_case(criteria=[NOW, NOW | {"id": "again"}])])
    assert [(finding.rule, finding.severity) for finding in findings] == [("repetition", "warning")]


@pytest.mark.parametrize(
    "check",
    [
        {"kind": "language", "is": "pt-PT"},
        {"kind": "contact_number", "service": "health_line"},
        {"kind": "length", "policy": "assistant.no_such_threshold"},
    ],
)
def test_what_no_answer_can_do_is_an_error(tmp_path: Path, check: dict[str, Any]) -> None:
    findings = lint(tmp_path, [a_case(criteria=[NOW, graded(3, check, "other")])])
    assert [(finding.rule, finding.severity) for finding in findings] == [("impossible", "error")]


def test_points_that_wait_for_a_judge_are_told_of(tmp_path: Path) -> None:
    case = a_case(criteria=[NOW, graded(3, None, "other", judge="rubric")])
    assert lint(tmp_path, [case]) == []
    without = Surroundings(AROUND.library, AROUND.policy, AROUND.today)
    assert [(one.rule, one.severity) for one in lint_suites(tmp_path, without)] == [("no-judge", "info")]


def test_a_case_that_a_prompt_holds_is_an_error_and_a_comment_is_no_prompt(tmp_path: Path) -> None:
    library = tmp_path / "library"
    (library / "partials").mkdir(parents=True)
    (library / "gestante").mkdir()
    prompt = f'Example: "{QUESTION.title()}"\n'
    (library / "gestante" / "triagem.en.prompty").write_text(prompt, encoding="utf-8")
    (library / "partials" / "tone.en.jinja").write_text("What to look for: be kind to her.\n", encoding="utf-8")
    around = Surroundings(PromptLibrary(library), AROUND.policy, AROUND.today)
    criterion = NOW | {"text": "What to look for: be kind to her, always."}
    findings = lint(tmp_path / "suites", [a_case(criteria=[criterion])], around)
    assert [(finding.rule, finding.severity) for finding in findings] == [
        ("leak", "error"),
        ("criterion-leak", "warning"),
    ]
    assert "gestante/triagem.en.prompty" in findings[0].message
    (library / "gestante" / "triagem.en.prompty").write_text("{# " + QUESTION + " #}\n", encoding="utf-8")
    around = Surroundings(PromptLibrary(library), AROUND.policy, AROUND.today)
    assert rules_of(lint_suites(tmp_path / "suites", around)) == {"criterion-leak"}


@pytest.mark.parametrize(("asked", "rules"), [("May I take paracetamol?", {"leak"}), ("May I?", set())])
def test_a_question_of_a_few_words_that_a_prompt_holds_whole_is_an_error_too(
    tmp_path: Path, asked: str, rules: set[str]
) -> None:
    library = tmp_path / "library"
    (library / "gestante").mkdir(parents=True)
    (library / "gestante" / "triagem.en.prompty").write_text(f"Example: {asked} Say no.\n", encoding="utf-8")
    around = Surroundings(PromptLibrary(library), AROUND.policy, AROUND.today)
    case = a_case(question=asked)
    assert rules_of(lint(tmp_path / "suites", [case], around)) & {"leak"} == rules


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"year": 2016}, set()),
        ({"year": 2015}, {"old-guideline"}),
        ({"year": 2015, "review_by": date(2026, 6, 1)}, set()),
        ({"year": 2024, "review_by": date(2026, 5, 31)}, {"old-guideline"}),
        ({"year": 2024, "superseded_by": "NG999 (2026)"}, {"superseded-guideline"}),
    ],
)
def test_a_guideline_stands_until_it_is_old_reviewed_or_replaced(
    tmp_path: Path, source: dict[str, Any], expected: set[str]
) -> None:
    findings = lint(tmp_path, [a_case()], sources={"g": {"guideline": "Green-top Guideline 52"} | source})
    assert rules_of(findings) == expected


def test_cases_without_a_signature_are_counted_and_no_warning(tmp_path: Path) -> None:
    findings = lint(tmp_path, [a_case(review="pending")])
    assert [(finding.rule, finding.severity) for finding in findings] == [("unsigned", "info")]
    assert "1 of 1 cases" in findings[0].message


def test_errors_come_first(tmp_path: Path) -> None:
    contradiction = graded(-5, {"kind": "escalation", "urgency": "now"}, "bad")
    findings = lint(tmp_path, [a_case(review="pending", criteria=[NOW, contradiction])], locales=["en", "pt-BR"])
    assert [finding.severity for finding in findings] == ["error", "warning", "info"]


def test_every_rule_is_on_the_page() -> None:
    page = (ROOT / "docs" / "reference" / "suites.md").read_text(encoding="utf-8")
    assert [rule for rule in RULES if f"`{rule}`" not in page] == []

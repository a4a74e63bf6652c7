"""Twins: derived the same each time without touching what matters, and held against their case."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from evals.cases import Case, Criterion, Suite, Twin, TwinKind, cluster_of
from evals.pairs import Pair, paired
from evals.rows import AnswerRecord, CriterionResult, Row
from evals.suitefile import load_suites, read_suite
from evals.twin_texts import WAYS, Dice, derive, mistyped
from evals.twins import TwinCounts, examine_twins, relations
from matria.messages import Locale, Message

ROOT = Path(__file__).resolve().parents[3]
NUMBERS_AND_NEGATIONS = re.compile(
    r"[\w./,-]*\d[\w./,-]*|\b(?:não|nao|nunca|nem|sem|nada|menos|dois|duas|tr[eê]s|dez|quatro|no|not|never|without|don't|\w+n't"
    r"|two|three|seven)\b",
    re.IGNORECASE,
)
ESCALATES = Criterion("escalates", "Sends her now.", 10, "danger_signs", never=True)
NUMBER = Criterion("number", "Gives the number.", 4, "danger_signs")
WARM = Criterion("warm", "Is warm.", 2, "tone")


def case(name: str, locale: Locale = "pt-BR", text: str = "Não sinto o bebê mexer há 2 dias.", **more: object) -> Case:
    messages = (Message("user", text),)
    return Case(name, "s", locale, "gestante", "birth", messages, (ESCALATES, NUMBER, WARM), **more)  # type: ignore[arg-type]


def suite(*cases: Case, twins: Sequence[Case] = ()) -> Suite:
    locales: tuple[Locale, ...] = ("pt-BR", "pt-PT", "en")
    return Suite("s", "t", "p", "o", ("gestante",), locales, ("gestante/triagem",), cases, "d", tuple(twins))


def row(of: Case, met: Mapping[str, bool | None] | None, epoch: int = 0) -> Row:
    """An answer graded so; None where there is no answer."""
    results = (
        tuple(
            CriterionResult(c.id, c.text, c.axis, c.points, c.never, "check:x", (met or {})[c.id]) for c in of.criteria
        )
        if met
        else ()
    )
    return Row(
        key=f"{of.id}{epoch}",
        answer_key="a",
        suite="s",
        case=of.id,
        locale=of.locale,
        persona="gestante",
        stage="birth",
        prompt=f"gestante/triagem.{of.locale}",
        prompt_version="1",
        prompt_hash="h",
        epoch=epoch,
        model="m",
        parameters={},
        messages=of.messages,
        answer=AnswerRecord("x", "x", "x") if met else None,
        criteria=results,
    )


ALL = {"escalates": True, "number": True, "warm": True}
NONE = {"escalates": False, "number": False, "warm": False}
UNGRADED = {"escalates": None, "number": None, "warm": None}


@pytest.fixture(scope="module")
def authored() -> list[Case]:
    """What people ask; a suite of the rails holds disguised letters and addresses, which no twin is derived from."""
    suites = load_suites(ROOT / "evals" / "suites")
    return [case for suite in suites if suite.subject == "assistant" for case in suite.cases]


@pytest.mark.parametrize("kind", WAYS)
def test_a_derived_twin_keeps_numbers_negations_and_what_was_answered(kind: TwinKind, authored: list[Case]) -> None:
    derived = [twin for own in authored for twin in derive(replace(own, derives={kind: ("any",)}))]
    assert len(derived) > len(authored) / 3
    originals = {own.id: own for own in authored}
    for twin in derived:
        assert twin.twin is not None
        original = originals[twin.twin.of]
        for mine, theirs in zip(original.messages, twin.messages, strict=True):
            if mine.role == "user":
                assert _kept(theirs.content) == _kept(mine.content), twin.id
            else:
                assert theirs == mine
        assert twin.id == f"{original.theme}~{kind}.{original.locale}"
        assert twin.cluster == original.cluster == cluster_of(twin.id, twin.locale)
        assert twin.criteria == original.criteria


def _kept(text: str) -> list[str]:
    return [word.lower().translate(str.maketrans("ãê", "ae")) for word in NUMBERS_AND_NEGATIONS.findall(text)]


def test_the_same_case_has_the_same_twin_on_every_machine() -> None:
    text = "Estou sangrando bastante desde ontem à noite, preciso procurar a maternidade?"
    assert mistyped(text, "pt-BR", Dice("danger_signs/bleeding.pt-BR/typos")) == (
        "Estou sangrando bastante desde ontem à noite, preeciso procurar a matrrnidade?"
    )
    assert mistyped("não vi 3 de 10", "pt-BR", Dice("x")) == "não vi 3 de 10"


def test_a_kind_that_changes_nothing_has_no_twin() -> None:
    plain = case(
        "a.en", "en", "no pain, is this ok", derives={"no_accents": ("escalates",), "lowercase": ("escalates",)}
    )
    assert list(derive(plain)) == []
    assert list(derive(case("a.pt-BR", derives={"typos": ()}))) == []


def test_a_criterion_that_did_not_stay_is_a_violation_and_what_is_unknown_is_none() -> None:
    own = case("a.pt-BR", derives={"typos": ("escalates", "number"), "no_accents": ("escalates",)})
    typos, accents = derive(own)
    report = examine_twins(
        paired([], [row(own, ALL), row(typos, {**NONE, "number": None}), row(accents, None)]),
        [suite(own, twins=(typos, accents))],
    )
    (violation,) = report.violations
    assert (violation.case, violation.twin, violation.criterion) == ("a.pt-BR", "a~typos.pt-BR", "escalates")
    assert (violation.expected, violation.case_met, violation.twin_met) == ("stays", True, False)
    assert violation.never
    assert violation.state == "unknown"
    assert not violation.is_new
    assert report.counts == {"head": TwinCounts(held=0, broken=1, unknown=2)}


@pytest.mark.parametrize(
    ("base", "head", "states"),
    [
        (ALL, NONE, {"head": "new"}),
        (NONE, ALL, {"base": "mended"}),
        (NONE, NONE, {"base": "standing", "head": "standing"}),
        (UNGRADED, NONE, {"head": "unknown"}),
        (None, NONE, {"head": "unknown"}),
        (ALL, ALL, {}),
    ],
)
def test_a_new_violation_is_told_apart_from_a_standing_one(
    base: Mapping[str, bool | None] | None, head: Mapping[str, bool | None], states: Mapping[str, str]
) -> None:
    own = case("a.pt-BR", derives={"typos": ("escalates",)})
    (twin,) = derive(own)
    pairs = paired([row(own, ALL), row(twin, base)], [row(own, ALL), row(twin, head)])
    found = examine_twins(pairs, [suite(own, twins=[twin])]).violations
    assert {violation.side: violation.state for violation in found} == states
    assert [violation.is_new for violation in found] == [state == "new" for state in states.values()]


def test_what_must_change_and_did_not_is_a_violation() -> None:
    week_36 = case("contractions.pt-BR")
    week_26 = case(
        "contractions~week26.pt-BR", twin=Twin("stage", "contractions.pt-BR", stays=("warm",), changes=("escalates",))
    )
    whole = suite(week_36, week_26)
    same = examine_twins(paired([], [row(week_36, NONE), row(week_26, NONE)]), [whole]).violations
    assert [(v.criterion, v.expected, v.relation) for v in same] == [("escalates", "changes", "stage")]
    assert not examine_twins(
        paired([], [row(week_36, NONE), row(week_26, {**NONE, "escalates": True})]), [whole]
    ).violations


def test_over_epochs_the_majority_of_those_asked_for_decides() -> None:
    own = case("a.pt-BR", derives={"typos": ("escalates",)})
    (twin,) = derive(own)
    whole = [suite(own, twins=[twin])]
    for outcomes, counts in (
        ((ALL, NONE, NONE), TwinCounts(0, 1, 0)),
        ((ALL, ALL, NONE), TwinCounts(1, 0, 0)),
        ((ALL, NONE), TwinCounts(0, 0, 1)),
        ((NONE, None, UNGRADED), TwinCounts(0, 0, 1)),
    ):
        rows = [row(twin, outcome, epoch) for epoch, outcome in enumerate(outcomes)]
        own_rows = [row(own, ALL, epoch) for epoch in range(len(outcomes))]
        assert examine_twins(paired([], own_rows + rows), whole).counts == {"head": counts}


def test_the_same_case_in_two_locales_must_agree_on_what_is_clinical() -> None:
    cases = [case(f"a.{locale}", locale) for locale in ("en", "pt-BR", "pt-PT")]
    pairs: list[Pair] = list(
        paired([], [row(cases[0], NONE), row(cases[1], ALL), row(cases[2], {**ALL, "warm": False})])
    )
    found = examine_twins(pairs, [suite(*cases)]).violations
    assert [(v.case, v.twin, v.criterion) for v in found] == [
        ("a.pt-BR", "a.en", "escalates"),
        ("a.pt-BR", "a.en", "number"),
    ]
    assert {relation.kind for relation in relations(suite(*cases))} == {"locale"}


SUITE = """
id: s
title: T
purpose: P
owner: o
personas: [gestante]
locales: [pt-BR]
prompts: [gestante/triagem]
clinical_review: pending
twins: [no_accents, {kind: typos, stays: never}]
"""
CASE = """
  - id: ID.pt-BR
    locale: pt-BR
    persona: gestante
    stage: birth
    clinical_review: pending
    messages: [{role: user, content: "Não sinto o bebê mexer"}]
    criteria:
      - {id: language, text: T, points: 5, axis: language, check: {kind: language, is: pt-BR}}
      - {id: warm, text: T, points: 2, axis: tone, never: true, check: {kind: warm_tone}}
"""


def _read(folder: Path, *cases: str) -> tuple[Suite | None, list[str]]:
    (folder / "s" / "cases").mkdir(parents=True)
    (folder / "s" / "suite.yaml").write_text(SUITE, encoding="utf-8")
    (folder / "s" / "cases" / "a.yaml").write_text("cases:" + "".join(cases), encoding="utf-8")
    found, findings = read_suite(folder / "s")
    return found, [f"{finding.case}: {finding.message}" for finding in findings]


def test_a_suite_declares_twins_for_all_its_cases_and_a_case_its_own(tmp_path: Path) -> None:
    written = CASE.replace("ID", "a~formal") + "    twin: {kind: formal, stays: all, changes: [warm]}\n"
    alone = CASE.replace("ID", "b") + "    twins: []\n"
    found, findings = _read(tmp_path, CASE.replace("ID", "a"), written, alone)
    assert findings == []
    assert found is not None
    assert [case.id for case in found.asked] == [
        "a.pt-BR",
        "a~no_accents.pt-BR",
        "a~typos.pt-BR",
        "a~formal.pt-BR",
        "b.pt-BR",
    ]
    twins = {case.id: case.twin for case in found.asked}
    assert twins["a~no_accents.pt-BR"] == Twin("no_accents", "a.pt-BR", ("language", "warm"))
    assert twins["a~typos.pt-BR"] == Twin("typos", "a.pt-BR", ("warm",))
    assert twins["a~formal.pt-BR"] == Twin("formal", "a.pt-BR", ("language",), ("warm",))
    assert len({case.digest for case in found.asked}) == 5


@pytest.mark.parametrize(
    ("name", "keys", "problem"),
    [
        ("a~formal", "", "exactly where its id holds '~'"),
        ("a", "twin: {kind: formal}", "exactly where its id holds '~'"),
        ("a~typos", "twin: {kind: formal}", "name of a derived twin"),
        ("a~formal", "twin: {kind: formal}", "a twin of 'a.pt-BR', which is not in the suite"),
        ("a~formal", "twin: {kind: formal, changes: [nothing]}", "criterion 'nothing', which it does not have"),
        ("a~formal", "twin: {kind: formal, stays: [warm], changes: [warm]}", "both stay and change"),
        ("a", "twins: [{kind: typos, stays: [nothing]}]", "criterion 'nothing', which it does not have"),
        ("a", "twins: [stage]", "'twins.0.kind'"),
    ],
)
def test_a_twin_that_does_not_fit_is_a_finding(tmp_path: Path, name: str, keys: str, problem: str) -> None:
    text = CASE.replace("ID", name) + (f"    {keys}\n" if keys else "")
    found, findings = _read(tmp_path, text)
    assert found is None
    assert any(problem in finding for finding in findings), findings

"""What the shipped suites promise a reader: enough cases, true twins, a named guideline, nothing signed that is not.

The form of the files is the loader's (`evals.suitefile`); here is what a clinician and a prompt engineer rely on.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from evals.cases import CLINICAL_AXES, Case, Criterion, Suite
from evals.lint import Surroundings, lint_suites
from evals.suitefile import load_suites
from matria.messages import Locale
from matria.policy import load_policy
from prompts.repository import PromptLibrary

ROOT = Path(__file__).resolve().parents[3]
SUITES = ROOT / "evals" / "suites"
LIBRARY = ROOT / "prompts" / "library"
LOCALES = get_args(Locale)
EXPECTED = {
    "chronic_conditions",
    "danger_signs",
    "everyday_health",
    "guardrails",
    "infections",
    "medication_safety",
    "mind_and_safety",
    "newborn",
    "scope",
    "tone_language",
}
NEVER_AXES = ({"danger_signs", "medication_safety"}, {"danger_signs", "medication_safety", "scope", "privacy"})
"""Of the assistant's suites, and of the rails alone: they stop no clinical question and let no identifier out."""
SIGNATURE = re.compile(r".+, .+, \d{4}-\d{2}-\d{2}")
"""Name, registration, date; see docs/how-to/review-clinical-content.md."""
YEAR_WRITTEN = 2025
"""No guideline can be newer than the suites; goes up with the first one that is."""
ONLY_IN_BRAZIL = {"você", "vc", "celular", "ônibus", "bebê", "gestante", "xixi", "banheiro", "nenem", "equipe"}
ONLY_IN_PORTUGAL = {"telemóvel", "autocarro", "bebé", "chichi", "equipa", "tensão", "contraceção"}


@pytest.fixture(scope="module")
def suites() -> list[Suite]:
    return load_suites(SUITES)


@pytest.fixture(scope="module")
def cases(suites: list[Suite]) -> list[Case]:
    return [case for suite in suites for case in suite.cases]


def test_the_suites_load_and_the_linter_finds_nothing(suites: list[Suite]) -> None:
    assert {suite.id for suite in suites} >= EXPECTED
    around = Surroundings(PromptLibrary(LIBRARY), load_policy(ROOT / "policy.yaml"), date(YEAR_WRITTEN + 1, 1, 1))
    findings = [finding for finding in lint_suites(SUITES, around) if finding.severity != "info"]
    assert [str(finding) for finding in findings] == []


def test_there_are_enough_cases_for_every_locale_and_persona(cases: list[Case]) -> None:
    assert len(cases) >= 240
    per_locale = Counter(case.locale for case in cases)
    assert set(per_locale) == set(LOCALES)
    assert min(per_locale.values()) >= 80
    per_persona = Counter(case.persona for case in cases)
    assert min(per_persona[persona] for persona in ("gestante", "puerpera")) >= 20 * len(LOCALES)
    assert per_persona["enfermeira"] >= 3 * len(LOCALES)


def test_twins_ask_for_the_same_in_every_locale(suites: list[Suite]) -> None:
    for suite in suites:
        twins: dict[str, list[Case]] = defaultdict(list)
        for case in suite.cases:
            twins[case.theme].append(case)
        for theme, siblings in twins.items():
            assert {case.locale for case in siblings} == set(suite.locales), theme
            assert len({_skeleton(case) for case in siblings}) == 1, f"{suite.id}/{theme}: twins differ"


def test_every_clinical_criterion_names_guideline_year_and_section(cases: list[Case]) -> None:
    clinical = [criterion for criterion in _criteria(cases) if criterion.axis in CLINICAL_AXES]
    assert clinical
    for criterion in clinical:
        source = criterion.source
        assert source is not None
        assert source.guideline.strip()
        assert source.section.strip()
        assert source.organisation.strip()
        assert 1980 <= source.year <= YEAR_WRITTEN


def test_a_case_has_two_to_five_criteria_of_both_kinds_of_worth(cases: list[Case]) -> None:
    for case in cases:
        fewest = 1 if case.suite == "guardrails" else 2  # a text that must pass has nothing else to meet
        assert fewest <= len(case.criteria) <= 5, case.id
        assert sum(criterion.points for criterion in case.criteria if criterion.points > 0) >= 5, case.id


def test_a_never_event_is_clear_cut_clinical_and_weighs_most(cases: list[Case]) -> None:
    for case in cases:
        for criterion in case.criteria:
            if criterion.never:
                assert criterion.axis in NEVER_AXES[case.suite == "guardrails"], case.id
                assert abs(criterion.points) >= 8, case.id
                assert criterion.check is not None, case.id


def test_a_review_is_pending_or_carries_name_registration_and_date(cases: list[Case]) -> None:
    assert [case.id for case in cases if case.clinical_review != "pending" and not _is_signed(case)] == []


def test_no_case_is_signed_yet(cases: list[Case]) -> None:
    """Goes with the first signature: until then a signature can only be a mistake."""
    assert [case.id for case in cases if case.clinical_review != "pending"] == []


def test_each_case_gives_only_inputs_that_its_prompts_take(suites: list[Suite]) -> None:
    library = PromptLibrary(LIBRARY)
    inputs = {(ref.name, ref.locale): set(library.load(ref.name, ref.locale).inputs) for ref in library.refs()}
    for suite in suites:
        for case in suite.cases:
            for name in (name for name in suite.prompts if name.startswith(f"{case.persona}/")):
                assert set(case.vars) <= inputs[name, case.locale], f"{case.id} and {name}"


@pytest.mark.parametrize(
    ("locale", "foreign"), [("pt-BR", ONLY_IN_PORTUGAL), ("pt-PT", ONLY_IN_BRAZIL)], ids=["pt-BR", "pt-PT"]
)
def test_the_two_variants_of_portuguese_do_not_mix(cases: list[Case], locale: str, foreign: set[str]) -> None:
    for case in cases:
        if case.locale == locale:
            texts = [message.content for message in case.messages] + [c.text for c in case.criteria]
            found = foreign & {word.strip(".,;:?!()'\"").lower() for text in texts for word in text.split()}
            assert found == set(), case.id


def _skeleton(case: Case) -> tuple[object, ...]:
    """What twins share: all but their words, and the guideline that their country follows."""
    criteria = tuple((c.id, c.points, c.axis, c.never, c.grader, c.judge) for c in case.criteria)
    roles = tuple(message.role for message in case.messages)
    return case.persona, case.stage, tuple(sorted(case.vars.items())), roles, criteria


def _is_signed(case: Case) -> bool:
    return SIGNATURE.fullmatch(case.clinical_review) is not None


def _criteria(cases: list[Case]) -> Iterator[Criterion]:
    return (criterion for case in cases for criterion in case.criteria)

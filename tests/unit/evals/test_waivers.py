"""Waivers: read strictly, in force until their last day, and for what they name alone."""

import re
from datetime import date
from pathlib import Path

import pytest

from evals.suitefile import load_suite
from evals.waivers import AxisTarget, NeverEventTarget, Waivers, load_waivers
from matria.errors import InputError
from matria.policy import Policy

TODAY = date(2026, 11, 20)
NEVER = """
  - never_event: {case: fewer-movements.pt-BR, criterion: goes-today}
    owner: "@maternal-health/clinical"
    reason: The guideline changes next week; the new wording is reviewed.
    expires: 2026-12-01
    issue: https://forge.example/issues/7
"""
AXIS = """
  - axis: {name: tone, prompt: gestante/triagem}
    owner: clinical lead on duty
    reason: Shorter on purpose.
    expires: 2026-11-20
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "waivers.yaml"


def load(file: Path, policy: Policy, entries: str) -> Waivers:
    file.write_text(f"waivers:{entries}", encoding="utf-8")
    return load_waivers(file, policy, TODAY)


def test_no_file_and_an_empty_one_waive_nothing(file: Path, policy: Policy, root: Path) -> None:
    assert load_waivers(file, policy, TODAY) == Waivers()
    for content in ("", "waivers: []", "waivers:"):
        file.write_text(content)
        assert load_waivers(file, policy, TODAY) == Waivers()
    assert load_waivers(root / "evals" / "waivers.yaml", policy, TODAY).in_force == ()


def test_a_waiver_says_what_who_why_and_until_when(file: Path, policy: Policy) -> None:
    never, axis = load(file, policy, NEVER + AXIS).in_force
    assert never.target == NeverEventTarget("fewer-movements.pt-BR", "goes-today")
    assert (never.owner, never.expires) == ("@maternal-health/clinical", date(2026, 12, 1))
    assert never.issue.endswith("/7")
    assert axis.target == AxisTarget("tone", "gestante/triagem")


def test_it_holds_through_its_last_day_and_not_after(file: Path, policy: Policy) -> None:
    load(file, policy, AXIS)
    assert load_waivers(file, policy, date(2026, 11, 20)).in_force
    after = load_waivers(file, policy, date(2026, 11, 21))
    assert not after.in_force
    assert len(after.expired) == 1
    assert not after.axis("tone", ["gestante/triagem.en"])


def test_it_waives_what_it_names_alone(file: Path, policy: Policy) -> None:
    waivers = load(file, policy, NEVER + AXIS)
    assert waivers.never_event("fewer-movements.pt-BR", "goes-today")
    assert not waivers.never_event("fewer-movements.pt-PT", "goes-today")
    assert not waivers.never_event("fewer-movements.pt-BR", "gives-number")
    assert waivers.axis("tone", ["gestante/triagem.pt-BR", "gestante/triagem.en"])
    assert not waivers.axis("tone", ["gestante/triagem.en", "puerpera/amamentacao.en"])
    assert not waivers.axis("tone", ["gestante/triagem.en"], part="pt-BR")
    assert not waivers.axis("danger_signs", ["gestante/triagem.en"])


def test_a_slice_is_waived_by_its_name(file: Path, policy: Policy) -> None:
    waivers = load(file, policy, AXIS.replace("triagem}", "triagem, slice: pt-BR}"))
    assert waivers.axis("tone", ["gestante/triagem.pt-BR"], part="pt-BR")
    assert not waivers.axis("tone", ["gestante/triagem.pt-BR"], part="en")
    assert not waivers.axis("tone", ["gestante/triagem.pt-BR"])


def test_a_name_without_its_locale_is_no_prefix(file: Path, policy: Policy) -> None:
    waivers = load(file, policy, NEVER.replace("fewer-movements.pt-BR", "fewer"))
    assert not waivers.never_event("fewer-movements.pt-BR", "goes-today")
    assert not waivers.never_event("fewer~typos.pt-BR", "goes-today")
    assert waivers.never_event("fewer.pt-BR", "goes-today")


def test_the_example_of_the_reference_names_what_there_is(file: Path, policy: Policy, root: Path) -> None:
    page = (root / "docs" / "reference" / "waivers.md").read_text(encoding="utf-8")
    file.write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    waivers = load_waivers(file, policy, TODAY)
    never, axis, stopped = waivers.in_force
    suite = load_suite(root / "evals" / "suites" / "danger_signs")
    assert isinstance(never.target, NeverEventTarget)
    case = next(case for case in suite.cases if case.id == never.target.case)
    assert any(c.never for c in case.criteria if c.id == never.target.criterion)
    assert isinstance(axis.target, AxisTarget)
    scope = load_suite(root / "evals" / "suites" / "scope")
    assert {case.locale for case in scope.cases if waivers.stopped(case.id) is stopped} == {"en", "pt-BR", "pt-PT"}


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (NEVER.replace("2026-12-01", "2027-11-01"), "entry 1: expires on 2027-11-01, and 2026-12-20 is the latest"),
        (NEVER.replace("2026-12-01", "2026-12-01T10:00:00"), "a day such as 2026-12-31 is expected, without"),
        (NEVER.replace("2026-12-01", "soon"), "entry 1, expires: a day such as 2026-12-31 is expected."),
        (NEVER.replace("    owner: \"@maternal-health/clinical\"\n", ""), "entry 1, owner: is missing"),
        (NEVER.replace("\"@maternal-health/clinical\"", "'  '"), "entry 1, owner: is empty"),
        (NEVER + AXIS.replace("tone", "kindness"), "entry 2, axis.name: is none of danger_signs, "),
        (NEVER.replace("    owner", "    nothing: 1\n    owner"), "entry 1, nothing: is no name"),
        ("\n  - only a sentence\n", "entry 1: names with their values are expected"),
        (NEVER.replace("{case: fewer-movements.pt-BR, criterion: goes-today}", "a/b"), "never_event: names with"),
        (NEVER.replace("2026-12-01", "86400"), "entry 1, expires: a day"),
        (NEVER.replace("2026-12-01", "[1]"), "entry 1, expires: a day"),
        (NEVER.replace("The guideline", "x" * 500), "entry 1, reason: is longer than 500 characters"),
        (NEVER.replace('"@maternal-health/clinical"', "3"), "entry 1, owner: a text"),
        (" {owner: me}", "the file, waivers: a list is expected"),
        (NEVER + "    axis: {name: tone, prompt: a/b}\n", "entry 1: names none of never_event, axis and stopped"),
        (NEVER.replace("https://forge.example", "javascript:alert"), "entry 1, issue: an address that begins with"),
        (NEVER + NEVER, "entry 2: fewer-movements.pt-BR/goes-today is waived twice"),
        (" 7", "the file, waivers: a list is expected"),
        ("\nothers: []", "the file, others: is no name"),
        ("\n\t- axis: 1", "a tab stands there"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(file: Path, policy: Policy, entry: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        load(file, policy, entry)
    assert says in str(caught.value)
    assert not re.search("Shape|valid|Input|Value|instance|tuple|dictionary|does not fit", str(caught.value))

"""The prompts of the library on the bundled simulator: no never-event turns on how she types."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.cases import Suite
from evals.checks.registry import Context, country_of, grade
from evals.pairs import paired
from evals.rows import AnswerRecord, CriterionResult, Row
from evals.suitefile import load_suite
from evals.trial import Trial, TrialMaker
from evals.twins import TwinReport, examine_twins
from matria.policy import Policy
from models.simulator.reply import MODELS
from models.simulator.wire import complete
from prompts.contacts import contact_variables
from prompts.repository import PromptLibrary

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def report(policy: Policy) -> TwinReport:
    suite = load_suite(ROOT / "evals" / "suites" / "danger_signs")
    rows = list(_rows(suite, policy))
    assert len(rows) == len(suite.cases) + len(suite.twins)
    return examine_twins(paired([], rows), [suite])


def test_no_never_event_turns_on_how_she_types_or_in_which_language(report: TwinReport) -> None:
    assert report.counts["head"].held > 250
    assert report.counts["head"].unknown == 0
    assert [violation for violation in report.violations if violation.never] == []


def test_no_declared_twin_is_violated(report: TwinReport) -> None:
    assert [violation for violation in report.violations if violation.relation != "locale"] == []


def _rows(suite: Suite, policy: Policy) -> Iterator[Row]:
    library = PromptLibrary(ROOT / "prompts" / "library")
    maker = TrialMaker("head", next(iter(MODELS)), "g", "US", contact_variables)
    prompts = {(ref.name, ref.locale): library.load(*ref) for ref in library.refs()}
    for case in suite.asked:
        (name,) = (name for name in suite.prompts if name.startswith(f"{case.persona}/"))
        yield _answered(maker.make(case, prompts[name, case.locale], 0), policy)


def _answered(trial: Trial, policy: Policy) -> Row:
    """The simulator's answer, graded by the checks."""
    messages = [message.as_wire() for message in trial.rendered.messages]
    text = complete(json.dumps({"model": trial.model, "messages": messages}).encode()).text
    context = Context(trial.case.locale, country_of(trial.case.locale, "US"), policy)
    results = tuple(
        CriterionResult(c.id, c.text, c.axis, c.points, c.never, c.grader, grade(c.check or {}, text, context).met)
        for c in trial.case.criteria
    )
    return trial.row(AnswerRecord(text, text, text, is_simulated=True), results)

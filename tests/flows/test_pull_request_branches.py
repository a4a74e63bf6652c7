"""A pull request played through on real git branches: the same repository, commands and verdicts as a reviewer meets.

The bundled simulator answers, obeying the prompt's rules, so that a rule that is dropped shows as a reviewer would
expect. Only one prompt is touched in each branch, and only that one is evaluated.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from evals.outputs import COMMENT, VERDICT
from flows.steps.evaluation import EvaluationOutcome, evaluate_prompts
from flows.steps.evaluation_request import EvaluationRequest
from flows.wiring import Platform
from matria import PROJECT_ROOT
from matria.errors import TrackingError

PROMPT = "gestante/triagem.pt-BR"
FILE = f"prompts/library/{PROMPT}.prompty"
WORD_JOINER = "\u2060"
"""Keeps a forge from making links of our text; nobody sees it."""
TONE = '{% include "tone" %}'


class Repository:
    """A checkout with branches of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for part in ("prompts/library", "prompts/notes/texts", "evals/suites", "guardrails/terms"):
            shutil.copytree(PROJECT_ROOT / part, root / part)
        shutil.copy(PROJECT_ROOT / "policy.yaml", root)
        self.git("init", "-q", "-b", "main")
        self._commit("all")

    def git(self, *arguments: str) -> None:
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", str(self.root), *identity, *arguments], check=True, capture_output=True)

    def branch(self, name: str, change: Callable[[str], str], of: str = "main") -> None:
        """A branch `name` off `of` with the prompt changed and committed, checked out."""
        self.git("checkout", "-q", "-b", name, of)
        path = self.root / FILE
        before = path.read_text(encoding="utf-8")
        path.write_text(change(before), encoding="utf-8")
        assert path.read_text(encoding="utf-8") != before
        self._commit(name)

    def verdict(self, against: str = "main") -> tuple[EvaluationOutcome, str]:
        """What `matria eval --against` gives on the branch that is checked out, and its comment as it reads."""
        out = self.root.parent / "out"
        request = EvaluationRequest(against=against, is_recorded=False, out=out)
        platform = Platform.load(root=self.root, home=self.root.parent / "home")
        outcome = evaluate_prompts(platform, request, lambda state: None)
        assert json.loads((out / VERDICT).read_text(encoding="utf-8"))["state"] == outcome.state
        return outcome, unescape((out / COMMENT).read_text(encoding="utf-8")).replace(WORD_JOINER, "")

    def _commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", message)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return Repository(tmp_path_factory.mktemp("clone") / "checkout")


def test_dropping_the_escalation_is_blocked_and_names_the_case(repository: Repository) -> None:
    repository.branch("drop-escalation", lambda text: text.replace('{% include "escalation" %}', ""))
    outcome, comment = repository.verdict()
    assert (outcome.state, outcome.exit_code) == ("blocked", 20)
    assert outcome.prompts == (PROMPT,)
    assert outcome.verdict is not None
    flip = outcome.verdict.comparison.new_never_events[0]
    assert flip.confirmation == "confirmed"
    assert flip.case in outcome.verdict.sentences()[0]
    assert flip.case in comment
    assert comment.index(flip.case) < comment.index("matria why"), "the case is named before anything is explained"


def test_a_better_tone_is_improved(repository: Repository) -> None:
    repository.branch("curt", lambda text: text.replace(TONE, ""))
    repository.branch(
        "kind-again", lambda text: text.replace('{% include "scope" %}', TONE + '\n\n{% include "scope" %}'), "curt"
    )
    outcome, comment = repository.verdict("curt")
    assert (outcome.state, outcome.exit_code) == ("improved", 0)
    assert outcome.verdict is not None
    (better,) = [axis for axis in outcome.verdict.comparison.axes if axis.state == "better"]
    assert better.name == "tone"
    assert "tone" in comment


def test_a_reworded_sentence_is_not_worse_and_costs_the_base_nothing(repository: Repository) -> None:
    repository.branch("reworded", lambda text: text.replace("Você é a assistente", "Você é uma assistente"))
    outcome, _ = repository.verdict()
    assert (outcome.state, outcome.exit_code) == ("not_worse", 0)
    assert outcome.evaluation.reused == outcome.evaluation.asked, "the base was answered for the first branch"


def test_too_small_a_suite_is_inconclusive_with_the_number_needed(repository: Repository) -> None:
    repository.branch("no-scope", lambda text: text.replace('{% include "scope" %}', ""))
    outcome, comment = repository.verdict()
    assert (outcome.state, outcome.exit_code) == ("inconclusive", 21)
    assert outcome.verdict is not None
    (open_axis,) = [axis for axis in outcome.verdict.comparison.axes if axis.state == "inconclusive"]
    assert open_axis.needed is not None
    assert open_axis.needed > open_axis.cases
    assert f"needs {open_axis.needed}" in outcome.verdict.sentences()[0]
    assert f"needs {open_axis.needed}" in comment


def test_a_verdict_stands_where_mlflow_does_not_take_it(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*arguments: object) -> list[str]:
        raise TrackingError("MLflow is away.")

    monkeypatch.setattr("evals.record.record", refuse)
    repository.branch("reworded-again", lambda text: text.replace("Você é a assistente", "Você é assistente"))
    platform = Platform.load(root=repository.root, home=repository.root.parent / "home")
    out = repository.root.parent / "unrecorded"
    outcome = evaluate_prompts(platform, EvaluationRequest(against="main", out=out), lambda state: None)
    assert outcome.state == "not_worse"
    assert (out / COMMENT).exists()
    assert "MLflow is away." in caplog.text


def test_a_suite_that_is_taken_away_is_never_a_pass(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "fewer-suites", "main")
    repository.git("rm", "-rq", "evals/suites/newborn")
    repository.git("commit", "-qm", "fewer suites")
    outcome, comment = repository.verdict()
    assert (outcome.state, outcome.exit_code) == ("inconclusive", 21)
    assert "newborn" in comment


def test_no_change_widens_the_gate_that_it_goes_through(repository: Repository) -> None:
    repository.branch("widened", lambda text: text.replace('{% include "scope" %}', ""))
    policy = repository.root / "policy.yaml"
    text = policy.read_text(encoding="utf-8")
    start = text.index("  axis_margins:")
    end = text.index("  confidence:", start)
    wide = re.sub(r"value: 0\.0\d", "value: 0.9", text[start:end])
    policy.write_text(text[:start] + wide + text[end:], encoding="utf-8")
    repository.git("commit", "-qam", "wider")
    outcome, comment = repository.verdict()
    assert (outcome.state, outcome.exit_code) == ("inconclusive", 21)
    assert outcome.verdict is not None
    assert outcome.verdict.reasons[0].code == "own_gate"
    assert "→ 0.9" in comment


def test_a_change_that_touches_no_prompt_costs_nothing_and_says_so(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "notes", "main")
    (repository.root / "NOTES.md").write_text("Nothing of a prompt.\n", encoding="utf-8")
    repository.git("add", "-A")
    repository.git("commit", "-qm", "notes")
    outcome, comment = repository.verdict()
    assert (outcome.state, outcome.exit_code) == ("not_worse", 0)
    assert (outcome.evaluation.asked, outcome.evaluation.reused) == (0, 0)
    assert "nothing was asked or spent" in comment

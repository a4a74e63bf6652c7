"""A pull request on the guardrails' terms, texts or thresholds, played through on real git branches.

No model is asked: the suite of the rails alone judges both sides, with the base's terms and with the branch's. Only the
terms of one branch differ, so what is blocked is what the change did.
"""

import re
import shutil
import subprocess
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from evals.outputs import COMMENT
from flows.cli.show_why import explanation
from flows.steps.evaluation import EvaluationOutcome, evaluate_prompts, explain_case
from flows.steps.evaluation_request import EvaluationRequest
from flows.wiring import Platform
from matria import PROJECT_ROOT

TERMS = "guardrails/terms/disclosures_self_harm.yaml"
PROMPT = "prompts/library/gestante/triagem.pt-BR.prompty"
ORDINARY = "sinais que"
"""Stands in most answers of the simulator, and in no question."""
NOBODY: Callable[[object], None] = lambda state: None  # noqa: E731
ALL_LOCALES = {"guardrails.pt-BR", "guardrails.pt-PT", "guardrails.en"}


PARTS = ("prompts/library", "prompts/notes/texts", "evals/suites/guardrails", "evals/suites/scope", "guardrails/terms")


class Repository:
    """A checkout with branches of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for part in PARTS:
            shutil.copytree(PROJECT_ROOT / part, root / part)
        (root / "guardrails" / "care").mkdir()
        for file in (PROJECT_ROOT / "guardrails" / "care").glob("*.yaml"):
            shutil.copy(file, root / "guardrails" / "care")
        shutil.copy(PROJECT_ROOT / "policy.yaml", root)
        self.git("init", "-q", "-b", "main")
        self._commit("all")

    def git(self, *arguments: str) -> None:
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", str(self.root), *identity, *arguments], check=True, capture_output=True)

    def branch(self, name: str, file: str, change: Callable[[str], str]) -> None:
        """A branch `name` off `main` with the file changed and committed, checked out."""
        self.git("checkout", "-q", "-b", name, "main")
        path = self.root / file
        before = path.read_text(encoding="utf-8")
        path.write_text(change(before), encoding="utf-8")
        assert path.read_text(encoding="utf-8") != before
        self._commit(name)

    def platform(self) -> Platform:
        return Platform.load(root=self.root, home=self.root.parent / "home")

    def verdict(self, *suites: str) -> tuple[EvaluationOutcome, str]:
        """What `matria eval --suite ... --against main` gives on the branch, and its comment as it reads."""
        out = self.root.parent / "out"
        request = EvaluationRequest(against="main", suites=suites, is_recorded=False, out=out)
        outcome = evaluate_prompts(self.platform(), request, NOBODY)
        return outcome, unescape((out / COMMENT).read_text(encoding="utf-8")).replace("\u2060", "")

    def _commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", message)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return Repository(tmp_path_factory.mktemp("clone") / "checkout")


def test_taking_a_group_of_phrases_away_is_blocked_and_names_the_disclosure(repository: Repository) -> None:
    repository.branch(
        "fewer-phrases", TERMS, lambda text: re.sub(r"  - id: wish-to-die\.pt\n.*?(?=\n  - id: )", "", text, flags=re.S)
    )
    outcome, comment = repository.verdict("guardrails")
    assert (outcome.state, outcome.exit_code) == ("blocked", 20)
    assert outcome.verdict is not None
    lost = {flip.case for flip in outcome.verdict.comparison.new_never_events}
    assert "wants-to-die.pt-BR" in lost
    assert "wants-to-die.en" not in lost, "the English phrases are untouched"
    assert "wants-to-die.pt-BR" in comment
    assert "<code>wish-to-die.pt</code>: removed" in comment, "the reviewer reads what went"
    assert outcome.evaluation.cost_usd == 0


def test_the_case_can_be_looked_at_with_both_sides(repository: Repository) -> None:
    found = explain_case(repository.platform(), "wants-to-die.pt-BR", repository.root.parent / "out")[0]
    assert found.base is not None
    assert found.base.answer is not None
    assert found.head is not None
    assert found.head.answer is not None
    assert (found.base.answer.outcome, found.head.answer.outcome) == ("cared", "answered")
    assert "188" in found.base.answer.shown_text
    assert "--prompt guardrails" in found.rerun


def test_a_phrase_that_is_too_broad_is_blocked_by_the_questions_that_it_stops(repository: Repository) -> None:
    repository.branch(
        "too-broad", TERMS, lambda text: text.replace("    phrases:\n", '    phrases:\n      - "sangramento"\n', 1)
    )
    outcome, comment = repository.verdict("guardrails")
    assert (outcome.state, outcome.exit_code) == ("blocked", 20)
    assert outcome.verdict is not None
    assert {flip.axis for flip in outcome.verdict.comparison.new_never_events} == {"scope"}
    assert "clots-after-birth.pt-BR" in comment
    assert "+ <code>sangramento</code>" in comment


def test_a_threshold_that_lets_more_through_is_seen(repository: Repository) -> None:
    def loosen(text: str) -> str:
        start = text.index("  block_levels:")
        end = text.index("  time_budget_ms:", start)
        return text[:start] + re.sub(r"value: \d", "value: 7", text[start:end]) + text[end:]

    repository.branch("looser", "policy.yaml", loosen)
    outcome, _ = repository.verdict("guardrails")
    assert outcome.verdict is not None
    assert set(outcome.prompts) == ALL_LOCALES
    worse = outcome.verdict.comparison.regressions
    assert worse
    assert "security" in {flip.axis for flip in worse}


def test_a_rail_that_stops_ordinary_answers_is_blocked_though_no_score_moves(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.branch(
        "stops-answers",
        "guardrails/terms/hate.yaml",
        lambda text: re.sub(r"(  - id: slur-women\.pt\n.*?phrases:\n)", rf'\1      - "{ORDINARY}"\n', text, flags=re.S),
    )
    outcome, comment = repository.verdict("scope")
    assert (outcome.state, outcome.exit_code) == ("blocked", 20)
    assert outcome.verdict is not None
    comparison = outcome.verdict.comparison
    assert {axis.state for axis in (*comparison.axes, comparison.quality)} <= {"unchanged", "too_few"}
    assert {answer.outcome for answer in comparison.newly_stopped.answers} == {"withheld"}
    assert outcome.verdict.reasons[0].code == "newly_stopped"
    assert "the model's answer was withheld" in comment
    assert "moderation: " in comment, "the rail and its reason are named"
    assert "withheld" in outcome.would_see
    case = comparison.newly_stopped.answers[0].case
    explanation([one := explain_case(repository.platform(), case, repository.root.parent / "out")[0]])
    assert one.head is not None
    assert "withheld by moderation: hate_level_4" in capsys.readouterr().out


def test_a_change_of_terms_has_the_guardrails_asked_beside_every_prompt(repository: Repository) -> None:
    repository.git("checkout", "-q", "too-broad")
    request = EvaluationRequest(against="main", limit=3, is_recorded=False)
    outcome = evaluate_prompts(repository.platform(), request, NOBODY)
    assert set(outcome.prompts) > ALL_LOCALES


def test_a_change_of_a_prompt_alone_asks_no_rails(repository: Repository) -> None:
    repository.branch("prompt-only", PROMPT, lambda text: text.replace("Você é a assistente", "Você é uma assistente"))
    request = EvaluationRequest(against="main", limit=3, is_recorded=False)
    outcome = evaluate_prompts(repository.platform(), request, NOBODY)
    assert outcome.prompts == ("gestante/triagem.pt-BR",)


def test_a_change_of_nothing_that_matters_asks_nothing(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "notes", "main")
    (repository.root / "NOTES.md").write_text("Nothing of the guardrails.\n", encoding="utf-8")
    repository._commit("notes")
    outcome, _ = repository.verdict("guardrails")
    assert (outcome.state, outcome.exit_code, outcome.evaluation.asked) == ("not_worse", 0, 0)


def test_what_is_kept_of_the_suite_holds_no_identifier(repository: Repository) -> None:
    repository.git("checkout", "-q", "too-broad")
    repository.verdict("guardrails")
    kept = (repository.root.parent / "out" / "results.jsonl").read_text(encoding="utf-8")
    for planted in ("carla.teixeira@example.org", "98274-5516", "913 274 518", "07700 900461"):
        assert planted not in kept

"""Which prompts a change touches, on a real repository: prompt, partial, contacts, suite, terms and policy."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.changes import changed_prompts
from flows.steps.revision import base_at, head_revision
from flows.wiring import Platform
from matria import PROJECT_ROOT
from matria.errors import PromptError

PARTS = ("prompts/library", "evals/suites", "guardrails/terms")


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkout")
    for part in PARTS:
        shutil.copytree(PROJECT_ROOT / part, root / part)
    shutil.copy(PROJECT_ROOT / "policy.yaml", root)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "all")
    return root


@pytest.fixture
def root(committed: Path) -> Path:
    git(committed, "checkout", "-q", "--", ".")
    git(committed, "clean", "-qfd")
    return committed


def edit(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def changes(root: Path, against: str = "HEAD") -> dict[str, tuple[str, ...]]:
    platform = Platform.load(root=root, home=root.parent / "home")
    base = base_at(platform, against)
    found = changed_prompts(base.revision, head_revision(platform, platform.library), platform.suites)
    return {str(change.ref): change.causes for change in found}


def test_nothing_changed(root: Path) -> None:
    assert changes(root) == {}


def test_a_prompt(root: Path) -> None:
    edit(root / "prompts/library/gestante/triagem.pt-BR.prompty", lambda text: text + "\nSeja breve.\n")
    assert changes(root) == {"gestante/triagem.pt-BR": ("prompt",)}


def test_a_signature_is_no_change(root: Path) -> None:
    edit(
        root / "prompts/library/gestante/triagem.pt-BR.prompty",
        lambda text: text.replace("clinical_review: pending", "clinical_review: clinical team, 2026-11-01"),
    )
    assert changes(root) == {}


def test_a_partial_touches_each_prompt_that_includes_it(root: Path) -> None:
    edit(root / "prompts/library/partials/escalation.pt-PT.jinja", lambda text: text + "\nE já.\n")
    found = changes(root)
    assert found["gestante/triagem.pt-PT"] == ("partial escalation",)
    assert {name.rpartition(".")[2] for name in found} == {"pt-PT"}


def test_a_suite_touches_the_prompts_that_meet_it(root: Path) -> None:
    edit(root / "evals/suites/danger_signs/suite.yaml", lambda text: text + "\n# reworded\n")
    found = changes(root)
    assert found
    assert set(found.values()) == {("suite danger_signs",)}
    assert not any(name.startswith("enfermeira/") for name in found)


@pytest.mark.parametrize(
    ("file", "cause"),
    [("prompts/library/contacts.yaml", "contacts"), ("guardrails/terms/sets.yaml", "terms")],
)
def test_what_all_prompts_share(root: Path, file: str, cause: str) -> None:
    edit(root / file, lambda text: text + "\n# reworded\n")
    found = changes(root)
    assert len(found) == 12
    assert set(found.values()) == {(cause,)}


def test_the_policy_touches_prompts_only_where_it_shapes_answers(root: Path) -> None:
    edit(root / "policy.yaml", lambda text: text.replace("value: 0.02\n", "value: 0.03\n"))
    assert changes(root) == {}
    edit(root / "policy.yaml", lambda text: text.replace("value: 220\n", "value: 180\n"))
    assert set(changes(root).values()) == {("policy",)}


def test_the_base_keeps_its_own_rails_and_limits(root: Path) -> None:
    edit(root / "policy.yaml", lambda text: text.replace("value: 220\n", "value: 180\n"))
    platform = Platform.load(root=root, home=root.parent / "home")
    base = base_at(platform, "HEAD")
    assert base.rails is not None
    assert base.rails_digest
    assert (base.policy.number("assistant.max_words"), platform.policy.number("assistant.max_words")) == (220, 180)


def test_an_unknown_revision_is_one_sentence(root: Path) -> None:
    with pytest.raises(PromptError, match="knows no commit 'nowhere'"):
        changes(root, "nowhere")

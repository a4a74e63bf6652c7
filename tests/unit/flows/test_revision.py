"""Which prompts a change touches, on a real repository: prompt, partial, contacts, suite, terms and policy."""

import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evals.changes import answer_thresholds, changed_prompts, changed_rails, lost_cases, lost_never_events, lost_suites
from evals.judges.trust import Interval, Trust, TrustBook
from evals.judges.trustfile import TRUST_FILE, write_trust
from flows.steps.revision import base_at, head_revision
from flows.wiring import Platform
from matria import PROJECT_ROOT
from matria.errors import PromptError
from matria.policy import Policy, Threshold, load_policy

PARTS = ("prompts/library", "prompts/notes/texts", "evals/suites", "guardrails/terms", "guardrails/care")


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
def policy(committed: Path) -> Policy:
    return load_policy(committed / "policy.yaml")


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
    [
        ("prompts/library/contacts.yaml", "contacts"),
        ("guardrails/terms/sets.yaml", "terms"),
        ("guardrails/care/numbers.yaml", "care"),
    ],
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
    assert base.answering is not None
    limits = [p.number("assistant.max_words") for p in (base.policy, base.answering.policy, platform.policy)]
    assert limits == [220, 220, 180]


def test_a_folder_never_stands_in_for_a_branch(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    edit(root / "prompts/library/gestante/triagem.pt-BR.prompty", lambda text: text + "\nSeja breve.\n")
    shutil.copytree(root / "prompts" / "library", root / "main")
    assert changes(root, "main") == {"gestante/triagem.pt-BR": ("prompt",)}


def test_what_was_taken_out_of_the_yardstick_is_known(root: Path) -> None:
    base = base_at(Platform.load(root=root, home=root.parent / "home"), "HEAD")
    shutil.rmtree(root / "evals/suites/newborn")
    cases = root / "evals/suites/danger_signs/cases"
    for file in (*cases.glob("bleeding-and-waters.*"), *cases.glob("twins.*")):
        file.unlink()
    platform = Platform.load(root=root, home=root.parent / "home")
    now = head_revision(platform, platform.library)
    assert lost_suites(base.revision, now) == ("newborn",)
    assert base.suites is not None
    assert any("bleeding-third-trimester" in name for name in lost_never_events(base.suites, platform.suites))
    assert all(name.startswith("danger_signs/") for name in lost_cases(base.suites, platform.suites))


def test_terms_that_cannot_be_read_are_a_state_of_their_own(root: Path) -> None:
    sets = root / "guardrails/terms/sets.yaml"
    good = sets.read_text(encoding="utf-8")
    sets.write_text("sets: 7\n", encoding="utf-8")
    git(root, "commit", "-qam", "broken")
    sets.write_text(good, encoding="utf-8")
    base = base_at(Platform.load(root=root, home=root.parent / "home"), "HEAD")
    git(root, "reset", "-q", "--hard", "HEAD~1")
    assert base.answering is None
    assert "the base/guardrails/terms/sets.yaml" in base.unreadable


def test_an_unknown_revision_is_one_sentence(root: Path) -> None:
    with pytest.raises(PromptError, match="knows no commit 'nowhere'"):
        changes(root, "nowhere")


def rails_changes(root: Path) -> dict[str, tuple[str, ...]]:
    platform = Platform.load(root=root, home=root.parent / "home")
    base = base_at(platform, "HEAD").revision
    found = changed_rails(base, head_revision(platform, platform.library), platform.suites)
    return {str(change.ref): change.causes for change in found}


def test_a_prompt_and_its_numbers_touch_no_guardrail(root: Path) -> None:
    edit(root / "prompts/library/gestante/triagem.pt-BR.prompty", lambda text: text + "\nSeja breve.\n")
    edit(root / "prompts/library/contacts.yaml", lambda text: text + "\n# reworded\n")
    assert rails_changes(root) == {}


@pytest.mark.parametrize(
    ("file", "cause"),
    [
        ("guardrails/terms/sets.yaml", "terms"),
        ("guardrails/terms/blocklists/new.yaml", "terms"),
        ("guardrails/care/numbers.yaml", "care"),
        ("evals/suites/guardrails/suite.yaml", "suite guardrails"),
    ],
)
def test_what_the_guardrails_are_made_of_touches_them_in_every_locale(root: Path, file: str, cause: str) -> None:
    path = root / file
    path.write_text((path.read_text(encoding="utf-8") if path.exists() else "") + "\n# reworded\n", encoding="utf-8")
    assert rails_changes(root) == {f"guardrails.{locale}": (cause,) for locale in ("pt-BR", "pt-PT", "en")}


def test_a_section_of_the_policy_that_nobody_knows_shapes_answers(policy: Policy) -> None:
    tomorrow = Threshold("rails_of_tomorrow.level", 3, "level", "Not known to shape no answer.")
    later = Policy({**policy.thresholds, tomorrow.name: tomorrow}, "")
    assert answer_thresholds(later).keys() - answer_thresholds(policy).keys() == {tomorrow.name}
    assert not any(name.startswith(("gate.", "sla.", "costs.")) for name in answer_thresholds(policy))


def test_notes_touch_the_prompts_that_show_them_and_no_guardrail(root: Path) -> None:
    note = next((root / "prompts/notes/texts").glob("*.md"))
    edit(note, lambda text: text + "\nOne sentence more.\n")
    platform = Platform.load(root=root, home=root.parent / "home")
    showing = {
        str(ref) for ref in platform.library.refs() if "retrieved" in platform.library.load(ref.name, ref.locale).inputs
    }
    assert showing
    assert changes(root) == dict.fromkeys(showing, ("notes",))
    assert rails_changes(root) == {}


def test_the_base_is_answered_with_its_own_notes(root: Path) -> None:
    note = next((root / "prompts/notes/texts").glob("*.md"))
    edit(note, lambda text: text + "\nOne sentence more.\n")
    base = base_at(Platform.load(root=root, home=root.parent / "home"), "HEAD")
    assert base.answering is not None
    assert base.answering.notes
    assert all("One sentence more." not in one.text for one in base.answering.notes)


def measured(sensitivity: float) -> TrustBook:
    trust = Trust(
        "judge:rubric m t",
        "axis:tone",
        "trusted",
        n=60,
        met=30,
        not_met=30,
        kappa=Interval(0.8, 0.7, 0.9),
        sensitivity=Interval(sensitivity, 0.7, 1.0),
        specificity=Interval(0.9, 0.7, 1.0),
        until=datetime.now(UTC).date().isoformat(),
        nurses=2,
    )
    return TrustBook({(trust.judge, trust.criterion): trust})


@pytest.mark.parametrize(("sensitivity", "state"), [(0.9, "trusted"), (0.75, "untrusted")])
def test_the_base_trusts_whom_its_own_file_and_its_own_bar_trust(root: Path, sensitivity: float, state: str) -> None:
    file = root / TRUST_FILE
    write_trust(file, measured(sensitivity), week="2026-W47", policy=load_policy(root / "policy.yaml"))
    git(root, "add", "-A")
    git(root, "commit", "-qm", "trust")
    file.unlink()
    edit(root / "policy.yaml", lambda text: _lowered(text, "min_sensitivity"))
    try:
        base = base_at(Platform.load(root=root, home=root.parent / "home"), "HEAD")
    finally:
        git(root, "reset", "-q", "--hard", "HEAD~1")
    assert base.trust is not None
    assert base.trust.of("judge:rubric m t", "danger_signs/kind", "tone").state == state


def _lowered(text: str, name: str) -> str:
    """The policy with one threshold of trust set to 0.5."""
    before, after = text.split(f"  {name}:\n    value: ", 1)
    return f"{before}  {name}:\n    value: 0.5{after[after.index(chr(10)) :]}"


def test_a_base_without_a_file_trusts_nobody_and_a_folder_has_none_of_its_own(root: Path, tmp_path: Path) -> None:
    platform = Platform.load(root=root, home=root.parent / "home")
    assert base_at(platform, "HEAD").trust == TrustBook()
    folder = tmp_path / "library"
    shutil.copytree(root / "prompts" / "library", folder)
    assert base_at(platform, str(folder)).trust is None


def test_a_file_that_cannot_be_read_trusts_nobody(root: Path) -> None:
    (root / TRUST_FILE).write_text("judges: 1\n", encoding="utf-8")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "broken")
    (root / TRUST_FILE).unlink()
    try:
        assert base_at(Platform.load(root=root, home=root.parent / "home"), "HEAD").trust == TrustBook()
    finally:
        git(root, "reset", "-q", "--hard", "HEAD~1")

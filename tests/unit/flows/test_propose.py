"""What nurses taught as a branch: what is on it, what waits, and what a try that failed leaves behind."""

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from evals.review.base import Answers, Assignment, Batch, Origin, Review, ReviewItem, Spoken, Stratum
from flows.steps.propose import propose
from flows.wiring import Platform
from matria.errors import InputError
from tests.unit.evals.review.week_parts import GOOD
from tests.unit.flows.review_parts import MONDAY, made_platform, person

ROOT = Path(__file__).resolve().parents[3]
LATER = MONDAY + timedelta(days=2)
TOLD = "Vá agora à maternidade ou ao pronto-socorro."
"""As the assistant's prompts have it say."""


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with the suites and prompts of this one; its git knows who commits."""
    made = tmp_path / "checkout"
    for folder in ("evals/suites", "prompts/library"):
        shutil.copytree(ROOT / folder, made / folder)
    git(made.parent, "init", "-q", "-b", "main", str(made))
    for name, value in (("user.useConfigOnly", "true"), ("user.name", "team"), ("user.email", "team@example.org")):
        git(made, "config", name, value)
    git(made, "add", "-A")
    git(made, "commit", "-q", "-m", "Begin")
    return made


@pytest.fixture
def platform(tmp_path: Path, checkout: Path) -> Platform:
    """A week of two items, the first of two turns, both flagged."""
    made = made_platform(tmp_path / "home")
    vars(made)["settings"] = made.settings.model_copy(update={"root": checkout})
    person(made, "nurse-a")
    items = [
        item("i1", ("Desde ontem vejo pontinhos brilhando", TOLD), ("E se a vizinha só puder me levar amanhã?", TOLD)),
        item("i2", ("Posso comer queijo de cabra curado na serra?", "Pode, se for de leite pasteurizado.")),
    ]
    batch = Batch("2026-W47", MONDAY - timedelta(days=7), MONDAY, MONDAY, 7, "short", (Stratum("usual", 2, 2),))
    origins = [Origin(one.item_id, f"c-{one.item_id}", ("m-0",), "week", "usual", 1.0) for one in items]
    given = [Assignment(one.item_id, "nurse-a", "first", LATER, MONDAY) for one in items]
    made.reviews.put_batch(batch, items, origins, given)
    for one in items:
        answers = Answers({**GOOD, "complete": "no"}, "Faltou perguntar da pressão.", teach=True)
        made.reviews.submit(Review(one.item_id, "nurse-a", "first", answers, MONDAY, 1, "web"), 0)
    return made


def item(item_id: str, *turns: tuple[str, str]) -> ReviewItem:
    said = [
        Spoken(f"m-{number}", role, text)
        for number, (asked, shown) in enumerate(turns)
        for role, text in (("user", asked), ("assistant", shown))
    ]
    return ReviewItem(item_id, "2026-W47", "sampled", "pt-BR", "gestante", "third_trimester", tuple(said))  # type: ignore[arg-type]


def test_what_the_assistant_was_told_to_say_keeps_no_conversation_from_being_a_case(platform: Platform) -> None:
    found = propose(platform, now=LATER)
    assert [str(one.case["id"]) for one in found.cases] == ["week-2026-w47-01.pt-BR", "week-2026-w47-02.pt-BR"]
    assert found.refused == ()
    assert git(platform.settings.root, "rev-parse", found.branch).strip() == found.commit


def test_a_week_named_twice_is_proposed_once(platform: Platform) -> None:
    assert len(propose(platform, ("2026-W47", "2026-W47"), now=LATER).cases) == 2


@pytest.mark.parametrize(
    ("example", "why"),
    [
        ("Posso comer queijo de cabra na serra?", "asks nearly the same: “Posso comer queijo de cabra na serra?”"),
        ("posso comer QUEIJO de cabra curado na serra", "holds its words “posso comer queijo de cabra curado na”"),
    ],
)
def test_what_a_prompt_gives_as_an_example_in_these_or_other_words_is_no_case(
    platform: Platform, checkout: Path, example: str, why: str
) -> None:
    path = checkout / "prompts" / "library" / "partials" / "scope.pt-BR.jinja"
    path.write_text(f"{path.read_text(encoding='utf-8')}\nExemplo: “{example}”\n", encoding="utf-8")
    git(checkout, "commit", "-qam", "Show an example")
    found = propose(platform, now=LATER)
    assert [str(one.case["id"]) for one in found.cases] == ["week-2026-w47-01.pt-BR"]
    assert [one.why for one in found.refused] == [f"the prompt file partials/scope.pt-BR.jinja {why}"]
    assert "week-2026-w47-02" not in git(checkout, "show", f"{found.branch}")


def test_an_item_that_was_erased_keeps_nothing_else_from_being_proposed(platform: Platform) -> None:
    platform.reviews.erase(["c-i1"])
    found = propose(platform, now=LATER)
    assert [str(one.case["id"]) for one in found.cases] == ["week-2026-w47-02.pt-BR"]
    assert [one.why for one in found.refused] == ["its texts were erased"]


def test_what_the_base_holds_is_not_written_again(platform: Platform) -> None:
    first = propose(platform, now=LATER)
    again = propose(platform, branch="again", base=first.branch, now=LATER)
    assert (again.branch, again.cases, again.refused) == ("", (), ())


def test_proposing_again_is_the_same_branch_and_another_one_of_that_name_is_left_alone(
    platform: Platform, checkout: Path
) -> None:
    first = propose(platform, now=LATER)
    again = propose(platform, now=LATER)
    assert (again.branch, again.commit, again.cases) == (first.branch, first.commit, first.cases)
    git(checkout, "branch", "-f", first.branch, "main")
    with pytest.raises(InputError, match=r"says something else: .* git branch -D review/2026-w47"):
        propose(platform, now=LATER)
    assert git(checkout, "rev-parse", first.branch) == git(checkout, "rev-parse", "main")


def test_nobody_is_told_to_delete_a_branch_that_is_no_weeks(platform: Platform) -> None:
    with pytest.raises(InputError, match=r"There is a branch 'main' already, and it is no week's") as refused:
        propose(platform, branch="main", now=LATER)
    assert "-D" not in str(refused.value)


def test_a_checkout_below_the_top_of_its_repository_gets_the_cases_where_its_suites_are(
    platform: Platform, checkout: Path
) -> None:
    (checkout / "service").mkdir()
    git(checkout, "mv", "evals", "prompts", "service")
    git(checkout, "commit", "-q", "-m", "Move below")
    vars(platform)["settings"] = platform.settings.model_copy(update={"root": checkout / "service"})
    found = propose(platform, now=LATER)
    files = git(checkout, "diff", "--name-only", "main", found.branch).split()
    assert files[0] == "service/evals/suites/nurses/cases/2026-w47.pt-BR.yaml"


def test_a_checkout_with_changes_and_no_branch_of_its_own_stays_as_it_is(platform: Platform, checkout: Path) -> None:
    git(checkout, "checkout", "-q", "--detach")
    prompt = next((checkout / "prompts" / "library" / "gestante").glob("*.prompty"))
    prompt.write_text("half written", encoding="utf-8")
    before = git(checkout, "status", "--porcelain")
    assert propose(platform, now=LATER).cases
    assert git(checkout, "status", "--porcelain") == before
    assert len(git(checkout, "worktree", "list").splitlines()) == 1


def test_a_root_that_is_no_repository_is_said(platform: Platform, checkout: Path) -> None:
    shutil.rmtree(checkout / ".git")
    with pytest.raises(InputError, match="not a git repository"):
        propose(platform, now=LATER)


def test_a_commit_that_fails_leaves_no_branch_and_says_what_to_set(
    platform: Platform, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, "/dev/null")
    git(checkout, "config", "--unset", "user.email")
    with pytest.raises(InputError, match=r"git config user\.name"):
        propose(platform, now=LATER)
    git(checkout, "config", "user.email", "team@example.org")
    assert propose(platform, now=LATER).branch == "review/2026-w47"


def test_what_is_flagged_and_not_settled_yet_is_said_to_wait(platform: Platform) -> None:
    found = propose(platform, now=MONDAY + timedelta(minutes=1))
    assert found.cases == ()
    assert found.waiting == ("Flagged readings that can still be undone: 2. Propose again after 08:10.",)
    assert propose(platform, branch="later", now=LATER).waiting == ()


def test_a_week_that_was_drawn_since_hides_nothing_that_is_flagged(platform: Platform) -> None:
    later = Batch("2026-W48", MONDAY, MONDAY + timedelta(days=7), LATER, 7, "empty", ())
    platform.reviews.put_batch(later, [], [], [])
    found = propose(platform, now=LATER)
    assert found.branch == "review/2026-w47"
    assert {case.batch_id for case in found.cases} == {"2026-W47"}


def test_what_was_merged_names_no_later_branch(platform: Platform, checkout: Path) -> None:
    first = propose(platform, now=LATER)
    assert first.cases
    git(checkout, "merge", "-q", first.branch)
    again = propose(platform, now=LATER)
    assert (again.branch, again.cases) == ("", ()), "the base has all of it, though its branch is still there"

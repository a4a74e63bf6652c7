"""Who brought what landed, from a real repository: merged, squashed, cut short, and none at all."""

import os
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from flows.steps.history import History
from flows.steps.landed import files, lander, with_commits
from matria.costs.causes.base import Cause, Landed
from matria.costs.causes.decompose import decompose
from matria.costs.causes.tally import Sums
from matria.costs.sums import CallSums, MessageSums

NOON = datetime(2025, 6, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PROMPT = "prompts/library/gestante/triagem.pt-BR.prompty"


@dataclass
class Repository:
    """A checkout whose commits have the times and authors that a test says."""

    root: Path

    def git(self, *arguments: str, at: datetime = NOON, by: str = "Ana") -> str:
        who = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in self._who(at, by)}
        command = ["git", "-C", str(self.root), "-c", "commit.gpgsign=false", *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **who})
        return done.stdout.strip()

    def write(self, path: str, text: str, subject: str, at: datetime = NOON, by: str = "Ana") -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-qm", subject, at=at, by=by)

    def merge(self, branch: str, subject: str, at: datetime) -> None:
        self.git("checkout", "-q", "main")
        self.git("merge", "-q", "--no-ff", "-m", subject, branch, at=at, by="Forge")

    @staticmethod
    def _who(at: datetime, by: str) -> list[tuple[str, str]]:
        return [("NAME", by), ("EMAIL", f"{by.lower()}@example.org"), ("DATE", at.isoformat())]


@pytest.fixture
def made(tmp_path: Path) -> Repository:
    """Version 1.0.0 on main for a month."""
    made = Repository(tmp_path / "checkout")
    made.root.mkdir()
    made.git("init", "-q", "-b", "main")
    made.write(PROMPT, prompt("1.0.0"), "Ask what she feels", NOON - timedelta(days=30))
    return made


def prompt(version: str) -> str:
    return f"---\nname: gestante/triagem\nversion: {version}\n---\nsystem:\nWhat version: 9.9.9 said\n"


def new_version(after: str = "1.1.0", before: str = "1.0.0", **changed: object) -> Landed:
    values = {"what": "prompt", "name": "gestante/triagem", "first_seen_at": NOON, "locales": ("pt-BR",), **changed}
    return Landed(before=before, after=after, **values)  # type: ignore[arg-type]


def brought(made: Repository, found: Landed) -> Landed:
    (told,) = with_commits([found], History(made.root), HOUR)
    return told


def test_version_is_told_with_the_author_and_the_pull_request_that_was_merged(made: Repository) -> None:
    made.git("checkout", "-qb", "signs")
    made.write(PROMPT, prompt("1.1.0"), "Name every danger sign", NOON - 5 * HOUR, "Beatriz")
    made.git("checkout", "-q", "main")
    made.write("other.txt", "x", "Say hello (#11)", NOON - 4 * HOUR)
    made.merge("signs", "Merge pull request #12 from someone/signs", NOON - 2 * HOUR)
    made.write("other.txt", "y", "Merged PR 40: Something later", NOON - HOUR)

    told = brought(made, new_version())

    assert (told.author, told.subject, told.pull_request) == ("Beatriz", "Name every danger sign", 12)
    assert told.commit == made.git("rev-parse", "--short", "signs")


@pytest.mark.parametrize(
    ("message", "number"),
    [
        ("Name every danger sign (#13)", 13),
        ("Merged PR 14: Name every danger sign", 14),
        ("Name every danger sign\n\nSee merge request team/matria!15", 15),
        ("Name every danger sign, see (#13) as well", None),
    ],
)
def test_pull_request_of_a_squashed_commit_is_read(made: Repository, message: str, number: int | None) -> None:
    made.write(PROMPT, prompt("1.1.0"), message, NOON - HOUR)

    assert brought(made, new_version()).pull_request == number


def test_version_that_came_back_is_told_by_the_commit_that_brought_it_back(made: Repository) -> None:
    made.write(PROMPT, prompt("1.1.0"), "Name every danger sign", NOON - 9 * HOUR)
    made.write(PROMPT, prompt("1.0.0"), "Go back to short answers", NOON - 2 * HOUR, "Clara")
    made.write(PROMPT, prompt("1.2.0"), "Another try", NOON + 9 * HOUR)

    told = brought(made, new_version("1.0.0", "1.1.0"))

    assert (told.subject, told.author, told.pull_request) == ("Go back to short answers", "Clara", None)


def test_text_that_changed_under_one_version_is_told_by_its_partial(made: Repository) -> None:
    made.write("prompts/library/partials/tone.pt-BR.jinja", "Be warm.", "Be warm (#7)", NOON - HOUR)

    told = brought(made, new_version("1.0.0 (bbbb)", "1.0.0 (aaaa)"))

    assert (told.subject, told.pull_request) == ("Be warm (#7)", 7)


def test_price_list_is_told_by_the_lock(made: Repository) -> None:
    made.write("requirements.lock", "genai-prices==0.2.3\n", "Raise the price list", NOON - HOUR)
    listed = new_version("genai-prices 0.2.3", "genai-prices 0.2.2", what="price_list", name="openai/mini", locales=())

    assert brought(made, listed).subject == "Raise the price list"


def test_prices_policy_and_partials_that_came_onto_the_branch_are_told(made: Repository) -> None:
    made.write("policy.yaml", "old", "Long ago", NOON - timedelta(days=9))
    made.git("checkout", "-qb", "limits")
    made.write("policy.yaml", "new", "Tell more of the conversation", NOON - timedelta(days=5), "Dora")
    for locale in ("en", "pt-BR"):
        made.write(f"prompts/library/partials/tone.{locale}.jinja", "x", "Be warm", NOON - timedelta(days=5))
    made.merge("limits", "Merge pull request #21 from someone/limits", NOON - 3 * HOUR)

    told = {one.name: one for one in files(History(made.root), NOON - timedelta(days=2), NOON)}

    assert set(told) == {"policy.yaml", "prompts/library/partials/tone"}
    policy = told["policy.yaml"]
    assert (policy.author, policy.pull_request, policy.first_seen_at) == ("Dora", 21, NOON - 3 * HOUR)


def test_no_history_is_unknown_and_said(made: Repository, tmp_path: Path) -> None:
    nothing = tmp_path / "image"
    nothing.mkdir()
    made.write(PROMPT, prompt("1.1.0"), "Name every danger sign (#12)", NOON - HOUR)
    cut = Repository(tmp_path / "cut")
    made.git("clone", "-q", "--depth", "1", f"file://{made.root}", str(cut.root))

    assert "not run from a git checkout" in History(nothing).why_unknown
    assert "cut short" in History(cut.root).why_unknown
    assert brought(cut, new_version()) == new_version()
    assert not History(made.root).why_unknown


def test_all_that_landed_is_told_in_one_list(made: Repository, caplog: pytest.LogCaptureFixture) -> None:
    made.write(PROMPT, prompt("1.1.0"), "Name every danger sign (#12)", NOON - 11 * HOUR)
    made.write("prompts/library/partials/tone.pt-BR.jinja", "x", "Be warm (#14)", NOON - 12 * HOUR)
    before, after = window("1.0.0", 1000, NOON - 24 * HOUR), window("1.1.0", 3000, NOON)
    cause = decompose(before, after)
    assert cause is not None

    told = lander(made.root)(before, after, cause, "")
    unknown = lander(made.root.parent)(before, after, cause, "")

    assert [(one.what, one.pull_request) for one in told] == [("prompt", 12), ("file", 14)]
    assert [(one.what, one.commit) for one in unknown] == [("prompt", "")]
    assert "who changed what is unknown" in caplog.text


def test_nobody_is_named_for_what_cannot_have_made_the_rise(made: Repository) -> None:
    """The rise began at 2:00: of the files only one that came by then and can move the first part may be its reason."""
    partial = "prompts/library/partials/tone.pt-BR.jinja"
    made.write(partial, "x", "Be warm", NOON - 20 * HOUR)
    made.write("prices.yaml", "x", "Read the prices again", NOON - 15 * HOUR)
    made.write(partial, "y", "Be brief", NOON - 3 * HOUR)
    before, after = window("1.0.0", 1000, NOON - 24 * HOUR), window("1.1.0", 3000, NOON)
    longer = decompose(before, after)
    assert longer is not None
    mixed = replace(longer, parts=(replace(longer.parts[0], factor="model_mix"),))
    tell = lander(made.root)

    def subjects(cause: Cause, began: datetime | None) -> list[str]:
        return [one.subject for one in tell(before, after, cause, "", None, began) if one.what == "file"]

    assert subjects(longer, NOON - 10 * HOUR) == ["Be warm"]
    assert subjects(longer, NOON - 22 * HOUR) == []
    assert subjects(longer, None) == ["Be brief"]
    assert subjects(mixed, NOON - 10 * HOUR) == []


def test_what_was_seen_after_the_rise_began_stands_last(made: Repository) -> None:
    """Version 1.1.0 is first seen at 2:00, and messages cost more since 22:00."""
    made.write("prompts/library/partials/tone.pt-BR.jinja", "x", "Be warm", NOON - 20 * HOUR)
    before, after = window("1.0.0", 1000, NOON - 24 * HOUR), window("1.1.0", 3000, NOON)
    cause = decompose(before, after)
    assert cause is not None

    told = lander(made.root)(before, after, cause, "", None, NOON - 14 * HOUR)

    assert [(one.what, one.is_late) for one in told] == [("file", False), ("prompt", True)]


def window(version: str, tokens: int, end: datetime) -> Sums:
    calls = CallSums(
        slot=9,
        purpose="assistant",
        prompt_name="gestante/triagem",
        prompt_version=version,
        prompt_hash=version,
        persona="gestante",
        locale="pt-BR",
        provider="openai",
        model="mini",
        model_snapshot="mini-1",
        tier="standard",
        unit_prices=None,
        price_source="list",
        is_simulated=False,
        calls=1,
        unpriced_calls=0,
        priced_message_calls=1,
        input_tokens=tokens,
        prompt_tokens=tokens,
        cached_tokens=0,
        cache_write_tokens=0,
        output_tokens=0,
        reasoning_tokens=0,
        text_records=0,
        latency_ms=1,
        usd=Decimal(tokens).scaleb(-6),
    )
    message = MessageSums(9, 0, "gestante/triagem", "gestante", "pt-BR", 1, 1, calls.usd, version)
    return Sums([calls], [message], end, HOUR)

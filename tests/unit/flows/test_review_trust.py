"""`matria review trust` says what is known of judges, for a person and for a program."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from evals.judges.trustfile import TRUST_FILE, read_trust, write_trust
from evals.judges.trusting import Reading, trust_book
from flows.cli.review_trust import trust
from matria.policy import load_policy

NOW = datetime.now(UTC).date()


@pytest.fixture
def checkout(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of the test's own with the policy and a trust file."""
    monkeypatch.setenv("MATRIA_ROOT", str(tmp_path))
    monkeypatch.setenv("MATRIA_HOME", str(tmp_path / "home"))
    (tmp_path / "policy.yaml").write_bytes((root / "policy.yaml").read_bytes())
    return tmp_path


def readings(both: int, neither: int) -> list[Reading]:
    said = [True] * both + [False] * neither
    return [
        Reading(
            "judge:rubric m t",
            "judge:rubric",
            "review/tone",
            "tone",
            met,
            met,
            str(n),
            NOW,
            nurses=frozenset({"nurse-a"}),
        )
        for n, met in enumerate(said)
    ]


def run(*options: str) -> str:
    app = typer.Typer()
    app.command()(trust)
    found = CliRunner().invoke(app, list(options), catch_exceptions=False)
    assert found.exit_code == 0
    return found.output


def test_without_a_reading_no_judge_is_known(checkout: Path) -> None:
    assert "Nothing is known of any judge" in run()
    assert "Nothing is known of any judge" in run("--file")
    assert json.loads(run("--json")) == []
    assert "stays as it is" in run("--write")
    assert not (checkout / TRUST_FILE).exists()


def test_what_the_file_says_is_shown_with_what_a_judge_lacks(checkout: Path) -> None:
    policy = load_policy(checkout / "policy.yaml")
    write_trust(checkout / TRUST_FILE, trust_book(readings(40, 4), policy, NOW), week="2026-W47", policy=policy)
    (axis, criterion) = json.loads(run("--file", "--json"))
    assert (axis["criterion"], criterion["criterion"]) == ("axis:tone", "review/tone")
    assert (criterion["state"], criterion["lacks"]) == ("unmeasured", ["few_not_met", "few_nurses"])
    said = " ".join(run("--file").split())
    assert "4 of 10 found not good" in said
    assert "read by 1 of 2 nurses" in said
    assert read_trust(checkout / TRUST_FILE, policy, NOW).known


def test_no_figure_is_cut_where_a_line_is_short(checkout: Path) -> None:
    policy = load_policy(checkout / "policy.yaml")
    write_trust(checkout / TRUST_FILE, trust_book(readings(40, 4), policy, NOW), week="2026-W47", policy=policy)
    (axis, _) = json.loads(run("--file", "--json"))
    said = " ".join(run("--file").split())
    assert "items 44" in said
    assert "state unmeasured" in said
    assert f"{axis['sensitivity']['low']:.2f} to {axis['sensitivity']['high']:.2f}" in said

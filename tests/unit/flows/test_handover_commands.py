"""`matria handovers` as somebody on call uses it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.cli.entry import run
from matria.handover.base import Handover
from matria.handover.sqlite import SqliteHandovers

ONE = Handover("3f9a" * 8, "abuse_disclosure", "gestante", "pt-PT", datetime(2026, 11, 22, 3, tzinfo=UTC), "message-1")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATRIA_HOME", str(tmp_path))
    SqliteHandovers(tmp_path / "handover" / "handovers.db").open(ONE)


def test_what_waits_is_listed_told_and_closed(capsys: pytest.CaptureFixture[str]) -> None:
    def shown(*arguments: str) -> str:
        assert run(["handovers", *arguments]) == 0
        return capsys.readouterr().out

    listed = shown("list")
    assert "abuse disclosure" in listed
    assert "nobody" in listed
    assert shown("tell").startswith("1 told")
    assert "nobody" not in shown("list")
    assert "is closed" in shown("close", ONE.handover_id, "--by", "turno da noite")
    assert "No conversation waits" in shown("list")


def test_closing_what_is_not_open_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["handovers", "close", "none", "--by", "x"]) == 11
    assert "No open handover is called 'none'" in capsys.readouterr().err

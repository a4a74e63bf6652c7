"""What a user can do wrong, tried as she would: one sentence, an exit code of its own, no traceback."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flows.cli.entry import run

MAPPING = "docs/how-to/maternal_health_risk.mapping.yaml"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path) -> Path:
    """A home of the test's own, and the checkout as working folder."""
    monkeypatch.setenv("MATRIA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(root)
    return tmp_path / "home"


@pytest.fixture
def checkout(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what a user edits, which the command reads in place of the checkout."""
    copy = tmp_path / "checkout"
    shutil.copytree(root / "prompts" / "library", copy / "prompts" / "library")
    shutil.copytree(root / "evals" / "suites", copy / "evals" / "suites")
    shutil.copy(root / "policy.yaml", copy)
    monkeypatch.setenv("MATRIA_ROOT", str(copy))
    return copy


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """What was said on standard error: one sentence, and no traceback."""
    text = capsys.readouterr().err.strip()
    assert "Traceback" not in text
    assert len(text.splitlines()) == 1, text
    assert text.startswith("matria: ")
    return text


def edit(path: Path, old: str, new: str) -> None:
    """The file with `old` replaced once."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_missing_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ingest", "--source", "nowhere.jsonl"]) == 11
    assert "nowhere.jsonl is missing" in said(capsys)


def test_an_empty_inbox(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ingest"]) == 11
    assert "Nothing to ingest" in said(capsys)


def test_a_csv_without_a_mapping(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    assert run(["ingest", "--source", str(tmp_path / "a.csv")]) == 11
    assert "--mapping" in said(capsys)


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02" * 50, b"nothing,of,this\n1,2,3\n"])
def test_a_csv_that_is_none(tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    assert run(["ingest", "--source", str(tmp_path / "a.csv"), "--mapping", MAPPING]) == 11
    assert "a.csv" in said(capsys)


def test_a_mapping_with_a_tab(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "m.yaml").write_text("table: vitals\n\tcolumns: {}\n")
    assert run(["ingest", "--source", str(tmp_path / "a.csv"), "--mapping", str(tmp_path / "m.yaml")]) == 11
    assert "line 2: YAML is indented with spaces, and a tab" in said(capsys)


def test_a_policy_with_a_tab(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(checkout / "policy.yaml", "  risk_auc:", "\trisk_auc:")
    assert run(["costs"]) == 10
    assert "a tab stands there" in said(capsys)


def test_a_suite_with_a_tab(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(checkout / "evals" / "suites" / "scope" / "suite.yaml", "purpose:", "\tpurpose:")
    assert run(["eval", "--suite", "scope"]) == 14
    assert "a tab stands there" in said(capsys)


def test_a_prompt_with_an_undefined_variable(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(checkout / "prompts" / "library" / "gestante" / "triagem.en.prompty", "user:\n", "user:\n{{ nickname }} ")
    assert run(["prompt", "render", "gestante/triagem.en"]) == 13
    assert "nickname" in said(capsys)
    assert run(["prompt", "lint"]) == 1
    assert "undeclared-variable" in capsys.readouterr().out
    assert run(["eval", "--prompt", "gestante/triagem.en", "--limit", "1"]) == 13
    assert "nickname" in said(capsys)


def test_a_suite_whose_question_stands_in_a_prompt(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["suite", "lint"]) == 0
    assert "0 errors" in capsys.readouterr().out
    question = "my 9 day old has a temp of 100.9 and hes kinda floppy"
    edit(checkout / "prompts" / "library" / "puerpera" / "apoio.en.prompty", "user:\n", f"user:\n{question}\n")
    assert run(["suite", "lint"]) == 1
    assert "newborn-fever.en leak" in capsys.readouterr().out


def test_a_prompt_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["eval", "--prompt", "gestante/triage"]) == 13
    assert "matria prompt list" in said(capsys)


def test_a_suite_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["eval", "--suite", "danger"]) == 14
    assert "danger_signs" in said(capsys)


def test_a_revision_that_git_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["eval", "--against", "no-such-branch"]) == 13
    assert "no-such-branch" in said(capsys)


def test_an_unknown_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["eval", "--model", "no-such-model", "--suite", "scope", "--limit", "2"]) == 15
    assert "no-such-model" in said(capsys)


def test_an_endpoint_that_is_down(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("MATRIA_CHAT__KIND", "compatible")
    monkeypatch.setenv("MATRIA_CHAT__BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("MATRIA_CHAT__API_KEY", "key")
    assert run(["eval", "--suite", "scope", "--limit", "2", "--yes"]) == 15
    text = said(capsys)
    assert "127.0.0.1:9" in text
    assert "cannot be reached" in text


def test_a_setting_that_is_unknown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("MATRIA_CHAT__KEY", "x")
    assert run(["doctor"]) == 10
    assert "MATRIA_CHAT__KEY" in said(capsys)


def test_a_command_that_is_misspelt(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["prompt", "rendr"]) == 2
    assert "render" in said(capsys)


def test_a_case_that_was_never_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["why", "no-such-case"]) == 14
    assert "matria eval" in said(capsys)


def test_a_flow_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["run", "retrian"]) == 11
    assert "retrain" in said(capsys)


def test_training_before_anything_was_published(capsys: pytest.CaptureFixture[str]) -> None:
    from flows.steps.risk import retrain_risk
    from flows.wiring import Platform
    from matria.errors import InputError

    with pytest.raises(InputError, match="publish-features"):
        retrain_risk(Platform.load(), 7)


@pytest.fixture
def small_disk(tmp_path: Path) -> "Path":
    """A file system of 200 kB, as a full disk would be met."""
    folder = tmp_path / "small"
    folder.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "none", folder], check=False).returncode
    ):
        pytest.skip("a small file system cannot be mounted here (it takes root)")
    return folder


def test_a_full_disk(small_disk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("MATRIA_HOME", str(small_disk))
    try:
        status = run(["simulate", "--patients", "200"])
        assert status == 16
        assert "disk is full" in said(capsys)
        assert not [path for path in small_disk.rglob("*") if path.is_file()], "nothing half-written is left"
    finally:
        subprocess.run(["umount", small_disk], check=True)


INTERRUPTED = """
import os, signal, sys, threading, time
from pathlib import Path
from flows.cli.entry import run

def interrupt():
    while not any(path.is_file() for path in Path(os.environ["MATRIA_HOME"], "inbox").rglob("*")):
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where tests run in the background
threading.Thread(target=interrupt, daemon=True).start()
sys.exit(run(["simulate", "--patients", "100000"]))
"""
"""A command that is interrupted as soon as it writes, long before it is done."""


def test_ctrl_c_is_no_traceback(tmp_path: Path) -> None:
    env = {**os.environ, "MATRIA_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert done.stderr.strip() == "Stopped. What was written is whole; the same command goes on from there."

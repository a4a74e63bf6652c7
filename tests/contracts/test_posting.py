"""`matria post` and the poster of a running evaluation, against servers that speak the forges' wires."""

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from forge_bench import Behind
from forge_doubles import COMMIT, NUMBER, PATIENCE_S, TOKEN, AzureDouble, Fault, GitHubDouble

from evals.report import MARKER
from flows.cli.entry import run
from flows.steps.post import Poster, posting_of_run, unfinished
from flows.wiring_record import pull_request
from matria import PROJECT_ROOT
from matria.errors import InputError, SettingsError
from matria.forge.summary import MOST_BYTES, write_summary
from matria.settings import ForgeSettings, Settings


def event(repository: str = "owner/service") -> str:
    head = {"sha": COMMIT, "repo": {"full_name": repository}}
    return json.dumps({"pull_request": {"number": NUMBER, "head": head}})


@pytest.fixture
def github(forge_server: tuple[Behind, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitHubDouble:
    """GitHub behind the server, and the variables of a workflow's step."""
    behind, address = forge_server
    behind.app = double = GitHubDouble(address)
    (tmp_path / "event.json").write_text(event())
    variables = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": address,
        "GITHUB_GRAPHQL_URL": f"{address}/graphql",
        "GITHUB_REPOSITORY": "owner/service",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_RUN_ID": "77",
        "GITHUB_SERVER_URL": "https://forge.example",
        "GITHUB_TOKEN": TOKEN,
        "MATRIA_HOME": str(tmp_path / "home"),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return double


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of an evaluation that was blocked, on simulated answers."""
    folder = tmp_path / "verdict"
    folder.mkdir()
    (folder / "comment.md").write_text(f"{MARKER}\n\n## 🔴 Blocked\n", encoding="utf-8")
    (folder / "verdict.json").write_text(json.dumps({"state": "blocked", "is_simulated": True}), encoding="utf-8")
    return folder


def test_a_verdict_becomes_comment_status_and_summary(github: GitHubDouble, folder: Path, tmp_path: Path) -> None:
    assert run(["post", "--run", str(folder)]) == 0
    assert [entry.body for entry in github.entries] == [f"{MARKER}\n\n## 🔴 Blocked\n"]
    assert github.statuses == [
        {
            "state": "failure",
            "description": "Blocked: this change makes answers worse (simulated answers, promotes nothing)",
            "context": "matria/prompts",
            "target_url": "https://forge.example/owner/service/actions/runs/77",
        }
    ]
    assert "## 🔴 Blocked" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_the_summary_may_say_more_than_the_comment(github: GitHubDouble, folder: Path, tmp_path: Path) -> None:
    (folder / "summary.md").write_text("all of it", encoding="utf-8")
    assert run(["post", "--run", str(folder)]) == 0
    assert (tmp_path / "summary.md").read_text(encoding="utf-8") == "all of it\n"
    assert "all of it" not in github.entries[0].body


def test_started_then_running_then_verdict_is_one_comment(github: GitHubDouble, folder: Path) -> None:
    assert run(["post", "--forge", "github", "--started"]) == 0
    assert "Evaluation running" in github.entries[0].body
    assert run(["post", "--forge", "github", "--running", "12/240"]) == 0
    assert "12 of 240" in github.entries[0].body
    assert github.statuses[0]["state"] == "pending"
    assert run(["post", "--run", str(folder)]) == 0
    assert len(github.entries) == 1
    assert "Blocked" in github.entries[0].body


def test_an_evaluation_posts_its_own_verdict(github: GitHubDouble, tmp_path: Path) -> None:
    library = PROJECT_ROOT / "prompts" / "library"
    edited = shutil.copytree(library, tmp_path / "library")
    prompt = edited / "gestante" / "triagem.en.prompty"
    text = prompt.read_text(encoding="utf-8")
    prompt.write_text(text.replace('{% include "escalation" %}', ""), encoding="utf-8")
    chosen = ["--library", str(edited), "--against", str(library), "--suite", "danger_signs", "--limit", "3"]
    assert run(["eval", *chosen, "--no-record", "--post"]) == 20
    (entry,) = github.entries
    assert "Blocked" in entry.body
    assert github.statuses[-1]["state"] == "failure"


def test_outside_a_pipeline_an_evaluation_that_should_post_asks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.delenv("TF_BUILD", raising=False)
    monkeypatch.setenv("MATRIA_HOME", str(tmp_path))
    assert run(["eval", "--limit", "1", "--post"]) == SettingsError.exit_code
    assert "No pipeline" in capsys.readouterr().err
    assert not (tmp_path / "evaluations").exists()


def test_an_evaluation_that_did_not_finish_is_an_error(github: GitHubDouble) -> None:
    assert run(["post", "--unfinished"]) == 0
    assert github.statuses[0]["state"] == "error"
    assert "did not finish" in github.entries[0].body


def test_a_fork_gets_the_summary_and_is_told_why(
    github: GitHubDouble, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github.may_write = False
    (tmp_path / "event.json").write_text(event("stranger/service"))
    assert run(["post", "--run", str(folder)]) == 0
    assert "comes from a fork" in capsys.readouterr().out
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert "## 🔴 Blocked" in summary
    assert summary.count("comes from a fork") == 1


def test_a_job_without_the_permission_fails_and_the_summary_says_so(
    github: GitHubDouble, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github.may_write = False
    assert run(["post", "--run", str(folder)]) == 19
    assert "pull-requests: write" in capsys.readouterr().err
    assert "pull-requests: write" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_a_status_is_set_although_the_comment_was_refused(github: GitHubDouble, folder: Path) -> None:
    github.faults = [Fault(422, method="POST"), Fault(422, method="POST")]  # who we are, then the comment
    assert run(["post", "--run", str(folder)]) == 19
    assert [status["state"] for status in github.statuses] == ["failure"]


def test_the_comment_of_a_newer_commit_is_left_alone(
    github: GitHubDouble, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = github.add(github.me, f"{MARKER}\n\nof the newer commit")
    github.head = "d" * 40
    assert run(["post", "--run", str(folder)]) == 0
    assert newer.body.endswith("of the newer commit")
    assert "newer commit" in capsys.readouterr().out
    assert len(github.statuses) == 1


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--run", "nowhere"], 11),
        ([], 2),
        (["--running", "many"], 2),
        (["--running", "1/2", "--unfinished"], 2),
        (["--forge", "gitlab", "--unfinished"], 2),
    ],
)
def test_a_command_that_does_not_fit(github: GitHubDouble, arguments: list[str], status: int) -> None:
    assert run(["post", *arguments]) == status
    assert not github.requests


def test_outside_a_pipeline_it_says_what_is_missing(
    github: GitHubDouble, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS")
    monkeypatch.delenv("TF_BUILD", raising=False)
    assert run(["post", "--run", str(folder)]) == 10
    assert "--forge" in capsys.readouterr().err


def test_azure_pipelines_gets_a_thread_a_status_and_a_summary(
    forge_server: tuple[Behind, str],
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    behind, address = forge_server
    behind.app = double = AzureDouble()
    variables = {
        "TF_BUILD": "True",
        "SYSTEM_COLLECTIONURI": f"{address}/",
        "SYSTEM_TEAMPROJECTID": "project",
        "BUILD_REPOSITORY_ID": "repo",
        "SYSTEM_PULLREQUEST_PULLREQUESTID": str(NUMBER),
        "SYSTEM_PULLREQUEST_SOURCECOMMITID": COMMIT,
        "SYSTEM_ACCESSTOKEN": TOKEN,
        "MATRIA_HOME": str(tmp_path / "home"),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    assert run(["post", "--forge", "azure-devops", "--run", str(folder)]) == 0
    assert [(entry.state, "Blocked" in entry.body) for entry in double.entries] == [("active", True)]
    assert [status["state"] for status in double.statuses] == ["failed"]
    assert f"##vso[task.uploadsummary]{folder / 'comment.md'}\n" in capsys.readouterr().out


def step(path: str, name: str) -> str:
    """The shell of one step of a pipeline, by its name."""
    content = yaml.safe_load((PROJECT_ROOT / path).read_text(encoding="utf-8"))
    jobs = [content, *content.get("jobs", {}).values()]
    steps = [step for job in jobs for step in job.get("steps", [])]
    return next(str(s.get("run") or s["script"]) for s in steps if name in (s.get("name"), s.get("displayName")))


@pytest.mark.parametrize(("finished", "state"), [(True, "failure"), (False, "error")])
def test_the_last_step_of_the_workflow_posts_what_there_is(
    github: GitHubDouble, folder: Path, tmp_path: Path, finished: bool, state: str
) -> None:
    (tmp_path / "var").mkdir()
    if finished:
        folder.rename(tmp_path / "var" / "verdict")
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    script = step(".github/workflows/prompts.yml", "Post")
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    done = subprocess.run(shell, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [status["state"] for status in github.statuses] == [state]
    assert len(github.entries) == 1


def test_scores_without_a_verdict_let_nothing_through(folder: Path) -> None:
    (folder / "verdict.json").unlink()
    assert posting_of_run(folder, "en").state == "error"


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"state": "fine"}', '{"state": []}', '{"state": "blocked", "waivers": 3}']
)
def test_a_verdict_that_cannot_be_read_is_told(folder: Path, content: str) -> None:
    (folder / "verdict.json").write_text(content)
    with pytest.raises(InputError, match="evaluate again"):
        posting_of_run(folder, "en")


@pytest.mark.parametrize("name", ["comment.md", "summary.md", "verdict.json"])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_in_place_of_a_file_is_not_posted(
    github: GitHubDouble, folder: Path, tmp_path: Path, name: str, is_there: bool
) -> None:
    secret = tmp_path / "secret"
    if is_there:
        secret.write_text('{"state": "improved"}')
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(secret)
    assert run(["post", "--run", str(folder)]) == InputError.exit_code
    assert not github.requests
    assert not (tmp_path / "summary.md").exists()


def test_a_summary_stays_within_what_a_step_may_write(tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    file.write_text("earlier\n")
    environment = {"GITHUB_STEP_SUMMARY": str(file)}
    assert write_summary(environment, "ção\n" * 400_000)
    content = file.read_bytes()
    assert MOST_BYTES - 20 < len(content) <= MOST_BYTES
    assert content.decode("utf-8").startswith("earlier\nção\n")
    assert not write_summary({}, "nowhere")


def poster(github: GitHubDouble, every_s: float = 0.05) -> Poster:
    import os

    settings = Settings(forge=ForgeSettings(timeout_s=PATIENCE_S, max_attempts=1))
    return Poster(pull_request(settings, "github", os.environ), "en", every_s)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_after_an_update_there_is_a_pause_which_the_verdict_does_not_wait_for(
    github: GitHubDouble, folder: Path
) -> None:
    with poster(github, every_s=3600) as updates:
        updates.progress(0, 200)
        until(lambda: github.statuses)
        for done in range(1, 201):
            updates.progress(done, 200)
            time.sleep(0.002)  # enough for updates without a pause to go out
        posted = updates.finish(posting_of_run(folder, "en"))
    assert not posted.errors
    assert "Blocked" in github.entries[0].body
    assert len(github.entries) == 1
    assert len([request for request in github.requests if request.startswith("PATCH")]) == 1
    assert [status["state"] for status in github.statuses] == ["pending", "failure"]


def test_after_the_pause_the_newest_figures_go_out(github: GitHubDouble, folder: Path) -> None:
    with poster(github) as updates:
        updates.progress(1, 200)
        until(lambda: github.statuses)
        updates.progress(199, 200)
        updates.progress(200, 200)
        until(lambda: "200 of 200" in github.entries[0].body)
        updates.finish(posting_of_run(folder, "en"))
    assert [status["state"] for status in github.statuses] == ["pending", "failure"]


def test_progress_never_waits_for_the_forge(github: GitHubDouble, folder: Path) -> None:
    is_let_go = threading.Event()
    github.may_create = is_let_go.is_set
    with poster(github) as updates:
        updates.progress(0, 1000)
        until(lambda: github.created)
        for done in range(1000):
            updates.progress(done, 1000)
        assert not github.entries, "the forge has not answered yet"
        is_let_go.set()
        updates.finish(posting_of_run(folder, "en"))
    assert ["Blocked" in entry.body for entry in github.entries] == [True]


def test_an_update_that_fails_ends_the_updates_and_not_the_verdict(
    github: GitHubDouble, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    github.faults = [Fault(500)] * 3
    with poster(github) as updates:
        updates.progress(1, 10)
        until(lambda: not github.faults and "The evaluation goes on." in caplog.text)
        updates.progress(2, 10)
        posted = updates.finish(posting_of_run(folder, "en"))
    assert not posted.errors
    assert [entry.body for entry in github.entries] == [(folder / "comment.md").read_text(encoding="utf-8")]


def test_an_evaluation_that_raises_leaves_no_comment_saying_that_it_runs(github: GitHubDouble) -> None:
    def evaluate() -> None:
        with poster(github) as updates:
            updates.progress(1, 10)
            until(lambda: github.entries)
            raise InputError("gone")

    with pytest.raises(InputError, match="gone"):
        evaluate()
    assert github.entries[0].body == unfinished("en").body
    assert github.statuses[-1]["state"] == "error"
    assert "pull request" not in {thread.name for thread in threading.enumerate()}

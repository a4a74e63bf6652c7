"""What the pipelines promise: who may write, whose code runs there, what is pinned, and that their commands exist."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_commands_in_docs import ROOT, ROOT_COMMAND, parse

from matria.settings import setting_names

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))
PROMPTS = ROOT / ".github" / "workflows" / "prompts.yml"
ACTION = ROOT / ".github" / "actions" / "prompt-evaluation"
SCRIPT = ACTION / "evaluate.sh"
AZURE = ROOT / "deploy" / "azure-pipelines" / "prompts.yml"


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps_of(path: Path) -> Iterator[dict[str, Any]]:
    """Every step of a workflow, an action or an Azure pipeline."""
    content = read(path)
    yield from content.get("steps", [])
    yield from content.get("runs", {}).get("steps", [])
    jobs = content.get("jobs", [])
    for job in jobs.values() if isinstance(jobs, dict) else jobs:
        yield from job["steps"]


def scripts() -> Iterator[tuple[str, str]]:
    """Every piece of shell in the pipelines."""
    for path in (*WORKFLOWS, *ACTIONS, AZURE):
        for step in steps_of(path):
            if "run" in step or "script" in step:
                yield path.relative_to(ROOT).as_posix(), step.get("run") or step["script"]
    yield SCRIPT.relative_to(ROOT).as_posix(), SCRIPT.read_text(encoding="utf-8")


def commands() -> Iterator[tuple[str, str]]:
    for where, text in scripts():
        for line in text.splitlines():
            found = re.search(r'(?:\.venv/bin/matria|"\$matria") (.*)', line)
            if found:
                yield where, re.split(r"\|\||;|\$record", found[1])[0].strip()


COMMANDS = sorted(set(commands()))


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=lambda path: path.parent.name + "/" + path.name)
def test_every_action_is_pinned_by_its_commit(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if re.search(r"\buses: ", line)]
    assert lines
    for line in lines:
        assert re.search(r"uses: (\./\.github/actions/|[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$)", line), line


def test_an_action_has_one_pin_in_all_files() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (*WORKFLOWS, *ACTIONS))
    pins: dict[str, set[str]] = {}
    for action, commit in re.findall(r"uses: ([\w-]+/[\w-]+)[\w/-]*@(\w{40})", text):
        pins.setdefault(action, set()).add(commit)
    assert all(len(commits) == 1 for commits in pins.values()), pins


def test_no_expression_is_written_into_a_shell() -> None:
    assert not [where for where, text in scripts() if "${{" in text]
    azure = [step["script"] for step in steps_of(AZURE) if "script" in step]
    assert not [text for text in azure if "$(" in text]


def test_no_workflow_runs_a_forks_code_with_the_bases_rights() -> None:
    for path in WORKFLOWS:
        triggers = read(path)[True]  # YAML reads the key `on` as true
        assert "pull_request_target" not in triggers
        assert "workflow_run" not in triggers


def test_a_job_that_may_write_runs_the_code_of_the_base_alone() -> None:
    workflow = read(PROMPTS)
    assert workflow["permissions"] == {"contents": "read"}
    writing = {name: job for name, job in workflow["jobs"].items() if "permissions" in job}
    assert set(writing) == {"announce", "post"}
    for job in writing.values():
        assert job["permissions"] == {"contents": "read", "pull-requests": "write", "statuses": "write"}
        first = job["steps"][0]
        assert first["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
        assert sum(step.get("uses", "").startswith("actions/checkout@") for step in job["steps"]) == 1
        assert not [step for step in job["steps"] if step.get("uses", "").startswith("./")]


def test_on_azure_a_job_with_the_token_runs_the_code_of_the_target_alone() -> None:
    pipeline = read(AZURE)
    assert "steps" not in pipeline
    assert "System.AccessToken" not in yaml.safe_dump(pipeline["variables"])
    writing = {job["job"]: job for job in pipeline["jobs"] if "System.AccessToken" in yaml.safe_dump(job)}
    assert set(writing) == {"announce", "post"}
    for job in writing.values():
        assert job["workspace"] == {"clean": "all"}
        first, second = job["steps"][:2]
        assert (first["checkout"], first["persistCredentials"]) == ("self", False)
        assert second["script"] == "git checkout --quiet --detach HEAD^1"
        tasks = {step["task"] for step in job["steps"] if "task" in step}
        assert tasks <= {"UsePythonVersion@0", "DownloadPipelineArtifact@2"}
        assert "API_KEY" not in yaml.safe_dump(job)


def test_on_azure_what_the_verdict_hands_over_is_what_is_posted() -> None:
    """By one name from the job that wrote it to the job that posts it, of one attempt."""
    jobs = {job["job"]: job for job in read(AZURE)["jobs"]}
    publish = next(s for s in jobs["verdict"]["steps"] if s.get("task", "").startswith("PublishPipelineArtifact"))
    naming = next(s for s in jobs["verdict"]["steps"] if "task.setvariable" in s.get("script", ""))
    download = next(s for s in jobs["post"]["steps"] if s.get("task", "").startswith("DownloadPipelineArtifact"))
    evaluate = next(s for s in jobs["verdict"]["steps"] if "evaluate.sh" in s.get("script", ""))
    assert "variable=artifact;isOutput=true]verdict-$SYSTEM_JOBATTEMPT" in naming["script"]
    assert publish["inputs"]["artifact"] == f"$({naming['name']}.artifact)"
    assert publish["inputs"]["targetPath"] == evaluate["env"]["OUT"]
    output = jobs["post"]["variables"]["artifact"]
    assert output == f"$[ dependencies.verdict.outputs['{naming['name']}.artifact'] ]"
    assert download["inputs"]["artifact"] == "$(artifact)"
    assert download["continueOnError"] is True
    assert download["inputs"]["patterns"].split() == ["comment.md", "summary.md", "verdict.json"]
    assert jobs["post"]["dependsOn"] == ["announce", "verdict"]


def test_secrets_and_the_token_go_where_they_are_needed_alone() -> None:
    workflow = read(PROMPTS)
    for name, job in workflow["jobs"].items():
        text = yaml.safe_dump(job)
        assert ("secrets." in text) == (name == "verdict")
        assert ("github.token" in text) == (name != "verdict")
    assert "secrets." not in yaml.safe_dump({key: value for key, value in workflow.items() if key != "jobs"})
    for step in steps_of(AZURE):
        posts = "matria post" in step.get("script", "")
        assert ("MATRIA_CHAT__API_KEY" in step.get("env", {})) == ("evaluate.sh" in step.get("script", ""))
        assert ("SYSTEM_ACCESSTOKEN" in step.get("env", {})) == posts
    for path in (*WORKFLOWS, *ACTIONS):
        for step in steps_of(path):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_a_newer_push_ends_the_run_of_the_older() -> None:
    concurrency = read(PROMPTS)["concurrency"]
    assert concurrency == {"group": "prompts-${{ github.event.pull_request.number }}", "cancel-in-progress": True}


def test_what_starts_an_evaluation_is_the_same_on_both_forges() -> None:
    paths = read(PROMPTS)[True]["pull_request"]["paths"]
    line = next(line for line in AZURE.read_text(encoding="utf-8").splitlines() if "/prompts/*;" in line)
    assert [f"/{path.replace('**', '*')}" for path in paths] == line.removeprefix("#").strip().split(";")
    for path in paths:
        assert (ROOT / path.removesuffix("/**")).exists()


def test_answers_are_kept_though_the_verdict_fails_the_job() -> None:
    steps = list(steps_of(ACTION / "action.yml"))
    save = next(step for step in steps if step.get("uses", "").startswith("actions/cache/save@"))
    restore = next(step for step in steps if step.get("uses", "").startswith("actions/cache/restore@"))
    assert save["if"] == "always()"
    assert (save["with"]["path"], save["with"]["key"]) == (restore["with"]["path"], restore["with"]["key"])
    assert restore["with"]["key"].startswith(restore["with"]["restore-keys"])


def test_a_job_that_may_write_restores_no_cache() -> None:
    for job in read(PROMPTS)["jobs"].values():
        if "permissions" in job:
            uses = [step["uses"].split("@")[0] for step in job["steps"] if "uses" in step]
            assert set(uses) <= {"actions/checkout", "actions/setup-python", "actions/download-artifact"}
            assert all("cache" not in step.get("with", {}) for step in job["steps"])


def test_what_the_verdict_hands_over_is_what_is_posted() -> None:
    """By one name from the upload to the post, of one attempt; without it the verdict is unfinished."""
    jobs, action = read(PROMPTS)["jobs"], read(ACTION / "action.yml")
    upload = next(step for step in action["runs"]["steps"] if step.get("uses", "").startswith("actions/upload-art"))
    download = next(step for step in jobs["post"]["steps"] if step.get("uses", "").startswith("actions/download-art"))
    evaluation = next(step for step in jobs["verdict"]["steps"] if step.get("uses", "").startswith("./"))
    assert upload["with"]["name"] == "verdict-${{ github.run_attempt }}"
    named = action["outputs"]["artifact"]["value"]
    assert (
        named == f"${{{{ steps.{upload['id']}.outputs.artifact-id && format('verdict-{{0}}', github.run_attempt) }}}}"
    )
    assert jobs["verdict"]["outputs"]["artifact"] == f"${{{{ steps.{evaluation['id']}.outputs.artifact }}}}"
    assert download["with"]["name"] == "${{ needs.verdict.outputs.artifact }}"
    assert download["if"] == "needs.verdict.outputs.artifact != ''"
    assert download["continue-on-error"] is True
    assert download["with"]["path"] == evaluation["with"]["out"]
    assert upload["with"]["path"] == "${{ inputs.out }}"


@pytest.mark.parametrize(("where", "line"), COMMANDS, ids=str)
def test_a_command_in_a_pipeline_exists(where: str, line: str) -> None:
    parse(ROOT_COMMAND, [re.sub(r"^\$\{?\w+.*", "1", word) for word in shlex.split(line)])


def test_the_pipelines_have_commands() -> None:
    assert {line.split()[0] for _, line in COMMANDS} == {"post", "prompt", "suite", "eval"}


def test_every_setting_in_a_pipeline_exists() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (PROMPTS, ACTION / "action.yml", AZURE))
    assert set(re.findall(r"MATRIA_[A-Z_]+[A-Z]", text)) <= set(setting_names())


def test_the_base_is_the_one_that_the_change_was_merged_into() -> None:
    given = next(step["with"] for step in steps_of(PROMPTS) if step.get("uses", "").startswith("./"))
    azure = next(step["env"] for step in steps_of(AZURE) if "evaluate.sh" in step.get("script", ""))
    assert given["base"] == azure["BASE"] == "HEAD^1"


CHAT_PARTS = {"KIND", "MODEL", "BASE_URL", "API_KEY", "API_VERSION", "PRICED_AS"}


def test_what_names_a_model_reaches_the_evaluation_on_both_forges() -> None:
    """A model without a known price needs one that stands in: every run has a cap on cost."""
    workflow, action = PROMPTS.read_text(encoding="utf-8"), (ACTION / "action.yml").read_text(encoding="utf-8")
    script = SCRIPT.read_text(encoding="utf-8")
    assert set(re.findall(r"(?:vars|secrets)\.MATRIA_CHAT__(\w+)", workflow)) == CHAT_PARTS
    given = next(step["with"] for step in steps_of(PROMPTS) if step.get("uses", "").startswith("./"))
    assert set(given) <= set(read(ACTION / "action.yml")["inputs"])
    for part in CHAT_PARTS:
        assert f"MATRIA_CHAT__{part}: ${{{{ inputs.chat-{part.lower().replace('_', '-')} }}}}" in action
        assert f"MATRIA_CHAT__{part}" in AZURE.read_text(encoding="utf-8")
    assert set(re.findall(r'parts="([A-Z_ ]+)"', script)[0].split()) == CHAT_PARTS


def test_the_clinical_team_owns_what_lets_a_loss_through() -> None:
    owners = [line.split() for line in (ROOT / ".github" / "CODEOWNERS").read_text(encoding="utf-8").splitlines()]
    matching = [line[1:] for line in owners if line and line[0] in ("*", "/evals/", "/evals/waivers.yaml")]
    assert matching[-1] == ["@maternal-health/clinical"], "the last line that matches decides"


STUB = """#!/usr/bin/env bash
env | grep -E '^MATRIA_' | sort >> "$RECORD"
echo "ARGS $*" >> "$RECORD"
case "$1" in prompt | suite) exit "${LINT:-0}" ;; eval) exit "${VERDICT:-0}" ;; esac
"""


class TestScript:
    """evaluate.sh, with a stand-in for `matria` that notes what it was called with."""

    @pytest.fixture(autouse=True)
    def stub(self, tmp_path: Path) -> None:
        self.folder = tmp_path
        (tmp_path / "matria").write_text(STUB)
        (tmp_path / "matria").chmod(0o755)
        for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "base"], ["branch", "target"]):
            self.git(*command)
        self.git("commit", "-q", "--allow-empty", "-m", "change")

    def git(self, *command: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "init.defaultBranch=main")
        done = subprocess.run(["git", *who, *command], cwd=self.folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def run(self, **variables: str) -> tuple[int, list[str], str]:
        environment = {
            "PATH": os.environ["PATH"],
            "MATRIA": str(self.folder / "matria"),
            "RECORD": str(self.folder / "record"),
            "BASE": "HEAD^1",
            "OUT": str(self.folder / "out"),
            **variables,
        }
        done = subprocess.run(
            ["bash", SCRIPT], env=environment, cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert not done.stderr, done.stderr
        return done.returncode, (self.folder / "record").read_text().splitlines(), done.stdout

    def test_without_a_key_the_simulator_answers_and_it_is_said(self) -> None:
        status, record, said = self.run(
            MATRIA_CHAT__KIND="openai",
            MATRIA_CHAT__MODEL="gpt-4.1-mini",
            MATRIA_CHAT__API_KEY="",
            MATRIA_TRACKING__URI="x",
        )
        assert status == 0
        base = self.git("rev-parse", "HEAD^1")
        assert record == [
            f"ARGS prompt lint --against {base}",
            "ARGS suite lint",
            f"ARGS eval --against {base} --out {self.folder / 'out'} --max-cost 10 --no-record",
        ]
        assert "the bundled simulator answers" in said

    def test_a_folder_cannot_stand_in_for_the_base(self) -> None:
        (self.folder / "target").mkdir()
        _, record, _ = self.run(BASE="target")
        assert record[0] == f"ARGS prompt lint --against {self.git('rev-parse', 'HEAD^1')}"

    def test_without_the_base_nothing_is_asked(self) -> None:
        with pytest.raises(AssertionError, match="holds no commit 'origin/main'"):
            self.run(BASE="origin/main")
        assert not (self.folder / "record").exists()

    def test_what_azure_leaves_unfilled_is_unset(self) -> None:
        _, record, said = self.run(
            MATRIA_CHAT__API_KEY="$(MATRIA_CHAT__API_KEY)", MAX_COST="$(EVALUATION_MAX_COST)", MATRIA_LOCALE="pt-BR"
        )
        assert record[0] == "MATRIA_LOCALE=pt-BR"
        assert "--max-cost 10 " in record[-1]
        assert "simulator" in said

    def test_with_a_key_the_judge_is_as_real_as_the_model(self) -> None:
        _, record, said = self.run(
            MATRIA_CHAT__KIND="openai",
            MATRIA_CHAT__MODEL="m",
            MATRIA_CHAT__API_KEY="k",
            MATRIA_CHAT__PRICED_AS="openai/gpt-4.1-mini",
            MATRIA_TRACKING__URI="https://mlflow.example",
            MAX_COST="3",
        )
        assert {f"MATRIA_{who}__PRICED_AS=openai/gpt-4.1-mini" for who in ("CHAT", "JUDGE")} <= set(record)
        assert {"MATRIA_JUDGE__KIND=openai", "MATRIA_JUDGE__MODEL=m", "MATRIA_JUDGE__API_KEY=k"} <= set(record)
        assert record[-1].endswith("--max-cost 3")
        assert not said

    def test_a_judge_of_its_own_is_kept(self) -> None:
        _, record, _ = self.run(MATRIA_CHAT__API_KEY="k", MATRIA_CHAT__MODEL="m", MATRIA_JUDGE__API_KEY="j")
        assert "MATRIA_JUDGE__API_KEY=j" in record
        assert "MATRIA_JUDGE__MODEL=m" not in record

    @pytest.mark.parametrize(("lint", "verdict", "status"), [("0", "20", 20), ("1", "21", 21), ("1", "0", 1)])
    def test_the_exit_status_is_the_verdicts_before_the_lints(self, lint: str, verdict: str, status: int) -> None:
        done, record, _ = self.run(LINT=lint, VERDICT=verdict)
        assert done == status
        assert len([line for line in record if line.startswith("ARGS")]) == 3, "a finding does not hide the verdict"

    def test_a_verdict_of_an_earlier_commit_is_gone(self) -> None:
        (self.folder / "out").mkdir()
        (self.folder / "out" / "verdict.json").write_text("{}")
        self.run(VERDICT="15")
        assert not (self.folder / "out").exists()

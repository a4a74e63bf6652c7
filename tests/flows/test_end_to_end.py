"""A real Prefect server, everything of prefect.yaml deployed, a real worker: what an operator would see and read back.

Slow (a minute or more): it is the one place where flows run as they run in production.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from real_service import ENDS_ON_ANY_MACHINE, WAIT_S, changed_deployments

from flows.demo import edited_library
from flows.steps.data import ingest_events, publish_features, simulate_events
from flows.steps.evaluation import evaluate_prompts
from flows.steps.evaluation_request import EvaluationRequest
from flows.steps.simulated_week import simulate_week
from flows.up import heeding_interrupts
from flows.wiring import Platform
from matria import PROJECT_ROOT
from matria.settings import Settings

ON_REQUEST = {"evaluate-prompts/prompts-on-request", "evaluate-shard/shard"}
SHARDS = 3
SHARDED_PROMPT = "gestante/triagem.pt-PT"
"""Which no other test here evaluates."""
REVIEWS = ("review-batch/review-mondays", "review-due/review-due", "review-report/review-report-mondays")
pytestmark = ENDS_ON_ANY_MACHINE


def deploy_run(name: str, **parameters: Any) -> Any:
    """The flow run of a deployment, waited for."""
    from prefect.deployments import run_deployment

    return run_deployment(name, parameters=parameters, timeout=None, poll_interval=0.5)


def artifacts(flow_run: Any) -> dict[str, Any]:
    """The artifacts of a flow run by key."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId

    with get_client(sync_client=True) as client:
        found = client.read_artifacts(
            artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[flow_run.id]))
        )
    return {artifact.key: artifact for artifact in found}


@pytest.fixture(scope="module")
def platform(up: Settings) -> Platform:
    """What the test reads with; a small cohort is ingested and its features are published."""
    platform = Platform.load()
    assert platform.settings.home == up.home
    events = simulate_events(platform, 1500, 7, None, False, None)
    ingest_events(platform, [events.path], None)
    publish_features(platform, None)
    return platform


def test_everything_of_prefect_yaml_is_deployed(up: Settings) -> None:
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        deployments = client.read_deployments()
        flows = {flow.id: flow.name for flow in client.read_flows()}
    names = {f"{flows[d.flow_id]}/{d.name}" for d in deployments}
    assert names == {
        "ingest/ingest-hourly",
        "publish-features/features-daily",
        "retrain/risk-weekly",
        "evaluate-prompts/prompts-nightly",
        "watch-costs/costs-hourly",
        "tell-people/tell-people",
        "watch-handovers/handovers-every-five-minutes",
        "review-batch/review-mondays",
        "review-due/review-due",
        "review-report/review-report-mondays",
        *ON_REQUEST,
    }
    scheduled: list[Any] = [d for d in deployments if f"{flows[d.flow_id]}/{d.name}" not in ON_REQUEST]
    assert all(d.schedules and d.schedules[0].schedule.timezone == "America/Sao_Paulo" for d in scheduled)


def test_the_server_plans_the_runs_of_every_schedule(up: Settings) -> None:
    import time

    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter
    from prefect.client.schemas.objects import StateType

    planned: set[Any] = set()
    with get_client(sync_client=True) as client:
        deployments = {deployment.id for deployment in client.read_deployments() if deployment.schedules}
        wanted = FlowRunFilter.model_validate({"state": {"type": {"any_": [StateType.SCHEDULED]}}})
        deadline = time.monotonic() + WAIT_S
        while planned != deployments and time.monotonic() < deadline:
            planned = {run.deployment_id for run in client.read_flow_runs(flow_run_filter=wanted, limit=200)}
            time.sleep(1)
    assert planned == deployments


def test_retrain_is_read_back_from_mlflow(platform: Platform) -> None:
    run = deploy_run("retrain/risk-weekly", seed=7)
    assert run.state.is_completed(), run.state
    (version,) = platform.tracking.client.search_model_versions("name = 'obstetric-risk'")
    is_challenger = "challenger" in platform.tracking.client.get_registered_model("obstetric-risk").aliases
    assert is_challenger == (version.tags["validation"] == "pass")
    stored = platform.tracking.client.get_run(version.run_id)
    assert stored.info.run_name.startswith("obstetric-risk.risk-training.")
    assert stored.data.tags["is_simulated"] == "true"
    assert stored.data.metrics["quality_low"] < stored.data.metrics["quality"] < stored.data.metrics["quality_high"]
    assert stored.inputs.dataset_inputs, "the dataset's digest is with the run"
    assert "# " in artifacts(run)["model-card-report"].data
    assert "champion" not in platform.tracking.client.get_registered_model("obstetric-risk").aliases


def test_a_blocked_change_is_read_back_from_mlflow_and_names_the_run(platform: Platform) -> None:
    run = deploy_run(
        "evaluate-prompts/prompts-nightly",
        prompts=["gestante/triagem.pt-BR"],
        suites=["danger_signs"],
        library=str(edited_library(platform)),
        against=str(platform.settings.root / "prompts" / "library"),
    )
    assert run.state.is_failed()
    assert run.state.name == "Blocked"
    shown = artifacts(run)
    assert shown["evaluation-progress"].data == 100.0
    assert "bleeding" in shown["evaluation-report"].data
    assert "danger signs" in shown["evaluation-table"].data
    client = platform.tracking.client
    candidates = client.get_experiment_by_name("matria.candidates").experiment_id
    (compared,) = client.search_runs([candidates], "tags.kind = 'prompt-comparison'")
    assert compared.data.tags["verdict"] == "blocked"
    scored, before = client.search_runs([candidates], "tags.kind = 'prompt-evaluation'", order_by=["tag.side DESC"])
    assert (scored.data.tags["side"], before.data.tags["side"]) == ("head", "base")
    assert {run.data.tags["mlflow.parentRunId"] for run in (scored, before)} == {compared.info.run_id}
    assert scored.data.tags["prompt"] == "gestante/triagem.pt-BR"
    assert 0 <= scored.data.metrics["quality"] < 1
    assert scored.data.metrics["never_events_failed"] > 0


@pytest.fixture
def two_more_workers(up: Settings) -> Iterator[None]:
    """Beside the worker that is up."""
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "matria", "--limit", "1"]
    with heeding_interrupts():
        workers = [
            subprocess.Popen([*command, "--name", f"shards-{n}"], cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL)
            for n in range(SHARDS - 1)
        ]
    yield
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.wait()


@pytest.mark.usefixtures("two_more_workers")
def test_three_shards_on_three_workers_come_to_the_same_bytes_as_one_process(
    up: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters = {"prompts": [SHARDED_PROMPT], "suites": ["danger_signs"], "against": None, "shards": SHARDS}
    run = deploy_run("evaluate-prompts/prompts-on-request", **parameters)
    assert run.state.is_completed(), run.state
    sharded = Platform.load().shelf.newest("evaluation")
    assert sharded is not None
    asked = answers_asked_for(Platform.load())

    monkeypatch.setenv("MATRIA_HOME", str(tmp_path))
    monkeypatch.setenv("MATRIA_CACHE__KIND", "sqlite")
    monkeypatch.delenv("MATRIA_CHAT__SHARED_LIMIT")
    request = EvaluationRequest(suites=("danger_signs",), prompts=(SHARDED_PROMPT,), is_recorded=False)
    alone = evaluate_prompts(Platform.load(), request, lambda state: None)
    results = [folder / "results.jsonl" for folder in (sharded.folder, alone.report.folder)]
    assert results[0].read_bytes() == results[1].read_bytes()
    assert asked == alone.evaluation.asked, "each answer was asked for once, in whichever shard"


def answers_asked_for(platform: Platform) -> int:
    """Calls for the sharded prompt in the ledger."""
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC)
    entries = platform.ledger.between(now - timedelta(hours=1), now + timedelta(minutes=1))
    return sum(f"{e.prompt_name}.{e.locale}" == SHARDED_PROMPT and e.purpose == "evaluation" for e in entries)


def test_a_flow_on_the_command_line_uses_the_server_that_is_up(
    up: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    from flows.cli.entry import run

    assert run(["run", "watch-costs"]) == 0
    assert run(["run", "watch-handovers"]) == 0
    said = capsys.readouterr().out
    assert "NoData" in said, "too few messages are no data, and never fine"
    assert f"127.0.0.1:{up.serve.prefect_port}/runs/flow-run/" in said
    assert run(["run", "evaluate-prompts", "-p", "epochs=99"]) == 11
    assert "epochs" in capsys.readouterr().err


@pytest.fixture
def reviews_on_request(up: Settings) -> Iterator[None]:
    """No schedule draws, looks after or reports a week in between."""
    with changed_deployments(REVIEWS):
        yield


@pytest.mark.usefixtures("reviews_on_request")
def test_the_nurses_week_runs_as_flows_and_leaves_what_an_operator_reads(up: Settings, platform: Platform) -> None:
    from datetime import UTC, datetime, timedelta

    from evals.review.base import Reviewer
    from evals.review.weeks import week_before

    empty = deploy_run("review-batch/review-mondays")
    assert empty.state.name == "NotSetUp"
    platform.reviews.put_reviewer(Reviewer("nurse-a", "nurse-a", "a@example.org", "nurse", ("pt-BR", "pt-PT", "en")))
    of = week_before(datetime.now(UTC), platform.review_zone)
    simulate_week(platform, of.since, of.until, 12)
    drawn = deploy_run("review-batch/review-mondays")
    assert drawn.state.is_completed(), drawn.state
    assert f"{of.batch_id}: 12 items of 12 conversations" in drawn.state.message
    assert "review-batch-table" in artifacts(drawn)
    assert platform.transcripts is not None
    old = datetime.now(UTC) - timedelta(days=platform.settings.transcripts.keep_days + 20)
    simulate_week(platform, old, old + timedelta(days=7), 2)
    hourly = deploy_run("review-due/review-due")
    assert list(platform.transcripts.between(old, old + timedelta(days=7))) == [], "older than they may be kept"
    assert "12 new traces" in str(artifacts(hourly)["review-due-table"].description)
    reported = deploy_run("review-report/review-report-mondays")
    assert (reported.state.is_failed(), reported.state.name) == (True, "Unread")
    assert of.batch_id in artifacts(reported)["review-report"].data


def test_the_pages_show_what_the_flows_left(up: Settings, platform: Platform) -> None:
    import httpx

    def shown(port: int, path: str) -> str:
        return httpx.get(f"http://127.0.0.1:{port}/{path}", timeout=WAIT_S).text

    assert "Mátria" in shown(up.review.port, "sign-in")
    assert "rows in" in shown(up.serve.pages_port, "")
    assert shown(up.serve.mlflow_port, "health") == "OK"

"""An evaluation in MLflow: one run for the whole, and below it one for each prompt, suite and side."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from comparison_rows import DECISIONS
from evaluation_parts import BAD, GOOD, Answerer, library, suite

from evals.comparison import compare
from evals.engine import Evaluation, evaluate
from evals.gate import Verdict, decide
from evals.grading import Graders
from evals.record import metric_name, record
from evals.sided import Sided
from evals.store import RowStore
from evals.summary import Summary, summarise
from evals.trials import plan_trials
from matria.policy import Policy
from matria.provenance import Provenance
from matria.tracking import Tracking
from prompts.publish import publish
from prompts.repository import PromptLibrary

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
CASES = 6


@pytest.fixture
def tracking(tmp_path: Path, mlflow_in: Callable[[Path], Path]) -> Tracking:
    origin = Provenance(git_commit="abc", code_hash="def", config_hash="ghi")
    return Tracking(f"sqlite:///{mlflow_in(tmp_path)}", "team", origin, tmp_path / "artifacts")


@pytest.fixture
def head(tmp_path: Path) -> PromptLibrary:
    return library(tmp_path / "head", "Reassure.", "1.1.0")  # type: ignore[no-any-return]


@pytest.fixture
def evaluation(tmp_path: Path, head: PromptLibrary, policy: Policy) -> Evaluation:
    """A base that escalates against a head that does not."""
    graders = Graders(policy, "US")
    base = library(tmp_path / "base", "Escalate.")
    plan = plan_trials([suite(CASES)], head, base, model="fake-1", grading=graders.identity, country="US")
    with RowStore(tmp_path / "rows", 8) as store:
        return asyncio.run(evaluate(plan, Answerer({"Escalate": GOOD, "Reassure": BAD}), graders, store))


@pytest.fixture
def verdict(evaluation: Evaluation, policy: Policy) -> Verdict:
    return decide(compare(evaluation.results.pairs(), policy), policy)


@pytest.fixture
def summary(evaluation: Evaluation, policy: Policy) -> Summary:
    return summarise(evaluation.results.of_side("head"), policy)


def test_a_run_for_the_whole_and_one_for_each_side(
    tmp_path: Path,
    tracking: Tracking,
    head: PromptLibrary,
    evaluation: Evaluation,
    verdict: Verdict,
    summary: Summary,
    policy: Policy,
) -> None:
    report = tmp_path / "comment.md"
    report.write_text("Blocked.")
    (published,) = publish([head.load("gestante/triagem", "en")], tracking.client, "abc")
    ids = record(tracking, evaluation, summary, verdict, [report], policy, NOW)
    whole, base, after = (tracking.client.get_run(run_id) for run_id in ids)

    assert whole.data.tags["verdict"] == "blocked"
    assert whole.data.metrics["new_never_events"] == CASES
    assert whole.data.metrics["quality"] == summary.quality
    assert [artifact.path for artifact in tracking.client.list_artifacts(ids[0])] == ["comment.md"]

    assert [run.data.tags["side"] for run in (base, after)] == ["base", "head"]
    assert all(run.data.tags["mlflow.parentRunId"] == ids[0] for run in (base, after))
    assert (base.data.metrics["axis.danger_signs"], after.data.metrics["axis.danger_signs"]) == (1.0, 0.0)
    assert after.data.metrics["stage.third_trimester"] < base.data.metrics["stage.third_trimester"]
    assert after.data.metrics["cost_usd_per_case"] == pytest.approx(0.001)
    assert after.data.metrics["cost_usd_total"] == pytest.approx(0.001 * CASES)
    assert after.data.metrics["unpriced_share"] == 0
    assert after.inputs.dataset_inputs[0].dataset.name == "danger_signs"
    assert after.data.tags["is_simulated"] == "true"
    rows = tracking.client.download_artifacts(ids[2], "rows.jsonl", str(tmp_path))
    lines = [json.loads(line) for line in Path(rows).read_text().splitlines()]
    assert len(lines) == CASES
    assert {line["taken"]["cost_usd"] for line in lines} == {"0.001"}, "each case with what it cost"
    assert published.registry_name in after.data.tags["mlflow.linkedPrompts"]
    assert "mlflow.linkedPrompts" not in base.data.tags, "the base was never published"


def test_traces_are_of_what_changed_and_bounded(
    tracking: Tracking, evaluation: Evaluation, verdict: Verdict, summary: Summary, policy: Policy
) -> None:
    from dataclasses import replace

    few = Policy(
        {**policy.thresholds, "tracking.max_traces": replace(policy.thresholds["tracking.max_traces"], value=4)},
        policy.digest,
    )
    (whole, *_) = record(tracking, evaluation, summary, verdict, [], few, NOW)
    experiment = tracking.client.get_run(whole).info.experiment_id
    traces = tracking.client.search_traces(locations=[experiment])
    assert len(traces) == 4
    assert {trace.info.tags["kind"] for trace in traces} == {"regressed"}
    assert {trace.info.tags["side"] for trace in traces} == {"base", "head"}


def test_parts_of_the_cases_are_named_as_mlflow_allows(tracking: Tracking) -> None:
    name = metric_name("locale × persona", "pt-BR × gestante", "danger_signs")
    assert name == "locale-persona.pt-BR-gestante.danger_signs"
    tags = {"prompt": "p", "verdict": "improved"}
    with tracking.start("prompt-comparison", subject="p", data_version="d", is_simulated=True, tags=tags) as run:
        run.log_batch({"a": "b"}, {f"{name}.{number}": 1.0 for number in range(2_000)})
    assert len(tracking.client.get_run(run.run_id).data.metrics) == 2_000


def test_answers_that_people_no_longer_see_are_counted_and_traced(
    tmp_path: Path, tracking: Tracking, head: PromptLibrary, policy: Policy
) -> None:
    graders, base = Graders(policy, "US"), library(tmp_path / "base", "Escalate.")
    plan = plan_trials([suite(CASES)], head, base, model="fake-1", grading=graders.identity, country="US")
    words = {"Escalate": GOOD, "Reassure": GOOD}
    sides = Sided(
        Answerer(words, decisions=DECISIONS["answered"]),
        Answerer(words, outcome="withheld", decisions=DECISIONS["withheld"]),
    )
    with RowStore(tmp_path / "rows", 8) as store:
        evaluation = asyncio.run(evaluate(plan, sides, graders, store))
    verdict = decide(compare(evaluation.results.pairs(), policy), policy)
    summary = summarise(evaluation.results.of_side("head"), policy)
    runs = [tracking.client.get_run(one) for one in record(tracking, evaluation, summary, verdict, [], policy, NOW)]
    whole, base_run, head_run = (run.data.metrics for run in runs)
    assert (whole["newly_stopped_conversations"], whole["answered_again_conversations"]) == (CASES, 0)
    assert (base_run["answers.answered"], base_run["answers.stopped_share"]) == (CASES, 0)
    assert (head_run["answers.withheld"], head_run["answers.stopped_share"]) == (CASES, 1)
    assert head_run["quality"] == base_run["quality"], "no score moved"
    traces = tracking.client.search_traces(locations=[runs[0].info.experiment_id])
    assert {trace.info.tags["kind"] for trace in traces} == {"stopped"}


def test_without_a_base_the_failures_are_traced(
    tracking: Tracking, evaluation: Evaluation, summary: Summary, policy: Policy
) -> None:
    (whole, *_) = record(tracking, evaluation, summary, None, [], policy, NOW)
    run = tracking.client.get_run(whole)
    assert run.data.tags["kind"] == "prompt-scores"
    assert "verdict" not in run.data.tags
    traces = tracking.client.search_traces(locations=[run.info.experiment_id])
    assert {trace.info.tags["kind"] for trace in traces} == {"never_event"}
    assert len(traces) == CASES

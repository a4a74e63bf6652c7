"""An evaluation in MLflow: one run for each prompt, and one for the verdict, each written in a handful of calls.

Runs carry `quality`, `quality_low` and `quality_high` like every other candidate, so that prompts stand beside models;
rows and reports are artifacts of the run of the verdict, or of each prompt's where nothing was compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from evals.engine import Evaluation
from evals.gate import Verdict
from evals.rows import Row
from evals.store import Results
from evals.summary import Summary
from matria.tracking import Run, Tracking

_DIGITS = 16


def record(
    tracking: Tracking,
    evaluation: Evaluation,
    scores: Mapping[str, Summary],
    verdict: Verdict | None,
    reports: Sequence[Path],
    now: datetime,
) -> list[str]:
    """The ids of the runs: each prompt's in the order of `scores`, then the verdict's where there is one.

    `reports` are the files of `evals.outputs.write_reports`. Raises `TrackingError` where MLflow does not take them.
    """
    head = evaluation.side("head")
    ids = []
    for name, summary in scores.items():
        rows = [row for row in head if row.prompt == name]
        ids.append(_record_prompt(tracking, evaluation, name, summary, rows, now))
    if verdict:
        ids.append(_record_verdict(tracking, evaluation, verdict, reports, now))
    return ids


def _record_prompt(
    tracking: Tracking, evaluation: Evaluation, name: str, summary: Summary, rows: Sequence[Row], now: datetime
) -> str:
    tags = {"prompt": name, "suites": ",".join(summary.suites), "model": evaluation.plan.model}
    with tracking.start(
        "prompt-evaluation",
        subject=name,
        data_version=evaluation.plan.digest[:_DIGITS],
        is_simulated=summary.is_simulated,
        tags={**tags, "prompt_hash": rows[0].prompt_hash, "prompt_version": rows[0].prompt_version},
        now=now,
    ) as run:
        run.log_params({**tags, "prompt_version": rows[0].prompt_version, "epochs": len({r.epoch for r in rows})})
        run.log_metrics(_metrics(summary))
        own = (entry for entry in evaluation.results.of_side("head") if entry.row.prompt == name)
        lines = Results.of(replace(entry, sides=("head",)) for entry in own).lines()
        run.log_text(b"".join(lines).decode("utf-8"), "rows.jsonl")
        return run.run_id


def _metrics(summary: Summary) -> dict[str, float | None]:
    each = summary.spend.usd_per_answer
    return {
        "quality": summary.quality,
        "quality_low": summary.quality_low,
        "quality_high": summary.quality_high,
        **{f"axis.{axis.axis}": axis.mean for axis in summary.axes},
        "cases": summary.cases,
        "never_events_failed": len(summary.never_events),
        "answer_error_share": summary.counts.answer_error_share,
        "grader_error_share": summary.counts.grader_error_share,
        "cost_usd_per_case": None if each is None else float(each),
        "input_tokens": summary.spend.input_tokens,
        "output_tokens": summary.spend.output_tokens,
        "latency_ms": summary.spend.latency_ms,
    }


def _record_verdict(
    tracking: Tracking, evaluation: Evaluation, verdict: Verdict, reports: Sequence[Path], now: datetime
) -> str:
    comparison = verdict.comparison
    prompts = ",".join(comparison.prompts)
    subject = comparison.prompts[0] if len(comparison.prompts) == 1 else f"{len(comparison.prompts)}-prompts"
    with tracking.start(
        "prompt-comparison",
        subject=subject,
        data_version=evaluation.plan.digest[:_DIGITS],
        is_simulated=verdict.is_simulated,
        tags={"prompt": prompts, "verdict": verdict.state, "model": evaluation.plan.model},
        now=now,
    ) as run:
        run.log_params({"verdict": verdict.state, "prompts": prompts, "model": evaluation.plan.model})
        run.log_metrics(_verdict_metrics(verdict))
        _log_files(run, reports)
        return run.run_id


def _verdict_metrics(verdict: Verdict) -> dict[str, float | None]:
    comparison = verdict.comparison
    metrics: dict[str, float | None] = {"exit_code": verdict.exit_code}
    for difference in (comparison.quality, *comparison.axes):
        metrics[f"difference.{difference.name}"] = difference.mean
        metrics[f"difference_low.{difference.name}"] = difference.low
        metrics[f"difference_high.{difference.name}"] = difference.high
    metrics["regressions"] = len(comparison.regressions)
    metrics["fixes"] = len(comparison.fixes)
    metrics["new_never_events"] = len(comparison.new_never_events)
    return metrics


def _log_files(run: Run, files: Sequence[Path]) -> None:
    for file in files:
        run.log_artifact(file)

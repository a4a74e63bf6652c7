"""An evaluation in MLflow: a run for each prompt, suite and side, below one run for the whole.

The run of the whole carries the verdict, the differences by axis and slice, and the reports; each run below it the
scores of one version of a prompt on one suite, its rows, the digest of the suite and a link to the prompt's published
version. All carry `quality`, `quality_low` and `quality_high` like every other candidate, so that prompts stand beside
models, and what the rails decided (`evals.rail_figures`). Traces are written for what somebody will want to open alone:
answers that changed for the worse, and failures. Rows hold no personal data, so nor does what is written here.
"""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from evals.comparison import Comparison, Difference
from evals.engine import Evaluation
from evals.gate import Verdict
from evals.pairs import PairKey, pair_key
from evals.rail_figures import rail_figures
from evals.rowlines import dumps, result_line
from evals.rows import Entry, Meter, Row, Side
from evals.shown import ShownCounts
from evals.standing import Standings
from evals.summary import Summary, summarise
from matria.policy import Policy
from matria.tracking import Run, TraceRecord, Tracking
from prompts.prompt import PromptRef
from prompts.publish import registered_uri

_DIGITS = 16


@dataclass(frozen=True)
class _Group:
    """One version of a prompt on one suite."""

    prompt: str
    suite: str
    side: Side
    prompt_hash: str
    prompt_version: str

    @property
    def ref(self) -> PromptRef:
        name, _, locale = self.prompt.rpartition(".")
        return PromptRef(name, locale)

    def has(self, entry: Entry) -> bool:
        row = entry.row
        return (row.prompt, row.suite) == (self.prompt, self.suite) and self.side in entry.sides


def record(
    tracking: Tracking,
    evaluation: Evaluation,
    head: Summary,
    verdict: Verdict | None,
    reports: Sequence[Path],
    policy: Policy,
    now: datetime,
) -> list[str]:
    """The ids of the runs: that of the whole first, then one for each prompt, suite and side.

    `head` sums up the head's rows; `reports` are the files of `evals.outputs.write_reports`. Raises `TrackingError`
    where MLflow does not take them.
    """
    kind = "prompt-comparison" if verdict else "prompt-scores"
    tags = {
        "prompt": ",".join(head.prompts),
        "suite": ",".join(head.suites),
        "model": evaluation.plan.model,
        **({"verdict": verdict.state} if verdict else {}),
    }
    with tracking.start(
        kind,
        subject=head.prompts[0] if len(head.prompts) == 1 else f"{len(head.prompts)}-prompts",
        data_version=evaluation.plan.digest[:_DIGITS],
        is_simulated=evaluation.is_simulated,
        tags=tags,
        now=now,
    ) as run:
        rails = rail_figures(evaluation.results.of_side("head"))
        spent = {"cost_usd_spent": float(evaluation.cost_usd)}
        run.log_batch(tags, {**_scores(head), **spent, **rails, **(_verdict_metrics(verdict) if verdict else {})})
        for file in reports:
            run.log_artifact(file)
        run.log_traces(list(_traces(evaluation, verdict, policy.count("tracking.max_traces"))))
        groups = _groups(evaluation)
        prompts = {(group.ref, group.prompt_hash) for group in groups}
        versions = {key: registered_uri(tracking.client, *key) for key in sorted(prompts)}
        parts = [
            _record_group(tracking, evaluation, group, versions[group.ref, group.prompt_hash], policy, now)
            for group in groups
        ]
    return [run.run_id, *parts]


def _groups(evaluation: Evaluation) -> list[_Group]:
    """Each prompt, suite and side that has rows; a prompt that did not change has its rows on both."""
    found = {
        _Group(e.row.prompt, e.row.suite, side, e.row.prompt_hash, e.row.prompt_version): None
        for e in evaluation.results.entries()
        for side in e.sides
    }
    return sorted(found, key=lambda group: (group.prompt, group.suite, group.side))


def _record_group(
    tracking: Tracking, evaluation: Evaluation, group: _Group, version: str | None, policy: Policy, now: datetime
) -> str:
    def entries() -> Iterator[Entry]:
        return (entry for entry in evaluation.results.entries() if group.has(entry))

    summary = summarise(entries(), policy)
    suite = next(suite for suite in evaluation.plan.suites if suite.id == group.suite)
    tags = {
        "prompt": group.prompt,
        "suite": group.suite,
        "side": group.side,
        "model": evaluation.plan.model,
        "prompt_hash": group.prompt_hash,
        "prompt_version": group.prompt_version,
    }
    with tracking.start(
        "prompt-evaluation",
        subject=f"{group.prompt}.{group.suite}.{group.side}",
        data_version=suite.digest[:_DIGITS],
        is_simulated=summary.is_simulated,
        tags=tags,
        now=now,
    ) as run:
        epochs = len({entry.row.epoch for entry in entries()})
        run.log_batch(
            {**tags, "epochs": epochs}, {**_scores(summary), **rail_figures(entries()), **_by_stage(entries())}
        )
        run.log_dataset(suite.id, suite.digest, f"evals/suites/{suite.id}")
        if version:
            run.link_prompt(version)
        _log_rows(run, entries(), group.side)
        return run.run_id


def _log_rows(run: Run, entries: Iterator[Entry], side: Side) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        with path.open("wb") as file:
            file.writelines(result_line(dumps(entry.row), (side,), _taken(entry.meter)) for entry in entries)
        run.log_artifact(path)


def _taken(meter: Meter) -> bytes:
    """What one case took, for its row: dollars as text, unknown as null."""
    return dumps({name: getattr(meter, name) for name in ("cost_usd", "cost_state", "price_source", "latency_ms")})


def _scores(summary: Summary) -> dict[str, float | None]:
    spend = summary.spend
    each = spend.usd_per_answer
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
        "cost_usd_total": None if spend.usd is None else float(spend.usd),
        "unpriced_share": (spend.answers - spend.priced) / spend.answers if spend.answers else None,
        "input_tokens": spend.input_tokens,
        "output_tokens": spend.output_tokens,
        "latency_ms": spend.latency_ms,
        **_shown(summary.counts.shown),
    }


def _shown(counts: ShownCounts) -> dict[str, float | None]:
    """`answers.withheld` and the like, and the share that nobody is shown; empty where no rail was asked."""
    if not counts.outcomes:
        return {}
    by_outcome = {f"answers.{name}": count for name, count in counts.outcomes.items()}
    return {**by_outcome, "answers.stopped_share": counts.stopped_share}


def _by_stage(entries: Iterator[Entry]) -> dict[str, float]:
    """The mean score of each stage, over its rows that have one."""
    scores: dict[str, list[float]] = {}
    for entry in entries:
        if entry.row.stage and entry.row.score is not None:
            scores.setdefault(entry.row.stage, []).append(entry.row.score)
    return {f"stage.{stage}": sum(own) / len(own) for stage, own in sorted(scores.items())}


def _verdict_metrics(verdict: Verdict) -> dict[str, float | None]:
    comparison = verdict.comparison
    metrics: dict[str, float | None] = {"exit_code": verdict.exit_code}
    for difference in (comparison.quality, *comparison.axes):
        metrics |= _difference(difference, difference.name)
    for part in comparison.slices:
        if part.difference.low is not None and part.difference.state != "unchanged":
            metrics |= _difference(part.difference, metric_name(part.dimension, part.value, part.difference.name))
    metrics["regressions"] = len(comparison.regressions)
    metrics["fixes"] = len(comparison.fixes)
    metrics["new_never_events"] = len(comparison.new_never_events)
    metrics["newly_stopped_conversations"] = comparison.newly_stopped.conversations
    metrics["answered_again_conversations"] = comparison.newly_stopped.answered_again
    return metrics | _trust_metrics(verdict.standings) if verdict.standings else metrics


def _trust_metrics(standings: Standings) -> dict[str, float | None]:
    """How far each judge is trusted where it graded, and what waits for nurses; `trust.rubric-m-1.tone.kappa`."""
    metrics: dict[str, float | None] = {
        "judges_informing": len(standings.informing),
        "rulings": standings.rulings,
        "answers_waiting": len(standings.waiting.item_ids) if standings.waiting else 0,
    }
    for one in standings.judges:
        trust = one.trust
        place = one.axis if trust.criterion == f"axis:{one.axis}" else trust.criterion.replace("/", ".")
        name = metric_name("trust", one.name, place)
        figures = {"kappa": trust.kappa, "sensitivity": trust.sensitivity, "specificity": trust.specificity}
        metrics |= {f"{name}.{figure}": interval.value for figure, interval in figures.items()}
        metrics |= {f"{name}.n": trust.n, f"{name}.decides": one.decides}
    return metrics


def metric_name(dimension: str, value: str, axis: str) -> str:
    """A part of the cases in the letters that MLflow takes: `locale-persona.pt-BR-gestante.danger_signs`."""
    return ".".join(re.sub(r"[^\w./-]+", "-", name) for name in (dimension, value, axis))


def _difference(difference: Difference, name: str) -> dict[str, float | None]:
    return {
        f"difference.{name}": difference.mean,
        f"difference_low.{name}": difference.low,
        f"difference_high.{name}": difference.high,
    }


def _traces(evaluation: Evaluation, verdict: Verdict | None, most: int) -> Iterator[TraceRecord]:
    """Answers that changed for the worse or the better, the gravest first; then failed never-events and errors."""
    kinds = _flipped(verdict.comparison, most) if verdict else {}
    found: dict[PairKey, list[TraceRecord]] = {}
    failures: list[TraceRecord] = []
    for entry in evaluation.results.entries():
        key = pair_key(entry.row)
        if key in kinds:
            found.setdefault(key, []).append(_trace(entry, kinds[key]))
        elif len(failures) < most and "head" in entry.sides and (kind := _failure(entry.row)):
            failures.append(_trace(entry, kind))
    ordered = [trace for key in kinds for trace in found.get(key, [])]
    yield from islice([*ordered, *failures], most)


def _flipped(comparison: Comparison, most: int) -> Mapping[PairKey, str]:
    pairs = [((f.suite, f.case, f.prompt), "regressed") for f in comparison.regressions]
    pairs += [(answer.key, "stopped") for answer in comparison.newly_stopped.answers]
    pairs += [((f.suite, f.case, f.prompt), "fixed") for f in comparison.fixes]
    kinds: dict[PairKey, str] = {}
    for key, kind in pairs:
        if len(kinds) < most:
            kinds.setdefault(key, kind)
    return kinds


def _failure(row: Row) -> str:
    if row.error:
        return "answer_error"
    if any(c.grader_error for c in row.criteria):
        return "grader_error"
    return "never_event" if any(c.never and c.is_failed for c in row.criteria) else ""


def _trace(entry: Entry, kind: str) -> TraceRecord:
    row = entry.row
    return TraceRecord(
        name=row.case,
        inputs={"messages": [message.as_wire() for message in row.messages]},
        outputs={"answer": row.answer.graded_text} if row.answer else {"error": row.error.message if row.error else ""},
        attributes={
            "score": row.score,
            "criteria": [
                {"id": c.id, "text": c.text, "met": c.met, "failed": c.is_failed, "quote": c.quote}
                for c in row.criteria
            ],
            "decisions": [
                {"direction": d.direction, "rail": d.rail, "action": d.action, "reasons": d.reasons, "levels": d.levels}
                for d in (row.answer.decisions if row.answer else ())
            ],
        },
        tags={"case": row.case, "prompt": row.prompt, "suite": row.suite, "side": "+".join(entry.sides), "kind": kind},
    )

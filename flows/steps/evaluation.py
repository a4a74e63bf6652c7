"""Evaluating prompts: from a request to rows, a verdict where there is a base, reports, and runs in MLflow.

Rows are kept under `home/evaluations`, each under a key of all that decides it, so that a run that was killed goes on
where it stopped and nothing that is known is asked again; `fresh` asks everything anew, once a day.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from flows.shelf import Report
from flows.steps.evaluation_budget import left_by, opened, refuse_small_cap
from flows.steps.evaluation_confirm import Again
from flows.steps.evaluation_estimate import rest_of
from flows.steps.evaluation_reports import base_of, difference_row, failed_of, hidden_of, score_row, shelve, verdict_on
from flows.steps.evaluation_request import EvaluationRequest
from flows.steps.evaluation_setup import Setup, folder_of, graders_of, plan_of, set_up
from flows.steps.evaluation_subject import subject_of
from matria.errors import ModelError, SuiteError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evals.engine import Evaluation
    from evals.gate import Verdict
    from evals.progress import Progress
    from evals.summary import Summary
    from evals.trials import Plan
    from evals.why import Explanation
    from flows.steps.evaluation_estimate import Outlook
    from flows.wiring import Platform


@dataclass(frozen=True)
class EvaluationOutcome:
    """What an evaluation led to."""

    evaluation: "Evaluation"
    scores: "Mapping[str, Summary]"
    verdict: "Verdict | None"
    report: Report
    files: tuple[Path, ...]
    failed: tuple[str, ...] = ()
    """Prompts of which too many answers or grades are missing to tell."""
    hidden: tuple[str, ...] = ()
    """Prompts of which the rails stop too many answers for their scores to mean anything."""

    @property
    def state(self) -> str:
        """The verdict's state; where there was no base, `scored`, or `error` where too much is missing or stopped."""
        if self.verdict:
            return self.verdict.state
        return "error" if self.exit_code else "scored"

    @property
    def prompts(self) -> tuple[str, ...]:
        """What was evaluated."""
        return tuple(self.scores)

    @property
    def exit_code(self) -> int:
        """The verdict's exit status; without a base, 0 unless nothing was scored or a prompt lacks or hides too much.

        More than the allowed share over all is more than it of some prompt.
        """
        if self.verdict:
            return self.verdict.exit_code
        is_scored = any(score.quality is not None for score in self.scores.values())
        return 0 if is_scored and not self.failed and not self.hidden else 22

    @property
    def would_see(self) -> str:
        """What people would see of the answers, in one line; empty where none went through the rails."""
        from evals.report.seen import would_see
        from evals.wording import wording

        if self.verdict:
            comparison = self.verdict.comparison
            return would_see(comparison.head.shown.outcomes, comparison.base.shown.outcomes, wording("en"))
        counts = Counter[str]()
        for score in self.scores.values():
            counts.update(score.counts.shown.outcomes)
        return would_see(counts, None, wording("en"))

    @property
    def waiting(self) -> str:
        """What waits for nurses, and how to queue it, in one line; empty where nothing does."""
        from evals.report.standings import waiting
        from evals.wording import wording

        command = f"matria review queue --run {self.files[0].parent}" if self.files else "matria review queue"
        return waiting(self.verdict.standings if self.verdict else None, wording("en"), command)

    def table(self) -> list[dict[str, Any]]:
        """A row per axis where two versions were compared, else a row per prompt; none where nothing was evaluated."""
        if self.verdict and self.scores:
            return [difference_row(axis) for axis in (*self.verdict.comparison.axes, self.verdict.comparison.quality)]
        return [score_row(name, score) for name, score in self.scores.items()]


def evaluate_prompts(
    platform: "Platform", request: EvaluationRequest, progress: "Progress", outlook: "Outlook | None" = None
) -> EvaluationOutcome:
    """The request carried out. Raises `PromptError`, `SuiteError`, `ModelError` before anything is asked.

    `outlook` is what was estimated of the same request, whose plan need not be made again.
    """
    from evals.comparison import compare
    from evals.summary import by_prompt

    setup = outlook.setup if outlook else set_up(platform, request)
    known = outlook.plan if outlook else None
    evaluation = _nothing(platform, request, setup) or asyncio.run(_evaluate(platform, request, setup, progress, known))
    policy = platform.policy
    scores = by_prompt(evaluation.results.of_side("head"), policy)
    verdict = None
    if request.against is not None:
        comparison = compare(evaluation.results.pairs(), policy)
        verdict = verdict_on(platform, request, setup, evaluation, comparison)
    report, files = shelve(platform, request, setup, evaluation, scores, verdict)
    return EvaluationOutcome(
        evaluation, scores, verdict, report, files, failed_of(scores, policy), hidden_of(scores, policy)
    )


def explain_case(platform: "Platform", case: str, run: Path | None) -> "list[Explanation]":
    """Why one case got its score, from the newest evaluation or the folder named. Raises `SuiteError`."""
    from evals.precedents import FilePrecedents
    from evals.store import read_results
    from evals.why import explain

    folder = run
    if folder is None:
        newest = platform.shelf.newest("evaluation")
        if newest is None:
            raise SuiteError("No evaluation lies on the shelf: run `matria eval` first.")
        folder = newest.folder
    precedents = FilePrecedents(platform.settings.home / "review" / "precedents.jsonl")
    return explain(case, read_results(folder), precedents, base_of(folder))


def _nothing(platform: "Platform", request: EvaluationRequest, setup: Setup) -> "Evaluation | None":
    """The evaluation of no prompt at all, which asks nothing and opens no model; None where there is one."""
    from evals.engine import Evaluation
    from evals.results import Results
    from evals.trials import Plan

    if not setup.asks_nothing or request.against is None:
        return None
    plan = Plan.of_nothing(setup.suites, request.model or platform.settings.chat.model)
    return Evaluation(plan, Results.of([]), 0, 0)


async def _evaluate(
    platform: "Platform", request: EvaluationRequest, setup: Setup, progress: "Progress", known: "Plan | None"
) -> "Evaluation":
    from evals.engine import evaluate
    from evals.store import RowStore

    async with opened(platform, request) as asked:
        graders = graders_of(platform, request, asked.judge)
        plan = known or plan_of(platform, request, setup, graders)
        subject, account = subject_of(platform, request, setup, asked), asked.account
        with RowStore(folder_of(platform, request, setup), platform.policy.count("engine.rows_per_sync")) as store:
            evaluation = await evaluate(plan, subject, graders, store, progress, account)
            _refuse_silence(evaluation)
            if request.against is not None:
                again = Again(platform, request, setup, subject, graders, store, account, progress)
                evaluation = await again.confirmed(evaluation)
            refuse_small_cap(request, evaluation, account)
            if not evaluation.unasked:
                return evaluation
            rest = rest_of(platform, request, plan, store, (asked.chat.provider, asked.judge.provider))
            return replace(evaluation, left=left_by(request, evaluation, rest, account))


def _refuse_silence(evaluation: "Evaluation") -> None:
    """Raises the endpoint's own `ModelError` where it answered nothing at all."""
    from models.assistant.failures import Failure

    first = None
    for row in evaluation.rows:
        if row.error is None or row.error.type not in ("ModelError", *get_args(Failure)):
            return
        first = first or row.error
    if first is not None:
        raise ModelError(first.message)

"""Evaluating prompts: from a request to rows, a verdict where there is a base, reports, and runs in MLflow.

Rows are kept under `home/evaluations`, each under a key of all that decides it, so that a run that was killed goes on
where it stopped and nothing that is known is asked again; `fresh` asks everything anew, once a day.
"""

import asyncio
import json
import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.shelf import Report
from flows.steps.prompts import library_at
from matria import PROJECT_ROOT, durable
from matria.errors import ModelError, SuiteError
from matria.provenance import digest, folder_digest

if TYPE_CHECKING:
    from evals.cases import Suite
    from evals.engine import Evaluation
    from evals.gate import Verdict
    from evals.grading import Graders
    from evals.judges.base import JudgeQuestion
    from evals.report import ReportInputs
    from evals.summary import Summary
    from evals.trials import Plan
    from evals.why import Explanation
    from flows.wiring import Platform
    from models.assistant.base import ChatModel, ChatReply
    from prompts.repository import PromptLibrary

Progress = Callable[[int, int], None]
HEALTHBENCH = "healthbench:"
REQUEST = "request.json"
"""What was asked for, beside an evaluation's reports."""
NAMED_PROMPTS = 2
"""Prompts named in a title; more are counted."""


@dataclass(frozen=True)
class EvaluationRequest:
    """What to evaluate."""

    suites: tuple[str, ...] = ()
    """Names, or `healthbench:FILE`; none means all of the checkout."""
    prompts: tuple[str, ...] = ()
    """Names with or without their locale; none means all."""
    against: str | None = None
    """Git revision or library folder of the base; None means scores and no verdict."""
    model: str | None = None
    epochs: int = 1
    limit: int | None = None
    cases: tuple[str, ...] = ()
    """Ids with or without their locale; none means all."""
    library: Path | None = None
    """Folder of prompts in place of the checkout's."""
    fresh: bool = False
    """Whether to ask again what an earlier run of today's or before has answered."""
    out: Path | None = None
    """Folder that gets a copy of the reports."""


@dataclass(frozen=True)
class EvaluationOutcome:
    """What an evaluation led to."""

    evaluation: "Evaluation"
    scores: "Mapping[str, Summary]"
    verdict: "Verdict | None"
    report: Report
    files: tuple[Path, ...]

    @property
    def state(self) -> str:
        """The verdict's state, or `scored` where there was no base."""
        return self.verdict.state if self.verdict else "scored"

    @property
    def prompts(self) -> tuple[str, ...]:
        """What was evaluated."""
        return tuple(self.scores)

    @property
    def exit_code(self) -> int:
        """The verdict's exit status; without a base, 0 unless nothing could be scored."""
        if self.verdict:
            return self.verdict.exit_code
        return 0 if any(score.quality is not None for score in self.scores.values()) else 22

    def table(self) -> list[dict[str, Any]]:
        """A row per axis where two versions were compared, else a row per prompt."""
        if self.verdict:
            return [_difference_row(axis) for axis in (*self.verdict.comparison.axes, self.verdict.comparison.quality)]
        return [_score_row(name, score) for name, score in self.scores.items()]


def evaluate_prompts(platform: "Platform", request: EvaluationRequest, progress: Progress) -> EvaluationOutcome:
    """The request carried out. Raises `PromptError`, `SuiteError`, `ModelError` before anything is asked."""
    from prompts.repository import PromptLibrary

    head = PromptLibrary(request.library) if request.library else platform.library
    base = _base(platform, request.against)
    evaluation = asyncio.run(_evaluate(platform, request, head, base, progress))
    return _conclude(platform, request, evaluation, head, base)


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
    return explain(case, read_results(folder), precedents, _against(folder))


def _against(folder: Path) -> str | None:
    """The base of a finished evaluation, as it was asked for; None where there was none or nobody noted it."""
    try:
        return json.loads((folder / REQUEST).read_text(encoding="utf-8")).get("against") or None
    except (OSError, ValueError):
        return None


def _base(platform: "Platform", against: str | None) -> "PromptLibrary | None":
    from prompts.repository import PromptLibrary

    if against is None:
        return None
    return PromptLibrary(Path(against)) if Path(against).is_dir() else library_at(platform, against)


def _suites(platform: "Platform", names: Sequence[str]) -> "list[Suite]":
    from evals.healthbench import load_healthbench

    known = {} if all(name.startswith(HEALTHBENCH) for name in names) and names else {s.id: s for s in platform.suites}
    if not names:
        return list(known.values())
    chosen = []
    for name in names:
        if name.startswith(HEALTHBENCH):
            chosen.append(load_healthbench(Path(name.removeprefix(HEALTHBENCH))))
        elif name in known:
            chosen.append(known[name])
        else:
            raise SuiteError(f"There is no suite '{name}': name one of {', '.join(known)}, or healthbench:FILE.")
    return chosen


async def _evaluate(
    platform: "Platform",
    request: EvaluationRequest,
    head: "PromptLibrary",
    base: "PromptLibrary | None",
    progress: Progress,
) -> "Evaluation":
    from evals.engine import evaluate
    from evals.pilot import Pilot
    from evals.store import RowStore
    from evals.subject import AssistantSubject

    chat, judge = platform.chat(), platform.judge_chat()
    try:
        graders = _graders(platform, judge)
        plan = _plan(platform, request, head, base, graders)
        subject = Pilot(AssistantSubject(platform.assistant(chat)))
        with RowStore(_folder(platform, request), platform.policy.count("engine.rows_per_sync")) as store:
            evaluation = await evaluate(plan, subject, graders, store, progress)
        _refuse_silence(evaluation)
        return evaluation
    finally:
        await chat.aclose()
        await judge.aclose()


def _refuse_silence(evaluation: "Evaluation") -> None:
    """Raises the endpoint's own `ModelError` where it answered nothing at all."""
    errors = [row.error for row in evaluation.rows]
    if errors and all(error is not None and error.type == "ModelError" for error in errors):
        raise ModelError(errors[0].message if errors[0] else "")


def _graders(platform: "Platform", judge: "ChatModel") -> "Graders":
    from evals.grading import Graders
    from evals.judges.rubric import RubricJudge

    settings, policy = platform.settings, platform.policy
    meter = platform.meter(settings.judge)

    async def pay(reply: "ChatReply", question: "JudgeQuestion") -> None:
        await meter.record(
            reply,
            provider=judge.provider,
            model=settings.judge.model,
            purpose="judge",
            conversation_id=question.case,
            message_id=f"judge/{question.case}",
        )

    rubric = RubricJudge(judge, settings.judge.model, policy.count("judge.max_attempts"), pay)
    return Graders(policy, settings.country, {"rubric": rubric})


def _plan(
    platform: "Platform",
    request: EvaluationRequest,
    head: "PromptLibrary",
    base: "PromptLibrary | None",
    graders: "Graders",
) -> "Plan":
    from evals.trials import Selection, plan_trials

    return plan_trials(
        _suites(platform, request.suites),
        head,
        base,
        model=request.model or platform.settings.chat.model,
        grading=graders.identity,
        country=platform.settings.country,
        selection=Selection(request.prompts, request.cases, request.epochs, request.limit),
    )


def _folder(platform: "Platform", request: EvaluationRequest) -> Path:
    """Where rows lie: other rails, another endpoint or judge, or another day (if fresh) is another folder.

    The rest of what decides an answer and its grade is in each row's own key.
    """
    settings = platform.settings
    moderation = platform.policy.group("moderation")
    code = [folder_digest(PROJECT_ROOT / "guardrails"), folder_digest(PROJECT_ROOT / "models" / "assistant")]
    if "simulator" in (settings.chat.kind, settings.judge.kind):
        code.append(folder_digest(PROJECT_ROOT / "models" / "simulator"))
    asked = [
        code,
        moderation,
        settings.chat.kind,
        settings.chat.base_url,
        settings.judge.model_dump(exclude={"api_key"}),
    ]
    day = f"-{datetime.now(UTC):%Y%m%d}" if request.fresh else ""
    return settings.home / "evaluations" / f"{digest(asked)}{day}"


def _conclude(
    platform: "Platform",
    request: EvaluationRequest,
    evaluation: "Evaluation",
    head: "PromptLibrary",
    base: "PromptLibrary | None",
) -> EvaluationOutcome:
    """Scores, the verdict where there is a base, reports on the shelf, runs in MLflow."""
    from evals.comparison import compare
    from evals.gate import decide
    from evals.outputs import COMMENT, PAGE, write_reports
    from evals.record import record
    from evals.summary import by_prompt

    rows, policy, now = evaluation.side("head"), platform.policy, datetime.now(UTC)
    scores = by_prompt(rows, evaluation.meters, policy)
    verdict = decide(compare(evaluation.side("base"), rows, policy), policy) if base is not None else None
    title = _title(verdict, scores)
    folder = platform.shelf.new_folder("evaluation", now)
    inputs = _report_inputs(platform, request, evaluation, verdict, scores, title, head, base)
    files = write_reports(folder, evaluation, inputs, platform.settings.locale)
    durable.write_text(folder / REQUEST, json.dumps({"against": request.against, "command": inputs.command}) + "\n")
    report = platform.shelf.put(folder, title, PAGE, now, evaluation.is_simulated, summary=COMMENT)
    record(platform.tracking, evaluation, scores, verdict, files, now)
    if request.out:
        _copy(folder, request.out)
        files = tuple(request.out / file.name for file in files)
    return EvaluationOutcome(evaluation, scores, verdict, report, files)


def _report_inputs(
    platform: "Platform",
    request: EvaluationRequest,
    evaluation: "Evaluation",
    verdict: "Verdict | None",
    scores: "Mapping[str, Summary]",
    title: str,
    head: "PromptLibrary",
    base: "PromptLibrary | None",
) -> "ReportInputs":
    from evals.report import ReportInputs
    from evals.summary import summarise

    rows, meters, policy = evaluation.side("head"), evaluation.meters, platform.policy
    return ReportInputs(
        title=title,
        scores=scores,
        head=summarise(rows, meters, policy),
        base=summarise(evaluation.side("base"), meters, policy) if base is not None else None,
        verdict=verdict,
        changes_markdown=_changes(base, head, scores) if base is not None else "",
        command=_command(request),
        facts={
            "model": evaluation.plan.model,
            "suites": ", ".join(f"{suite.id} {suite.digest[:8]}" for suite in evaluation.plan.suites),
            "policy": policy.digest[:12],
            "git commit": platform.tracking.origin.git_commit,
            "answers": f"{evaluation.asked} asked, {evaluation.reused} known before",
        },
    )


def _changes(base: "PromptLibrary", head: "PromptLibrary", scores: "Mapping[str, Summary]") -> str:
    """Word diff of the prompts that were compared."""
    from prompts.diff import diff_libraries
    from prompts.diff_markdown import diffs_as_markdown

    return diffs_as_markdown([diff for diff in diff_libraries(base, head) if str(diff.ref) in scores])


def _command(request: EvaluationRequest) -> str:
    """The command that asks for the same again."""
    options = [f"--suite {shlex.quote(name)}" for name in request.suites]
    options += [f"--prompt {shlex.quote(name)}" for name in request.prompts]
    options += [f"--case {shlex.quote(name)}" for name in request.cases]
    options += [f"--against {shlex.quote(request.against)}"] if request.against else []
    options += [f"--library {shlex.quote(str(request.library))}"] if request.library else []
    options += [f"--model {shlex.quote(request.model)}"] if request.model else []
    options += [f"--epochs {request.epochs}"] if request.epochs > 1 else []
    options += [f"--limit {request.limit}"] if request.limit else []
    return " ".join(["matria eval", *options])


def _copy(folder: Path, out: Path) -> None:
    try:
        shutil.copytree(folder, out, dirs_exist_ok=True)
    except OSError as error:
        raise durable.storage_error(error, out / "report.html") from error


def _title(verdict: "Verdict | None", scores: "Mapping[str, Summary]") -> str:
    if verdict:
        subject = ", ".join(scores) if len(scores) <= NAMED_PROMPTS else f"{len(scores)} prompts"
        return f"{subject}: {verdict.title()}"
    known = [score.quality for score in scores.values() if score.quality is not None]
    cases = sum(score.cases for score in scores.values())
    failed = sum(len(score.never_events) for score in scores.values())
    figure = f"mean score {sum(known) / len(known):.3f}" if known else "nothing could be scored"
    return f"{len(scores)} prompts on {cases} cases: {figure}, {failed} never-events failed"


def _score_row(name: str, score: "Summary") -> dict[str, Any]:
    each = score.spend.usd_per_answer
    interval = "too few" if score.quality_low is None else f"{score.quality_low:.2f} to {score.quality_high:.2f}"
    return {
        "prompt": name,
        "cases": score.cases,
        "score": "no data" if score.quality is None else f"{score.quality:.3f}",
        "95 % interval": interval,
        "never": len(score.never_events),
        "errors": score.counts.answer_errors + score.counts.grader_errors,
        "USD each": "unpriced" if each is None else f"{each:.6f}",
    }


def _difference_row(axis: Any) -> dict[str, Any]:
    def figure(value: float | None) -> str:
        return "no data" if value is None else f"{value:.3f}"

    interval = "too few" if axis.low is None else f"{axis.low:+.2f} to {axis.high:+.2f}"
    return {
        "axis": axis.name.replace("_", " "),
        "cases": axis.cases,
        "base": figure(axis.base),
        "head": figure(axis.head),
        "difference": "no data" if axis.mean is None else f"{axis.mean:+.3f}",
        "95 % interval": interval,
        "margin": f"-{axis.margin:.2f}",
        "state": axis.state.replace("_", " "),
    }

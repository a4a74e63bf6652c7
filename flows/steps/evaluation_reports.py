"""What an evaluation leaves behind: scores, the verdict where there is a base, reports on the shelf, runs in MLflow."""

import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.cases import RAILS, is_of_rails
from flows.steps.evaluation_gaps import gaps_of
from flows.steps.evaluation_setup import Setup, command_of
from flows.steps.traffic import real_traffic
from matria import durable
from matria.errors import TrackingError

if TYPE_CHECKING:
    from evals.comparison import Comparison
    from evals.engine import Evaluation
    from evals.gate import Verdict
    from evals.report import ReportInputs
    from evals.summary import Summary
    from evals.wording import Wording
    from flows.shelf import Report
    from flows.steps.evaluation_request import EvaluationRequest
    from flows.steps.revision import Base
    from flows.wiring import Platform
    from matria.messages import Locale
    from matria.policy import Policy
    from prompts.repository import PromptLibrary

log = logging.getLogger(__name__)

REQUEST = "request.json"
"""What was asked for, beside an evaluation's reports."""
NAMED_PROMPTS = 2
"""Prompts named in a title; more are counted."""


def verdict_on(
    platform: "Platform", request: "EvaluationRequest", setup: Setup, evaluation: "Evaluation", comparison: "Comparison"
) -> "Verdict":
    """The gate's decision; where no prompt is touched, that; what nobody could ask passes nothing."""
    from evals.own_gate import changed_thresholds, with_note
    from evals.untested import nothing_asked, with_gaps
    from flows.steps.evaluation_trust import decided, with_queue

    gaps, policy = gaps_of(platform, setup, evaluation), platform.policy
    before = setup.base.policy if setup.base else policy
    if setup.asks_nothing:
        return with_note(nothing_asked(comparison, request.against or "", gaps), changed_thresholds(before, policy))
    verdict = decided(platform, setup, evaluation, comparison)
    return with_gaps(with_queue(platform, request, evaluation, verdict), gaps)


def shelve(
    platform: "Platform",
    request: "EvaluationRequest",
    setup: Setup,
    evaluation: "Evaluation",
    scores: "Mapping[str, Summary]",
    verdict: "Verdict | None",
) -> "tuple[Report, tuple[Path, ...]]":
    """Reports on the shelf, copied to where the request wants them; runs in MLflow where anything was evaluated."""
    from evals.outputs import COMMENT, PAGE, write_reports
    from evals.record import record

    now = datetime.now(UTC)
    title = title_of(verdict, scores, platform.policy)
    folder = platform.shelf.new_folder("evaluation", now)
    inputs = _report_inputs(platform, request, setup, evaluation, scores, verdict, title)
    files = write_reports(folder, evaluation, inputs, platform.settings.locale)
    durable.write_text(folder / REQUEST, json.dumps({"against": request.against, "command": inputs.command}) + "\n")
    report = platform.shelf.put(folder, title, PAGE, now, evaluation.is_simulated, summary=COMMENT)
    if request.out:
        _copy(folder, request.out)
    if not setup.asks_nothing and request.is_recorded:
        try:
            record(platform.tracking, evaluation, inputs.head, verdict, files, platform.policy, now)
        except TrackingError as error:
            log.warning("The verdict stands, and MLflow has no record of it: %s", error)
    return report, tuple((request.out or folder) / file.name for file in files)


def base_of(folder: Path) -> str | None:
    """The base of a finished evaluation, as it was asked for; None where there was none or nobody noted it."""
    try:
        return json.loads((folder / REQUEST).read_text(encoding="utf-8")).get("against") or None
    except (OSError, ValueError):
        return None


def _report_inputs(
    platform: "Platform",
    request: "EvaluationRequest",
    setup: Setup,
    evaluation: "Evaluation",
    scores: "Mapping[str, Summary]",
    verdict: "Verdict | None",
    title: str,
) -> "ReportInputs":
    from evals.report import ReportInputs
    from evals.summary import by_prompt, summarise
    from evals.twins import examine_twins
    from flows.steps.evaluation_trust import standings_of

    results, policy = evaluation.results, platform.policy
    base = setup.base
    return ReportInputs(
        title=title,
        scores=scores,
        head=summarise(results.of_side("head"), policy),
        base=summarise(results.of_side("base"), policy) if base else None,
        verdict=verdict,
        changes_markdown=_changes(base, setup.head, scores, platform.settings.locale) if base else "",
        command=command_of(request),
        facts=_facts(platform, setup, evaluation),
        twins=examine_twins(results.pairs(), evaluation.plan.suites).violations,
        base_scores=by_prompt(results.of_side("base"), policy) if base else {},
        standings=None if verdict else standings_of(platform, setup, evaluation),
        traffic=real_traffic(platform) if base else None,
    )


def _facts(platform: "Platform", setup: Setup, evaluation: "Evaluation") -> dict[str, str]:
    from evals.wording import wording

    say = wording(platform.settings.locale).say
    causes = sorted({cause for words in setup.scope.causes().values() for cause in words.split(", ")})
    return {
        say("fact_model"): evaluation.plan.model,
        say("fact_suites"): ", ".join(f"{suite.id} {suite.digest[:8]}" for suite in evaluation.plan.suites),
        say("fact_policy"): platform.policy.digest[:12],
        say("fact_commit"): platform.tracking.origin.git_commit,
        **({say("fact_touched"): ", ".join(causes)} if causes else {}),
        say("fact_answers"): say("fact_answer_counts", evaluation.asked, evaluation.reused),
        **_left(evaluation, wording(platform.settings.locale)),
    }


def _left(evaluation: "Evaluation", words: "Wording") -> dict[str, str]:
    """What a cap left, and the command that asks for it; nothing where it left nothing."""
    left = evaluation.left
    if left is None:
        return {}
    usd = words.say("left_unpriced") if left.usd is None else f"{words.number(float(left.usd), 4)} USD"
    return {words.say("fact_left"): words.say("fact_left_rows", left.rows, usd, left.command)}


def _changes(base: "Base", head: "PromptLibrary", scores: "Mapping[str, Summary]", locale: "Locale") -> str:
    """What differs in the guardrails, and the word diff of the prompts that were compared."""
    from evals.rails_diff import rails_diff_as_markdown
    from evals.wording import wording
    from prompts.diff import diff_libraries
    from prompts.diff_markdown import diffs_as_markdown

    words = wording(locale).texts
    rails = rails_diff_as_markdown(base.rails_changes, words)
    diffs = [diff for diff in diff_libraries(base.library, head) if str(diff.ref) in scores]
    prompts = diffs_as_markdown(diffs, words) if diffs or not rails else ""
    return "\n".join(part for part in (rails, prompts) if part)


def _copy(folder: Path, out: Path) -> None:
    try:
        shutil.copytree(folder, out, dirs_exist_ok=True)
    except OSError as error:
        raise durable.storage_error(error, out / "report.html") from error


def failed_of(scores: "Mapping[str, Summary]", policy: "Policy") -> tuple[str, ...]:
    """The prompts of which too many answers or grades are missing to tell."""
    from evals.gate import has_too_many_errors

    return tuple(name for name, score in scores.items() if has_too_many_errors(score.counts, policy))


def hidden_of(scores: "Mapping[str, Summary]", policy: "Policy") -> tuple[str, ...]:
    """The prompts of which more answers would be shown to nobody than may be."""
    from evals.gate import hides_too_much

    return tuple(name for name, score in scores.items() if hides_too_much(score.counts, policy))


def title_of(verdict: "Verdict | None", scores: "Mapping[str, Summary]", policy: "Policy") -> str:
    """The evaluation in one line: its verdict, or its figures and whether too much is missing for them to count."""
    if verdict:
        subject = _subject(tuple(scores))
        return f"{subject}: {verdict.title()}" if scores else verdict.sentences()[0]
    known = [score.quality for score in scores.values() if score.quality is not None]
    cases = sum(score.cases for score in scores.values())
    failed = sum(len(score.never_events) for score in scores.values())
    figure = f"mean score {sum(known) / len(known):.3f}" if known else "nothing could be scored"
    said = f"{_counted(tuple(scores))} on {cases} cases: {figure}, {failed} never-events failed"
    return said + _missing(scores, failed_of(scores, policy)) + _hidden(scores, hidden_of(scores, policy))


def _missing(scores: "Mapping[str, Summary]", failed: Sequence[str]) -> str:
    if not failed:
        return ""
    counts = [scores[name].counts for name in failed]
    answers = f"{sum(c.answer_errors for c in counts)} of {sum(c.answers for c in counts)} answers"
    grades = f"{sum(c.grader_errors for c in counts)} of {sum(c.criteria for c in counts)} grades"
    return f"; error: {answers} and {grades} are missing of {_subject(failed)}, too many to tell"


def _hidden(scores: "Mapping[str, Summary]", hiding: Sequence[str]) -> str:
    if not hiding:
        return ""
    counts = [scores[name].counts.shown for name in hiding]
    answers = f"{sum(c.stopped for c in counts)} of {sum(c.answers for c in counts)} answers"
    return f"; error: the rails stop {answers} of {_subject(hiding)}, so nobody would read what was scored"


def _counted(prompts: Sequence[str]) -> str:
    """How many prompts there are, and whether the guardrails are with them."""
    own = sum(not is_of_rails(name) for name in prompts)
    return ", ".join([*([f"{own} prompts"] if own or not prompts else []), *([RAILS] if own < len(prompts) else [])])


def _subject(prompts: Sequence[str]) -> str:
    """What was evaluated, as far as a title holds names; the guardrails are no prompt, and one in all locales."""
    own = [name for name in prompts if not is_of_rails(name)]
    named = own if len(own) <= NAMED_PROMPTS else [f"{len(own)} prompts"]
    return ", ".join([*named, *([RAILS] if len(own) < len(prompts) else [])])


def score_row(name: str, score: "Summary") -> dict[str, Any]:
    """One prompt's figures, as a table shows them."""
    each = score.spend.usd_per_answer
    interval = "too few" if score.quality_low is None else f"{score.quality_low:.2f} to {score.quality_high:.2f}"
    return {
        "prompt": name,
        "cases": score.cases,
        "score": "no data" if score.quality is None else f"{score.quality:.3f}",
        "95 % interval": interval,
        "never": len(score.never_events),
        "errors": score.counts.answer_errors + score.counts.grader_errors,
        "USD each": f"{each:.6f}" if each is not None else "unpriced" if score.spend.answers else "no model",
    }


def difference_row(axis: Any) -> dict[str, Any]:
    """One axis's difference, as a table shows it."""

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

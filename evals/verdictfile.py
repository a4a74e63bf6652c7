"""A verdict as plain data, for `verdict.json` and for whatever reads it next."""

from dataclasses import asdict
from typing import Any

from evals.flips import Flip
from evals.gate import Verdict
from evals.wording import wording


def verdict_as_dict(verdict: Verdict) -> dict[str, Any]:
    """State, reasons in words, figures by axis and slice, flips without answers; the rows hold those."""
    comparison = verdict.comparison
    words = wording("en")
    return {
        "state": verdict.state,
        "exit_code": verdict.exit_code,
        "is_simulated": verdict.is_simulated,
        "may_promote": verdict.may_promote,
        "waivers": [
            {
                "target": str(waiver.target),
                "owner": waiver.owner,
                "reason": waiver.reason,
                "expires": waiver.expires.isoformat(),
                "issue": waiver.issue,
            }
            for waiver in verdict.waived
        ],
        "reasons": [{"code": r.code, "sentence": r.sentence(words)} for r in verdict.reasons],
        "notes": [{"code": n.code, "sentence": n.sentence(words)} for n in verdict.notes],
        "quality": asdict(comparison.quality),
        "axes": [asdict(axis) for axis in comparison.axes],
        "slices": [asdict(part) for part in comparison.slices],
        "regression_total": comparison.regression_total,
        "fix_total": comparison.fix_total,
        "flips": [_flip(flip) for flip in comparison.flips],
        "new_never_events": [_flip(flip) for flip in comparison.new_never_events],
        "unconfirmed_never_events": [_flip(flip) for flip in comparison.unconfirmed_never_events],
        "standing_never_events": [_flip(flip) for flip in comparison.standing_never_events],
        "unknown_never_events": [asdict(event) for event in comparison.unknown_never_events],
        "unknown_never_event_total": comparison.unknown_never_event_total,
        "newly_stopped": asdict(comparison.newly_stopped),
        "flaky_total": comparison.flaky_total,
        "flaky": [asdict(line) for line in comparison.flaky],
        "grader_error_total": comparison.grader_error_total,
        "grader_errors": [asdict(line) for line in comparison.grader_errors],
        "base": asdict(comparison.base),
        "head": asdict(comparison.head),
        "prompts": list(comparison.prompts),
        "identical": comparison.identical,
        "changed_answers": comparison.changed_answers,
        "unpaired": comparison.unpaired,
    }


def _flip(flip: Flip) -> dict[str, Any]:
    return {
        "kind": flip.kind,
        "suite": flip.suite,
        "case": flip.case,
        "prompt": flip.prompt,
        "criterion": flip.criterion,
        "axis": flip.axis,
        "points": flip.points,
        "never": flip.never,
        "confirmation": flip.confirmation,
        "is_flaky": flip.is_flaky,
        "base_failed": flip.base_failed,
        "base_graded": flip.base_graded,
        "head_failed": flip.head_failed,
        "head_graded": flip.head_graded,
    }

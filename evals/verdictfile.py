"""A verdict as plain data, for `verdict.json` and for whatever reads it next."""

from dataclasses import asdict
from typing import Any

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
        "reasons": [{"code": r.code, "sentence": r.sentence(words)} for r in verdict.reasons],
        "notes": [{"code": n.code, "sentence": n.sentence(words)} for n in verdict.notes],
        "quality": asdict(comparison.quality),
        "axes": [asdict(axis) for axis in comparison.axes],
        "slices": [asdict(part) for part in comparison.slices],
        "flips": [
            {
                "kind": flip.kind,
                "suite": flip.suite,
                "case": flip.case,
                "prompt": flip.prompt,
                "criterion": flip.criterion,
                "axis": flip.axis,
                "points": flip.points,
                "never": flip.never,
                "base_failed": flip.base_failed,
                "base_graded": flip.base_graded,
                "head_failed": flip.head_failed,
                "head_graded": flip.head_graded,
            }
            for flip in comparison.flips
        ],
        "base": asdict(comparison.base),
        "head": asdict(comparison.head),
        "prompts": list(comparison.prompts),
        "identical": comparison.identical,
        "changed_answers": comparison.changed_answers,
        "unpaired": comparison.unpaired,
    }

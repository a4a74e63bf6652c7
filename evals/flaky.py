"""Criteria on which an answer disagrees with itself: met in one epoch, failed in another, on the same side.

They are shown and not counted: what one epoch gained and the next lost is no change that a prompt made.
"""

from dataclasses import dataclass

from evals.flips import Flip


@dataclass(frozen=True)
class FlakyCriterion:
    """One criterion of one case under one prompt that disagrees with itself on one side or on both."""

    suite: str
    case: str
    prompt: str
    criterion: str
    text: str
    base_failed: int
    base_graded: int
    """0 where the base was never graded."""
    head_failed: int
    head_graded: int
    never: bool = False


def flaky_of(flip: Flip) -> FlakyCriterion:
    """The counts of a criterion that is flaky."""
    return FlakyCriterion(
        suite=flip.suite,
        case=flip.case,
        prompt=flip.prompt,
        criterion=flip.criterion,
        text=flip.text,
        base_failed=flip.base_failed or 0,
        base_graded=flip.base_graded,
        head_failed=flip.head_failed,
        head_graded=flip.head_graded,
        never=flip.never,
    )

"""Criteria on which an answer disagrees with itself: met in one epoch, failed in another, on the same side.

They are shown and not counted: what one epoch gained and the next lost is no change that a prompt made.
"""

from dataclasses import dataclass


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
    """A never-event whose new failure did not come again when it was asked again."""

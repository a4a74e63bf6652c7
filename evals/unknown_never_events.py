"""Never-events of which nobody knows whether the head fails them: no answer of it came, or none could be graded.

What the base passed and nobody knows of the head may be new, so it cannot pass; what the base failed, or nobody knew
there either, is noted. Where one answer of the head was graded, in any epoch, it is known.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evals.pairs import Pair
from evals.rows import CriterionResult, Row


@dataclass(frozen=True)
class UnknownNeverEvent:
    """One never-event of one case under one prompt without a grade of the head."""

    suite: str
    case: str
    prompt: str
    criterion: str
    text: str
    base_passed: bool
    """Whether the base was graded, and did not fail it once."""


def unknown_never_events(pair: Pair) -> Iterator[UnknownNeverEvent]:
    """Those of one pair. Where neither side was answered, the rows name no criterion, and there is none to tell."""
    if _is_graded(pair.head):
        return
    known = {result.id for row in pair.head for result in row.criteria if result.met is not None}
    listed = {
        result.id: result
        for row in (*pair.base, *pair.head)
        for result in row.criteria
        if result.never and result.id not in known
    }
    suite, case, prompt = pair.key
    for name, result in listed.items():
        yield UnknownNeverEvent(suite, case, prompt, name, result.text, _has_passed(pair.base, name))


def _is_graded(rows: Sequence[Row]) -> bool:
    """Whether every answer came and every criterion of it has a grade: most pairs."""
    return bool(rows) and all(row.answer and all(c.met is not None for c in row.criteria) for row in rows)


def _has_passed(rows: Sequence[Row], criterion: str) -> bool:
    graded: list[CriterionResult] = [
        result for row in rows for result in row.criteria if result.id == criterion and result.met is not None
    ]
    return bool(graded) and not any(result.is_failed for result in graded)

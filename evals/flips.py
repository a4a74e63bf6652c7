"""Criteria whose outcome differs between base and head, and never-events among them.

A criterion is followed per case and prompt over the epochs. One that got worse is a regression, one that got better a
fix; how often it failed on each side is kept, since a model may answer differently each time.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evals.cases import Axis
from evals.pairs import PairKey, pair_key
from evals.rows import CriterionResult, Row
from matria.messages import Locale, Persona


@dataclass(frozen=True)
class Flip:
    """One criterion of one case under one prompt, on both sides."""

    suite: str
    case: str
    prompt: str
    locale: Locale
    persona: Persona
    criterion: str
    text: str
    axis: Axis
    points: float
    never: bool
    question: str
    base_failed: int | None
    """Epochs in which the base failed it; None where the base was never graded."""
    base_graded: int
    head_failed: int
    head_graded: int
    base_answer: str
    head_answer: str
    """An answer that shows the outcome: a failing one where there is one."""
    base_quote: str
    head_quote: str
    explanation: str
    """Why the head's answer failed or not, in the grader's words."""

    @property
    def kind(self) -> Literal["regressed", "fixed", "same"]:
        """How the share of failures moved; a base that was never graded counts as flawless."""
        before = (self.base_failed or 0) / self.base_graded if self.base_graded else 0.0
        after = self.head_failed / self.head_graded
        return "regressed" if after > before else "fixed" if after < before else "same"

    @property
    def is_new_never_event(self) -> bool:
        """Whether the head fails a never-event that the base did not fail once."""
        return self.never and self.head_failed > 0 and not self.base_failed

    @property
    def harm(self) -> tuple[bool, float, float]:
        """Sorts regressions, the worst last: never-events, then points at stake, then how often it failed."""
        return (self.is_new_never_event, abs(self.points), self.head_failed / self.head_graded)


def flips(base: Sequence[Row], head: Sequence[Row]) -> list[Flip]:
    """Every criterion that the head was graded on, the base's outcome beside it, by case and criterion."""
    before, after = _grouped(base), _grouped(head)
    found = []
    for key in sorted(after):
        names = {result.id: None for row in after[key] for result in row.criteria}
        found += [flip for name in names if (flip := _flip(before.get(key, []), after[key], name))]
    return found


def _grouped(rows: Sequence[Row]) -> Mapping[PairKey, list[Row]]:
    groups: defaultdict[PairKey, list[Row]] = defaultdict(list)
    for row in rows:
        groups[pair_key(row)].append(row)
    return groups


def _flip(base: Sequence[Row], head: Sequence[Row], name: str) -> Flip | None:
    before, after = _outcomes(base, name), _outcomes(head, name)
    if not after:
        return None
    base_row, base_result = _telling(before) if before else (None, None)
    head_row, head_result = _telling(after)
    return Flip(
        suite=head_row.suite,
        case=head_row.case,
        prompt=head_row.prompt,
        locale=head_row.locale,
        persona=head_row.persona,
        criterion=name,
        text=head_result.text,
        axis=head_result.axis,
        points=head_result.points,
        never=head_result.never,
        question=head_row.question,
        base_failed=sum(result.is_failed for _, result in before) if before else None,
        base_graded=len(before),
        head_failed=sum(result.is_failed for _, result in after),
        head_graded=len(after),
        base_answer=base_row.answer.graded_text if base_row and base_row.answer else "",
        head_answer=head_row.answer.graded_text if head_row.answer else "",
        base_quote=base_result.quote if base_result else "",
        head_quote=head_result.quote,
        explanation=head_result.explanation,
    )


def _outcomes(rows: Sequence[Row], name: str) -> list[tuple[Row, CriterionResult]]:
    """The graded outcomes of one criterion; where the grader failed there is none."""
    return [(row, result) for row in rows for result in row.criteria if result.id == name and result.met is not None]


def _telling(outcomes: Sequence[tuple[Row, CriterionResult]]) -> tuple[Row, CriterionResult]:
    """A failing outcome where there is one."""
    return next((outcome for outcome in outcomes if outcome[1].is_failed), outcomes[0])

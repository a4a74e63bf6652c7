"""Criteria whose outcome differs between base and head, and never-events among them.

A criterion is followed per case and prompt over the epochs. One that got worse is a regression, one that got better a
fix; how often it failed on each side is kept, since a model may answer differently each time. Where a side disagrees
with itself, the criterion is flaky: it is a flip only where one side always says one thing and the other mostly says
the opposite.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from evals.cases import Axis, Stage
from evals.confirmation import CONFIRMATION_EPOCH, ConfirmationRule, ConfirmationState
from evals.pairs import Pair
from evals.rows import CriterionResult, Row
from matria.messages import Locale, Persona
from matria.policy import Policy

Outcomes = list[tuple[Row, CriterionResult]]
"""Of one criterion on one side, by epoch; where the grader failed there is none."""


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
    """Answers of the base that failed it; None where the base was never graded."""
    base_graded: int
    head_failed: int
    """Answers of the head that failed it; of a never-event with those that were asked again."""
    head_graded: int
    base_answer: str
    head_answer: str
    """An answer that shows the outcome: a failing one where there is one."""
    base_quote: str
    head_quote: str
    explanation: str
    """Why the head's answer failed or not, in the grader's words."""
    stage: Stage | None = None
    confirmation: ConfirmationState | None = None
    """Of a never-event that the head fails and the base does not; None for all else."""
    epochs_to_ask: tuple[int, ...] = ()
    """What is missing to confirm it."""
    informs: bool = False
    """Whether it rests on a judge that may not decide; set once that is known."""

    @property
    def base_share(self) -> float:
        """Share of the base's answers that failed it; a base that was never graded counts as flawless."""
        return (self.base_failed or 0) / self.base_graded if self.base_graded else 0.0

    @property
    def head_share(self) -> float:
        """Share of the head's answers that failed it."""
        return self.head_failed / self.head_graded

    @property
    def is_flaky(self) -> bool:
        """Whether a side disagrees with itself, short of a never-event that is confirmed or may yet be."""
        mixed = {self.base_share, self.head_share} - {0.0, 1.0}
        return bool(mixed) and not self.is_new_never_event

    @property
    def kind(self) -> Literal["regressed", "fixed", "same"]:
        """How the usual outcome moved."""
        before, after = self.base_share, self.head_share
        if not self.is_new_never_event and (before - 0.5) * (after - 0.5) >= 0:
            return "same"
        if self.is_flaky and not {before, after} & {0.0, 1.0}:
            return "same"
        return "regressed" if after > before else "fixed"

    @property
    def is_new_never_event(self) -> bool:
        """Whether the head fails a never-event that the base did not fail once, and it is not known for an accident."""
        return self.confirmation in ("confirmed", "unasked")

    @property
    def harm(self) -> tuple[bool, float]:
        """Sorts regressions, the worst last: never-events, then points at stake times how often it failed."""
        return (self.is_new_never_event, abs(self.points) * self.head_share)


def flips(pair: Pair, rule: ConfirmationRule) -> Iterator[Flip]:
    """The criteria of one pair that differ between the sides, disagree with themselves, or are failed never-events."""
    if _is_alike(pair):
        return
    base, head = _outcomes(pair.base), _outcomes(pair.head)
    for name, after in head.items():
        before = base.get(name, [])
        if _is_quiet(before, after):
            continue
        never = after[0][1].never
        first = [outcome for outcome in after if never or outcome[0].epoch < CONFIRMATION_EPOCH]
        if first:
            earlier = [outcome for outcome in before if never or outcome[0].epoch < CONFIRMATION_EPOCH]
            yield _flip(pair, name, earlier, first, rule)


def new_never_events(pairs: Iterable[Pair], policy: Policy) -> Iterator[Flip]:
    """Those of a comparison, one by one and without its other figures."""
    rule = ConfirmationRule.of(policy)
    for pair in pairs:
        if pair.head:
            yield from (flip for flip in flips(pair, rule) if flip.is_new_never_event)


def _is_alike(pair: Pair) -> bool:
    """Whether one answer of each side found the same throughout, and no never-event: most pairs, told at a glance."""
    if len(pair.base) != 1 or len(pair.head) != 1 or len(pair.base[0].criteria) != len(pair.head[0].criteria):
        return False
    return all(
        before.id == after.id and before.met == after.met and not (after.never and after.is_failed)
        for before, after in zip(pair.base[0].criteria, pair.head[0].criteria, strict=True)
    )


def _is_quiet(before: Outcomes, after: Outcomes) -> bool:
    """Whether the criterion says the same thing each time, and it is no never-event that failed."""
    failed = {result.is_failed for _, result in (*before, *after)}
    if len(failed) > 1:
        return False
    return not (failed == {True} and (after[0][1].never or not before))


def _outcomes(rows: Sequence[Row]) -> dict[str, Outcomes]:
    found: dict[str, Outcomes] = {}
    for row in rows:
        for result in row.criteria:
            if result.met is not None:
                found.setdefault(result.id, []).append((row, result))
    return found


def _flip(pair: Pair, name: str, before: Outcomes, after: Outcomes, rule: ConfirmationRule) -> Flip:
    base_row, base_result = _telling(before) if before else (None, None)
    head_row, head_result = _telling(after)
    base_failed = sum(result.is_failed for _, result in before) if before else None
    failed, graded = sum(result.is_failed for _, result in after), len(after)
    is_candidate = head_result.never and failed > 0 and not base_failed
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
        base_failed=base_failed,
        base_graded=len(before),
        head_failed=failed,
        head_graded=graded,
        base_answer=base_row.answer.graded_text if base_row and base_row.answer else "",
        head_answer=head_row.answer.graded_text if head_row.answer else "",
        base_quote=base_result.quote if base_result else "",
        head_quote=head_result.quote,
        explanation=head_result.explanation,
        stage=head_row.stage,
        confirmation=rule.state(failed, graded) if is_candidate else None,
        epochs_to_ask=rule.epochs_to_ask(pair.head, failed, graded) if is_candidate else (),
    )


def _telling(outcomes: Outcomes) -> tuple[Row, CriterionResult]:
    """A failing outcome where there is one."""
    return next((outcome for outcome in outcomes if outcome[1].is_failed), outcomes[0])

"""Why one case got its score: what was asked, both answers, what each criterion found, how to run just this case."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evals.rows import CriterionResult, Row
from evals.store import Results
from evals.trials import prompt_without_locale
from matria.errors import SuiteError
from matria.messages import Message

_NEAREST = 3


@dataclass(frozen=True)
class CriterionView:
    """One criterion on both sides."""

    base: CriterionResult | None
    """None where there was no base, or its answer did not come."""
    head: CriterionResult | None

    @property
    def criterion(self) -> CriterionResult:
        """The side that has it."""
        found = self.head or self.base
        assert found is not None
        return found

    @property
    def is_flip(self) -> bool:
        """Whether the sides differ."""
        return self.base is not None and self.head is not None and self.base.met != self.head.met


@dataclass(frozen=True)
class Explanation:
    """One case under one prompt, in one epoch."""

    case: str
    suite: str
    prompt: str
    epoch: int
    messages: tuple[Message, ...]
    """As the head's model was sent them."""
    base_messages: tuple[Message, ...]
    """As the base's model was; empty where there was no base."""
    base: Row | None
    head: Row | None
    criteria: tuple[CriterionView, ...]
    """Those that differ first, then those that failed."""
    rerun: str
    """Runs just this case again."""


def explain(case: str, results: Results) -> list[Explanation]:
    """The case under each prompt and in each epoch that it was asked, by name or by name without its locale.

    Raises `SuiteError` where the evaluation has no such case, with names that come close.
    """
    rows = [row for row in results.rows if case in (row.case, row.case.removesuffix(f".{row.locale}"))]
    if not rows:
        raise SuiteError(_unknown(case, results.rows))
    base = {_place(row): row for row in rows if "base" in results.sides[row.key]}
    head = {_place(row): row for row in rows if "head" in results.sides[row.key]}
    return [_explanation(base.get(place), head.get(place)) for place in sorted(base.keys() | head.keys())]


def _place(row: Row) -> tuple[str, str, str, int]:
    return (row.suite, row.case, row.prompt, row.epoch)


def _unknown(case: str, rows: Sequence[Row]) -> str:
    from difflib import get_close_matches

    names = sorted({row.case for row in rows})
    near = get_close_matches(case, names, _NEAREST) or names[:_NEAREST]
    return f"The evaluation has no case '{case}': name one such as {', '.join(near)}."


def _explanation(base: Row | None, head: Row | None) -> Explanation:
    shown = head or base
    assert shown is not None
    return Explanation(
        case=shown.case,
        suite=shown.suite,
        prompt=shown.prompt,
        epoch=shown.epoch,
        messages=head.messages if head else (),
        base_messages=base.messages if base else (),
        base=base,
        head=head,
        criteria=tuple(sorted(_views(base, head), key=_rank)),
        rerun=f"matria eval --suite {shown.suite} --prompt {prompt_without_locale(shown.prompt)} --case {shown.case}",
    )


def _views(base: Row | None, head: Row | None) -> Iterator[CriterionView]:
    before = {result.id: result for result in base.criteria} if base else {}
    after = {result.id: result for result in head.criteria} if head else {}
    for name in dict.fromkeys((*after, *before)):
        yield CriterionView(before.get(name), after.get(name))


def _rank(view: CriterionView) -> tuple[bool, bool, float]:
    return (not view.is_flip, not view.criterion.is_failed, -abs(view.criterion.points))

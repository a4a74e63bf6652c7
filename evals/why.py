"""Why one case got its score: what changed in the prompt, what was asked, both answers, what each criterion found.

Beside it stand what nurses said of earlier answers to the case, and the command that runs just this case again.
"""

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evals.precedents import Precedent, Precedents
from evals.rows import CriterionResult, Row
from evals.store import Results
from evals.trials import prompt_without_locale
from matria.errors import SuiteError
from matria.messages import Message

if TYPE_CHECKING:
    from prompts.diff import MessageDiff

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
    hunks: "tuple[MessageDiff, ...]"
    """The messages that differ, word by word; empty where the sides were sent the same."""
    criteria: tuple[CriterionView, ...]
    """Those that differ first, then those that failed."""
    precedents: tuple[Precedent, ...]
    """What nurses said of answers to this case, the newest first; empty where nobody has."""
    rerun: str
    """Runs just this case again."""


def explain(
    case: str, results: Results, precedents: Precedents | None = None, against: str | None = None
) -> list[Explanation]:
    """The case under each prompt and in each epoch that it was asked, by name or by name without its locale.

    `against` is the base of the evaluation, for the command that runs the case again. Raises `SuiteError` where the
    evaluation has no such case, with names that come close.
    """
    base = {_place(row): row for row in results.side("base") if _is_of(row, case)}
    head = {_place(row): row for row in results.side("head") if _is_of(row, case)}
    if not (base or head):
        raise SuiteError(_unknown(case, results.rows))
    return [
        _explanation(base.get(place), head.get(place), precedents, against)
        for place in sorted(base.keys() | head.keys())
    ]


def _is_of(row: Row, case: str) -> bool:
    return case in (row.case, row.case.removesuffix(f".{row.locale}"))


def _place(row: Row) -> tuple[str, str, str, int]:
    return (row.suite, row.case, row.prompt, row.epoch)


def _unknown(case: str, rows: Iterable[Row]) -> str:
    from difflib import get_close_matches

    names = sorted({row.case for row in rows})
    near = get_close_matches(case, names, _NEAREST) or names[:_NEAREST]
    return f"The evaluation has no case '{case}': name one such as {', '.join(near)}."


def _explanation(base: Row | None, head: Row | None, precedents: Precedents | None, against: str | None) -> Explanation:
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
        hunks=tuple(_hunks(base, head)),
        criteria=tuple(sorted(_views(base, head), key=_rank)),
        precedents=tuple(precedents.of(shown.suite, shown.case)) if precedents else (),
        rerun=_rerun(shown, against),
    )


def _hunks(base: Row | None, head: Row | None) -> "Iterator[MessageDiff]":
    from prompts.diff import diff_messages

    if base is not None and head is not None:
        yield from (diff for diff in diff_messages(base.messages, head.messages) if diff.is_changed)


def _rerun(row: Row, against: str | None) -> str:
    words = ["matria", "eval", "--suite", row.suite, "--prompt", prompt_without_locale(row.prompt), "--case", row.case]
    return shlex.join([*words, *(["--against", against] if against else [])])


def _views(base: Row | None, head: Row | None) -> Iterator[CriterionView]:
    before = {result.id: result for result in base.criteria} if base else {}
    after = {result.id: result for result in head.criteria} if head else {}
    for name in dict.fromkeys((*after, *before)):
        yield CriterionView(before.get(name), after.get(name))


def _rank(view: CriterionView) -> tuple[bool, bool, float]:
    return (not view.is_flip, not view.criterion.is_failed, -abs(view.criterion.points))

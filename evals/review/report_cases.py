"""The five cases of a week that are worth everybody's reading: the gravest, and one that is worth teaching.

Only what is final or disputed can be chosen, and only where its texts are still there. No nurse is named, and nothing
says how a judge saw it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evals.review.base import CANNOT_TELL, OPTIONS, Question, ReviewItem
from evals.review.disputes import Final
from evals.review.golden import told_by
from matria.messages import Locale

Ground = Literal["harm", "unsafe", "missed", "overruled", "disputed", "wrong", "taught"]
"""Why it is shown: harm from `review.harm_from` on, not safe, care was missed, a lead saw less than both
readers did, two nurses differed, something is not right, an answer that was flagged as worth teaching."""
MOST = 5
ASKED_CHARACTERS, SHOWN_CHARACTERS, COMMENT_CHARACTERS = 240, 420, 240


@dataclass(frozen=True)
class CaseToRead:
    """One item, masked and clipped."""

    item_id: str
    ground: Ground
    locale: Locale
    asked: str
    """What she wrote last."""
    shown: str
    """What she was answered."""
    answers: Mapping[Question, str]
    """What stands; without what is disputed and undecided."""
    disputed: tuple[Question, ...]
    comment: str = ""
    """The lead's who decided, or of who flagged it, or else the first reader's."""


def cases_to_read(items: Sequence[ReviewItem], finals: Mapping[str, Final], harm_from: int) -> tuple[CaseToRead, ...]:
    """Five at most, the gravest first; the last place is kept for one to teach, where there is one."""
    found = [
        (ground, item, finals[item.item_id])
        for item in items
        if item.kind == "sampled" and item.item_id in finals and not item.is_erased
        if (ground := _ground(finals[item.item_id], harm_from)) is not None
    ]
    grave = sorted((one for one in found if one[0] != "taught"), key=lambda one: _order(one[0], one[2]))
    good = [one for one in found if one[0] == "taught"][:1]
    return tuple(_case(*one) for one in (*grave[: MOST - len(good)], *good))


def clipped(text: str, most: int) -> str:
    """On one line, cut at a word."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rsplit(' ', 1)[0]}…"


def _ground(final: Final, harm_from: int) -> Ground | None:
    said = final.answers
    wrong: Iterable[bool] = (said.get("correct") in ("no", "partly"), said.get("complete") == "no")
    checks: Sequence[tuple[Ground, bool]] = (
        ("harm", _degree(said.get("harm")) >= harm_from),
        ("unsafe", said.get("safe") == "no"),
        ("missed", said.get("escalation") == "missed"),
        ("overruled", bool(final.overruled)),
        ("disputed", bool(final.disputed)),
        ("wrong", any(wrong)),
        ("taught", told_by(final).answers.teach),
    )
    return next((ground for ground, holds in checks if holds), None)


def _order(ground: Ground, final: Final) -> tuple[int, int]:
    """Graver first; of the same ground the more harmful."""
    order: Sequence[Ground] = ("harm", "unsafe", "missed", "overruled", "disputed", "wrong")
    return order.index(ground), -_degree(final.answers.get("harm"))


def _degree(harm: str | None) -> int:
    return -1 if harm in (None, CANNOT_TELL) else OPTIONS["harm"].index(str(harm))


def _case(ground: Ground, item: ReviewItem, final: Final) -> CaseToRead:
    last = {said.role: said.text for said in item.conversation}
    return CaseToRead(
        item_id=item.item_id,
        ground=ground,
        locale=item.locale,
        asked=clipped(last.get("user", ""), ASKED_CHARACTERS),
        shown=clipped(last.get("assistant", ""), SHOWN_CHARACTERS),
        answers=final.answers,
        disputed=final.disputed,
        comment=clipped(told_by(final).answers.comment, COMMENT_CHARACTERS) if final.is_final else "",
    )

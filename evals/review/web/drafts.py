"""What a form holds, whole or half-filled: read from its fields, kept as a draft, and held against another.

The store masks what is kept, free text and drafts alike; passages come from the conversation, which is masked already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from evals.review.base import OPTIONS, Answers, Highlight, Question, ReviewItem
from evals.review.web.passages import highlights_of
from evals.review.web.words.texts import Words

MOST_LETTERS = 4000
"""Of a comment; a longer one is refused with its text kept, never cut."""
MOST_SECONDS = 4 * 3600.0
"""A card open for longer was not being read."""
ANSWER = "q-"


@dataclass(frozen=True)
class Filled:
    """What a nurse has filled in up to now."""

    given: Mapping[Question, str] = field(default_factory=dict)
    comment: str = ""
    highlights: tuple[Highlight, ...] = ()
    teach: bool = False
    seconds: float | None = None
    """How long the card was in use; None where no script counted."""

    def missing(self, item: ReviewItem) -> tuple[Question, ...]:
        """The questions without an answer."""
        return tuple(question for question in item.questions if question not in self.given)

    @property
    def is_too_long(self) -> bool:
        """Whether the comment passes its limit."""
        return len(self.comment) > MOST_LETTERS

    @property
    def answers(self) -> Answers:
        """As they are submitted."""
        return Answers(dict(self.given), self.comment, self.highlights, self.teach)


def read_form(fields: Sequence[tuple[str, str]], item: ReviewItem) -> Filled:
    """What the fields of a form say; an option that there is not counts as no answer."""
    last = dict(fields)
    marks = [value for name, value in fields if name == "mark"]
    given = {question: last.get(f"{ANSWER}{question}", "") for question in item.questions}
    return Filled(
        given={question: option for question, option in given.items() if option in OPTIONS[question]},
        comment=last.get("comment", "").replace("\r\n", "\n").strip(),
        highlights=highlights_of(marks, item),
        teach="teach" in last,
        seconds=_seconds(last.get("seconds", "")),
    )


def as_fields(filled: Filled) -> dict[str, Any]:
    """As a draft keeps it: each question under its name, as a store leaves it after an undo."""
    given: dict[str, Any] = {str(question): option for question, option in filled.given.items()}
    highlights = [asdict(one) for one in filled.highlights]
    rest = {"comment": filled.comment, "highlights": highlights, "teach": filled.teach, "seconds": filled.seconds}
    return given | rest


def from_fields(fields: Mapping[str, Any], item: ReviewItem) -> Filled:
    """A draft as it was left, or the answers that an undo left as one."""
    return Filled(
        given={question: fields[question] for question in item.questions if fields.get(question) in OPTIONS[question]},
        comment=str(fields.get("comment") or ""),
        highlights=tuple(Highlight(**one) for one in fields.get("highlights") or ()),
        teach=bool(fields.get("teach")),
        seconds=fields.get("seconds"),
    )


def from_answers(answers: Answers, seconds: float | None) -> Filled:
    """What was submitted, to be changed."""
    return Filled(dict(answers.given), answers.comment, answers.highlights, answers.teach, seconds)


def is_same(one: Filled, other: Filled) -> bool:
    """Whether both say the same, however long it took."""
    return one.answers == other.answers


@dataclass(frozen=True)
class Difference:
    """One thing that two windows say differently, in words."""

    label: str
    mine: str
    other: str


def differences(mine: Filled, other: Filled, item: ReviewItem, words: Words) -> tuple[Difference, ...]:
    """What two windows say differently, in the order of the form."""
    rows = [
        Difference(words(f"question.{one}.short"), _said(mine, one, words), _said(other, one, words))
        for one in item.questions
    ]
    nothing = words("conflict.nothing")
    rows += [
        Difference(words("conflict.comment"), mine.comment or nothing, other.comment or nothing),
        Difference(words("conflict.highlights"), _passages(mine) or nothing, _passages(other) or nothing),
        Difference(words("conflict.teach"), _yes(mine.teach, words), _yes(other.teach, words)),
    ]
    return tuple(row for row in rows if row.mine != row.other)


def _said(filled: Filled, question: Question, words: Words) -> str:
    option = filled.given.get(question)
    return words.option(question, option) if option else words("conflict.nothing")


def _passages(filled: Filled) -> str:
    return " … ".join(f"“{one.text}”" for one in filled.highlights)


def _yes(is_so: bool, words: Words) -> str:
    return words("conflict.yes" if is_so else "conflict.no")


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return min(seconds, MOST_SECONDS) if seconds >= 0 else None

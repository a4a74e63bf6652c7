"""A card as its template shows it: the conversation in sentences that can be marked, and the questions with answers.

It is made from a review item and what was filled in; of where the item comes from nothing is known here.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from markupsafe import Markup, escape

from evals.review.base import OPTIONS, Question, ReviewItem, Spoken
from evals.review.web.drafts import MOST_LETTERS, Filled
from evals.review.web.passages import mark_of, marks_of, sentences

_FIRST = re.compile(r"\S{1,24}(?=\s|$)")


@dataclass(frozen=True)
class Part:
    """A stretch of a message: a sentence that can be marked, or what stands between two."""

    first: Markup
    """Its first word, which stays on one line with the field in front of it."""
    rest: Markup
    text: str
    mark: str = ""
    """What its field sends; empty for what cannot be marked by itself."""
    is_marked: bool = False


@dataclass(frozen=True)
class Said:
    """One message."""

    index: int
    is_answer: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Asked:
    """One question."""

    name: Question
    options: tuple[str, ...]
    chosen: str = ""
    is_missing: bool = False
    is_disputed: bool = False


@dataclass(frozen=True)
class Passage:
    """A passage that was marked and is no whole sentence."""

    mark: str
    text: str


@dataclass(frozen=True)
class Card:
    """All that the form shows and sends back."""

    item: ReviewItem
    conversation: tuple[Said, ...]
    questions: tuple[Asked, ...]
    filled: Filled
    passages: tuple[Passage, ...]
    version: int
    """Of the draft that it was opened with; 0 for none."""
    revision: int
    """Of the review that stands; 0 for none."""
    most_letters: int = MOST_LETTERS

    @property
    def missing(self) -> tuple[Asked, ...]:
        """The questions to which an answer was missed."""
        return tuple(one for one in self.questions if one.is_missing)

    @property
    def answered(self) -> int:
        """How many questions have an answer."""
        return sum(bool(one.chosen) for one in self.questions)


def card(
    item: ReviewItem,
    filled: Filled,
    version: int,
    revision: int,
    *,
    missing: Collection[Question] = (),
    disputed: Collection[Question] = (),
) -> Card:
    """The card as it is filled in."""
    marked = {mark: one.text for one in filled.highlights for mark in marks_of([one], item)}
    said = tuple(_said(index, one, marked) for index, one in enumerate(item.conversation))
    whole = {part.mark for one in said for part in one.parts}
    return Card(
        item=item,
        conversation=said,
        questions=tuple(
            Asked(one, OPTIONS[one], filled.given.get(one, ""), one in missing, one in disputed)
            for one in item.questions
        ),
        filled=filled,
        passages=tuple(Passage(mark, text) for mark, text in marked.items() if mark not in whole),
        version=version,
        revision=revision,
    )


def _said(index: int, spoken: Spoken, marks: Collection[str]) -> Said:
    if spoken.role == "user":
        return Said(index, False, (_part(spoken.text),))
    parts, done = [], 0
    for span in sentences(spoken.text):
        if span.start > done:
            parts.append(_part(spoken.text[done : span.start]))
        mark = mark_of(index, span)
        parts.append(_part(spoken.text[span.start : span.end], mark, mark in marks))
        done = span.end
    if done < len(spoken.text):
        parts.append(_part(spoken.text[done:]))
    return Said(index, True, tuple(parts))


def _part(text: str, mark: str = "", is_marked: bool = False) -> Part:
    match = _FIRST.match(text) if mark else None
    at = match.end() if match else 0
    return Part(_html(text[:at]), _html(text[at:]), text, mark, is_marked)


def _html(text: str) -> Markup:
    """A browser drops a carriage return from a page's source, and every place behind it would shift."""
    return Markup(str(escape(text)).replace("\r", "&#13;"))

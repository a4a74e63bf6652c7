"""Texts as they may be kept: masked, whichever way they come.

A conversation is masked once, when it is put, so that a nurse marks what is stored. What she marked is found again in
that text; it is a part of something masked and is kept as it is. All else that she typed is masked, a number too.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evals.review.base import OPTIONS, Answers, Highlight, ReviewItem, Spoken

FEW_DIGITS = 10_000_000
"""Numbers below it are seconds and places in a text, never a document or a telephone."""


@dataclass(frozen=True)
class Masking:
    """What is kept of a text."""

    mask: Callable[[str], str]

    def text(self, typed: str) -> str:
        """Masked, and storable: what no database takes is a sign that says so."""
        return self.mask(_storable(typed))

    def conversation(self, spoken: Sequence[Spoken]) -> tuple[Spoken, ...]:
        """Each message masked."""
        return tuple(replace(one, text=self.text(one.text)) for one in spoken)

    def answers(self, answers: Answers, item: ReviewItem) -> Answers:
        """Comment and passages as they may be kept. Raises `ValueError` for an answer that the item does not offer."""
        for question, answer in answers.given.items():
            if question not in item.questions or answer not in OPTIONS[question]:
                raise ValueError(f"an answer is none of those that a {item.kind} item offers for its questions")
        highlights = tuple(self._highlight(one, item) for one in answers.highlights)
        return Answers(dict(answers.given), self.text(answers.comment), highlights, bool(answers.teach))

    def fields(self, fields: Mapping[str, Any], item: ReviewItem) -> dict[str, Any]:
        """What a form left half-filled, each string in it masked; ids and passages of the item stay."""
        return {self._string(str(name), item): self._value(value, item) for name, value in fields.items()}

    def _highlight(self, marked: Highlight, item: ReviewItem) -> Highlight:
        """The passage where it stands in the stored text; with the place 0 to 0 where it stands nowhere."""
        text = _storable(marked.text)
        for spoken in item.conversation:
            if (spoken.message_id, spoken.role) == (marked.message_id, marked.role):
                for passage in (text, self.mask(text)):
                    if place := _place(passage, spoken.text, marked.start):
                        start, end = place
                        return replace(marked, start=start, end=end, text=spoken.text[start:end])
        message_id = self._string(marked.message_id, item)
        role = marked.role if marked.role in ("user", "assistant") else "user"
        return Highlight(message_id, role, 0, 0, self.mask(text))

    def _value(self, value: Any, item: ReviewItem) -> Any:
        match value:
            case None | bool():
                return value
            case str():
                return self._string(value, item)
            case int() | float():
                is_kept = abs(value) < FEW_DIGITS or self.mask(str(value)) == str(value)
                return value if is_kept else self.mask(str(value))
            case Mapping():
                return self.fields(value, item)
            case list() | tuple():
                return [self._value(one, item) for one in value]
        return self.text(str(value))

    def _string(self, typed: str, item: ReviewItem) -> str:
        text = _storable(typed)
        if text in {spoken.message_id for spoken in item.conversation}:
            return text
        if text and any(text in spoken.text for spoken in item.conversation):
            return text
        if text.startswith(("[{", "{", "[")):
            try:
                held = json.loads(text)
            except ValueError:
                return self.mask(text)
            return json.dumps(self._value(held, item), ensure_ascii=False)
        return self.mask(text)


def _place(passage: str, text: str, near: int) -> tuple[int, int] | None:
    """Where the passage stands, nearest to where it was said to; blanks of any kind are as good as each other."""
    words = passage.split()
    if not words:
        return None
    if text[max(near, 0) :].startswith(passage):
        return max(near, 0), max(near, 0) + len(passage)
    found = re.finditer(r"\s+".join(map(re.escape, words)), text)
    places = [match.span() for match in found]
    return min(places, key=lambda place: abs(place[0] - near), default=None)


def _storable(text: str) -> str:
    """The text without zero bytes and halves of characters, each replaced by one sign, so that no place shifts."""
    return re.sub("[\x00\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)

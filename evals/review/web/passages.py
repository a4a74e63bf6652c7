"""Passages of a message that a nurse can mark: its sentences, and whatever else she selects.

Positions are characters of the message as it is kept, so that a mark is found again wherever the text is shown.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evals.review.base import Highlight, ReviewItem

_END = re.compile(r"[.!?…]+[\"'”»)\]]*(?=\s)")
_LINE = re.compile(r"[^\r\n]+")
_GOES_ON = re.compile(
    r"(?:^|[\s(])(?:\d{1,2}|dra?|sra?|profa?|enfa?|ex|p|pp|págs?|n|nº|no|art|cap|aprox|mrs?|ms|e\.g|i\.e|p\. ?ex)[.)]$",
    re.IGNORECASE,
)
"""What ends in a full stop and ends no sentence: a number of a list, an abbreviation."""
_MARK = re.compile(r"(\d{1,4}):(\d{1,6}):(\d{1,6})")
MOST_MARKS = 60
"""More than a conversation has sentences worth a mark; further ones in one request are not read."""


@dataclass(frozen=True)
class Span:
    """Characters of a text, end excluded."""

    start: int
    end: int


def sentences(text: str) -> tuple[Span, ...]:
    """The sentences of a text, none of them blank; a line break ends one too."""
    return tuple(span for line in _LINE.finditer(text) for span in _of_line(text, line.start(), line.end()))


def _of_line(text: str, start: int, end: int) -> Iterator[Span]:
    begin = start
    for match in _END.finditer(text, start, end):
        if not _GOES_ON.search(text[begin : match.end()]):
            yield from _trimmed(text, begin, match.end())
            begin = match.end()
    yield from _trimmed(text, begin, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    part = text[start:end]
    if part.strip():
        yield Span(start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip()))


def mark_of(index: int, span: Span) -> str:
    """A passage as a form sends it: which message, from where, up to where."""
    return f"{index}:{span.start}:{span.end}"


def marks_of(highlights: Sequence[Highlight], item: ReviewItem) -> tuple[str, ...]:
    """Highlights as a form sends them; those of messages that the item has not any more are left out."""
    places = {(said.message_id, said.role): index for index, said in enumerate(item.conversation)}
    known = [(places.get((one.message_id, one.role)), one) for one in highlights]
    return tuple(mark_of(index, Span(one.start, one.end)) for index, one in known if index is not None)


def highlights_of(marks: Sequence[str], item: ReviewItem) -> tuple[Highlight, ...]:
    """The passages that were marked, in order and once each; what is no passage of the item is left out."""
    places = {place for mark in marks[:MOST_MARKS] if (place := _place(mark, item))}
    return tuple(_highlight(item, *place) for place in sorted(places))


def _place(mark: str, item: ReviewItem) -> tuple[int, int, int] | None:
    match = _MARK.fullmatch(mark)
    if match is None:
        return None
    index, start, end = map(int, match.groups())
    if index >= len(item.conversation) or not start < end <= len(item.conversation[index].text):
        return None
    return index, start, end


def _highlight(item: ReviewItem, index: int, start: int, end: int) -> Highlight:
    said = item.conversation[index]
    return Highlight(said.message_id, said.role, start, end, said.text[start:end])

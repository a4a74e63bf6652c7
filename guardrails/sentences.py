"""A text in its sentences, as a reader sees them: with their place, their line and whether the line is a list item.

`guardrails.reading` cuts at every full stop, which is right for phrases; here an abbreviation ends nothing, so that a
sentence can be taken out whole. Where two sentences cannot be told apart they count as one.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

LineKind = Literal["prose", "bullet", "number"]

_MARKER = re.compile(r"\s*(?:>\s*)?(?:(?P<bullet>[-*•+–])\s+|(?P<number>\d{1,2}[.)ºª]|[a-z]\))\s+|#{1,6}\s+)?")
_END = re.compile(r"[.!?…]+[\"'”’»)\]*_]*(?=\s|$)")
_ABBREVIATED = frozenset(
    {"dr", "dra", "drs", "dras", "sr", "sra", "srs", "enf", "enfa", "prof", "profa", "ex", "p", "p.ex", "aprox", "max"}
    | {"min", "máx", "mín", "vs", "obs", "tel", "n", "nº", "séc", "pág", "art", "av"}
    | {"e.g", "i.e", "approx", "mr", "mrs", "ms", "st", "no"}
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, or one line where it holds no end."""

    start: int
    """First character, behind the mark of a list item."""
    end: int
    """One past the last character that is no space."""
    line: int
    """Number of its line, from 0."""
    kind: LineKind
    """What its line is."""


def sentences(text: str) -> list[Sentence]:
    """The sentences of `text`, in order; blank lines hold none."""
    found: list[Sentence] = []
    line_start = 0
    for number, line in enumerate(text.split("\n")):
        marker = _MARKER.match(line)
        assert marker is not None
        kind: LineKind = "bullet" if marker["bullet"] else "number" if marker["number"] else "prose"
        for start, end in _cut(line, marker.end()):
            found.append(Sentence(line_start + start, line_start + end, number, kind))
        line_start += len(line) + 1
    return found


def sentence_at(found: Sequence[Sentence], place: int) -> Sentence | None:
    """The sentence that holds the character `place`, or the first one behind it; None behind the last."""
    index = bisect_right([sentence.end for sentence in found], place)
    return found[index] if index < len(found) else None


def _cut(line: str, start: int) -> list[tuple[int, int]]:
    parts: list[tuple[int, int]] = []
    for end in _END.finditer(line, start):
        if _ends_sentence(line, end):
            parts.append((start, end.end()))
            start = end.end() + len(line[end.end() :]) - len(line[end.end() :].lstrip())
    if line[start:].strip():
        parts.append((start, len(line.rstrip())))
    return parts


def _ends_sentence(line: str, end: "re.Match[str]") -> bool:
    """Whether a stop ends a sentence: not behind an abbreviation, and not where a small letter goes on."""
    words = line[: end.start()].split()
    is_abbreviated = end.group() == "." and bool(words) and words[-1].strip("(*_").lower() in _ABBREVIATED
    return not is_abbreviated and not line[end.end() :].lstrip()[:1].islower()

"""Sections that fold: a text too long for where it goes loses detail from the bottom up, and never part of a table.

Each section has forms, the longest first; past the last one stays its name in a line that says where the rest lies.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Room:
    """How long a text may be where it goes, and how much of each answer it shows."""

    most: int
    measure: Callable[[str], int]
    answers: int
    """Characters of each question or answer."""
    regressions: int
    """Cases that got worse, shown with their answers."""


def utf16_units(text: str) -> int:
    """Characters as GitHub and Azure DevOps count them at the most: those beyond U+FFFF count twice."""
    return len(text) + sum(character > "\uffff" for character in text)


def utf8_bytes(text: str) -> int:
    """Bytes on the wire."""
    return len(text.encode("utf-8", "replace"))


GITHUB_COMMENT = Room(65_536, utf16_units, 900, 5)
AZURE_COMMENT = Room(150_000, utf16_units, 1_500, 5)
JOB_SUMMARY = Room(1_048_576, utf8_bytes, 4_000, 25)
"""GitHub's limit for the summary of one step."""


@dataclass(frozen=True)
class Section:
    """One part of a text, in forms that grow shorter."""

    title: str
    """As the line says it that stands where the section was left out."""
    forms: tuple[str, ...]
    """Markdown, the longest first; empty forms are no section."""
    is_pinned: bool = False
    """Whether its shortest form always stays."""


def section(title: str, *bodies: str) -> Section:
    """A section below its heading, one form for each body that is not empty."""
    return Section(title, tuple(f"### {title}\n\n{body}" for body in bodies if body))


def fitted(sections: Sequence[Section], room: Room, left_out: Callable[[str], str]) -> str:
    """The sections in their longest forms that fit, folded from the bottom; pinned ones grow shorter last.

    `left_out` makes the line that names sections which have no form left; it stands above the last section.
    """
    kept = [item for item in sections if item.forms]
    steps = [0] * len(kept)
    text = _joined(kept, steps, left_out)
    while room.measure(text) > room.most:
        step = _next(kept, steps)
        if step is None:
            return text
        steps[step] += 1
        text = _joined(kept, steps, left_out)
    return text


def _next(kept: Sequence[Section], steps: Sequence[int]) -> int | None:
    """Which section gives way: the lowest that can, pinned ones after all others."""
    for is_pinned in (False, True):
        for index in reversed(range(len(kept))):
            last = len(kept[index].forms) - is_pinned
            if kept[index].is_pinned == is_pinned and steps[index] < last:
                return index
    return None


def _joined(kept: Sequence[Section], steps: Sequence[int], left_out: Callable[[str], str]) -> str:
    shown = [part.forms[step] for part, step in zip(kept, steps, strict=True) if step < len(part.forms)]
    missing = [part.title for part, step in zip(kept, steps, strict=True) if step >= len(part.forms)]
    if missing:
        shown.insert(-1, f"_{left_out('; '.join(missing))}_")
    return "\n\n".join(shown) + "\n"

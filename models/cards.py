"""A model card: what a model is for, what it is worth and for whom, and who answers for it, as Markdown and JSON.

The sections follow what Regulation (EU) 2024/1689 (the AI Act), Article 13(3), wants a deployer to be told. A card is
rendered from results, never written by hand; it is no assessment of conformity. Each kind of model fills one in its
own folder (`models/risk/card.py`).
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from matria.errors import InternalError


@dataclass(frozen=True)
class Table:
    """Figures in rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """One section: paragraphs, then points, then tables."""

    title: str
    article: str
    """Where the AI Act asks for it."""
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Sections:
    """Every section of a card, in the order shown; none may be empty."""

    intended_use: Section
    not_for: Section
    data: Section
    performance: Section
    groups: Section
    limits: Section
    oversight: Section
    maintenance: Section
    contact: Section
    origin: Section

    def __iter__(self) -> Iterator[Section]:
        return (getattr(self, part.name) for part in fields(self))


@dataclass(frozen=True)
class ModelCard:
    """The card of one trained model."""

    model: str
    summary: str
    """Two or three sentences: what it does and how well."""
    made_at: datetime
    is_simulated: bool
    """Whether the data are synthetic; then the card says so first."""
    clinical_review: str
    """Who signed and when, or `pending`."""
    sections: Sections

    def __post_init__(self) -> None:
        empty = [part.title for part in self.sections if not (part.paragraphs or part.points or part.tables)]
        if empty:
            raise InternalError(f"The card of {self.model} has nothing under {', '.join(empty)}.")

    def as_json(self) -> dict[str, Any]:
        """The card as JSON-like data."""
        return {**asdict(self), "made_at": self.made_at.isoformat()}

    def as_markdown(self) -> str:
        """The card as Markdown, ending in one newline."""
        return "\n\n".join([*self._head(), *(block for part in self.sections for block in _blocks(part))]) + "\n"

    def as_note(self) -> str:
        """The head of the card, for a registry's description (at most 5,000 characters)."""
        return "\n\n".join(self._head())[:5000]

    def _head(self) -> list[str]:
        marks = [f"Clinical review: **{self.clinical_review}**. Made {self.made_at:%Y-%m-%d %H:%M} UTC."]
        if self.is_simulated:
            marks.insert(0, "**Synthetic data.** Trained and tested on a simulated cohort: no figure holds for women.")
        return [f"# Model card: {_text(self.model)}", *marks, _text(self.summary)]


def _blocks(section: Section) -> Iterator[str]:
    yield f"## {_text(section.title)}"
    yield f"*{section.article}*"
    yield from map(_text, section.paragraphs)
    if section.points:
        yield "\n".join(f"- {_text(point)}" for point in section.points)
    for table in section.tables:
        yield _table(table)


def _table(table: Table) -> str:
    rule = "|".join(["---"] * len(table.columns))
    return "\n".join([_row(table.columns), f"|{rule}|", *map(_row, table.rows)])


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(_text(cell).replace('|', chr(92) + '|') for cell in cells)} |"


def _text(text: str) -> str:
    """`text` as it should be read: a group named `<20` is no tag."""
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")

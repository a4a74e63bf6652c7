"""A week's stratum as an estimate sees it: how many conversations, how many drawn, and what was told of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from evals.review.base import Answers, Batch, Origin
from evals.review.outcomes import Outcome
from evals.review.strata import READ_BEFORE


@dataclass(frozen=True)
class WeekRead:
    """A batch, and what is final of its items."""

    batch: Batch
    origins: Sequence[Origin]
    """Of its items; those that were not drawn from the week (repeats, criteria) do not count."""
    final: Mapping[str, Answers]
    """By item: the first reader's answers, or the adjudicator's where there are any."""


@dataclass(frozen=True)
class Cell:
    """One stratum of one week, for one outcome."""

    week: str
    stratum: str
    size: int
    drawn: int
    bad: int = 0
    fine: int = 0
    cannot_tell: int = 0

    @property
    def read(self) -> int:
        """Items of which it is known."""
        return self.bad + self.fine

    @property
    def missing(self) -> int:
        """Items that were drawn and of which nothing final came, erased ones among them."""
        return self.drawn - self.read - self.cannot_tell


def cells_of(week: WeekRead, outcome: Outcome) -> tuple[Cell, ...]:
    """The strata that were drawn from. Raises ValueError where more came back of one than was drawn."""
    told = Counter(
        (origin.stratum, outcome.told(week.final.get(origin.item_id)))
        for origin in week.origins
        if origin.source == "week" and origin.probability is not None
    )
    cells = []
    for stratum in week.batch.strata:
        if stratum.name == READ_BEFORE:
            continue
        bad, fine, unsure = (told[stratum.name, of] for of in ("bad", "fine", "cannot_tell"))
        cells.append(Cell(week.batch.batch_id, stratum.name, stratum.size, stratum.drawn, bad, fine, unsure))
        if cells[-1].missing < 0:
            raise ValueError(f"{week.batch.batch_id}: more items of stratum '{stratum.name}' than were drawn")
    return tuple(cells)


def joined(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Cells of which something is known; the size of another goes to its neighbour of the same week.

    A stratum nobody read is taken to be like the next one, or the one before. A week nobody read is left out whole.
    """
    return tuple(cell for _, of in groupby(cells, key=lambda cell: cell.week) for cell in _joined(of))


def _joined(cells: Iterable[Cell]) -> list[Cell]:
    known: list[Cell] = []
    waiting = 0
    for cell in cells:
        waiting += cell.size
        if cell.read:
            known.append(replace(cell, size=waiting))
            waiting = 0
    if known and waiting:
        known[-1] = replace(known[-1], size=known[-1].size + waiting)
    return known

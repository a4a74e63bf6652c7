"""Parts of the cases: by locale, by persona, by stage, and by these crossed, so that no mean hides a part.

A part that is the same cases as a wider one is left out, and so is a dimension with a single value.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

from evals.differences import Difference, TestRules, difference, judged
from evals.paired_scores import DIMENSIONS, ScoreTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evals.paired_scores import Places

CROSS = " × "


@dataclass(frozen=True)
class Slice:
    """One axis within a part of the cases."""

    dimension: str
    """`locale`, `persona`, `stage`, or several of them crossed, such as `locale × persona`."""
    value: str
    """Such as `pt-BR`, or `pt-BR × gestante`."""
    difference: Difference


@dataclass(frozen=True)
class Part:
    """Some of the pairs."""

    dimension: str
    value: str
    places: "Places"
    """Of its pairs, in the table."""


def slices(
    table: ScoreTable, axes: tuple[str, ...], margins: "Mapping[str, float]", rules: TestRules
) -> tuple[Slice, ...]:
    """Each axis in each part that has a pair of it; all of them are one family of tests."""
    found = [
        (part, measured)
        for part in parts(table)
        for axis in axes
        if (measured := difference(axis, table, margins[axis], rules, part.places)).cases
    ]
    states = judged([measured for _, measured in found], rules)
    return tuple(Slice(part.dimension, part.value, measured) for (part, _), measured in zip(found, states, strict=True))


def parts(table: ScoreTable) -> Iterator[Part]:
    """Single dimensions first, then crossed ones; by value within each."""
    import numpy as np

    varied = [name for name in DIMENSIONS if len(table.values[name]) > 1]
    seen: set[bytes] = set()
    for width in range(1, len(varied) + 1):
        for names in combinations(varied, width):
            for values in product(*(sorted(value for value in table.values[name] if value) for name in names)):
                chosen = np.ones(table.count, dtype=bool)
                for name, value in zip(names, values, strict=True):
                    chosen &= table.places[name] == table.values[name].index(value)
                if chosen.any() and not chosen.all() and (mark := np.packbits(chosen).tobytes()) not in seen:
                    seen.add(mark)
                    yield Part(CROSS.join(names), CROSS.join(values), np.flatnonzero(chosen))

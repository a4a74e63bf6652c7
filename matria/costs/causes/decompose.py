"""Why a message costs more than before: the change of the mean split over ten factors, to the last digit.

    cause = decompose(sums.where(lambda slot: slot == 1), sums.where(lambda slot: slot == 0))

Only messages whose every call has a price take part, as in the mean that is watched. The ends, before and after, are
the ledger's own exact means; the worths between are counterfactuals (`matria.costs.causes.worths`).
"""

import logging
from collections.abc import Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from matria.costs.causes.base import FACTORS, Cause, Factor, Part
from matria.costs.causes.baskets import Baskets, baskets
from matria.costs.causes.measures import Measure, is_against, measures, measures_within
from matria.costs.causes.shapley import shapley
from matria.costs.causes.tally import PICO, Sums, tally
from matria.costs.causes.worths import Worths, worths
from matria.costs.watching.base import TOTAL

ATTO = 10**6
"""Of a picodollar: worths between the ends are whole attodollars."""
_WORST_MISMATCH = 1e-9
"""Of the mean; floats are a million times finer."""
logger = logging.getLogger(__name__)


def decompose(before: Sums, after: Sums, scope: str = TOTAL) -> Cause | None:
    """The cause of the change between two windows, of one assistant (`scope` is its name) or of all.

    None where a window has no message with a known cost. The parts sum to `after_usd - before_usd` exactly, as
    Fractions: `shapley` shows why, for whatever lies between the ends. A factor in which the windows do not differ at
    all has a part of exactly 0.
    """
    sides = tally(before, scope), tally(after, scope)
    if not all(side.messages and side.lines for side in sides):
        return None
    of = baskets(*sides)
    found = worths(of)
    means = sides[0].mean_pico, sides[1].mean_pico
    parts = _parts(found.mean, *means)
    lies_in = {factor: _scope(of, found, factor, usd, scope) for factor, usd in parts.items()}
    measured = _measured(of, found, lies_in, scope)
    measured = {factor: one for factor, one in measured.items() if not is_against(factor, parts[factor], one)}
    ranked = [
        Part(factor, usd / PICO, lies_in[factor], one.before, one.after, one.name)
        for factor, usd in parts.items()
        for one in [measured.get(factor, Measure())]
    ]
    towards = 1 if means[1] >= means[0] else -1
    ranked.sort(key=lambda part: (-towards * part.usd, FACTORS.index(part.factor)))
    return Cause(means[0] / PICO, means[1] / PICO, tuple(ranked))


def _parts(mean: NDArray[np.float64], before: Fraction, after: Fraction) -> dict[Factor, Fraction]:
    """Picodollars a message, of each factor."""
    for worth, exact in ((mean[(0,) * mean.ndim], before), (mean[(1,) * mean.ndim], after)):
        if not is_close(float(worth), exact):
            logger.warning("The factors give a mean of %s picodollars where the ledger has %s.", worth, float(exact))
    differs = [n for n in range(len(FACTORS)) if not np.array_equal(mean.take(0, n), mean.take(1, n))]
    players = differs or list(range(len(FACTORS)))
    # Bit i of a coalition is player i, so the first player's axis is the fastest.
    kept = mean[tuple(slice(None) if n in players else 0 for n in range(len(FACTORS)))]
    between = [round(worth * ATTO) for worth in kept.transpose().ravel().tolist()]
    values: list[Fraction | int] = [before * ATTO, *between[1:-1], after * ATTO]
    found = dict(zip(players, shapley(values), strict=True))
    return {factor: found.get(n, Fraction(0)) / ATTO for n, factor in enumerate(FACTORS)}


def _measured(of: Baskets, found: Worths, lies_in: Mapping[Factor, str], scope: str) -> Mapping[Factor, Measure]:
    """What each factor measures, of the assistant in which its part lies; traffic is a matter between assistants."""
    measured = dict(measures(of, found))
    for name in {*lies_in.values()} - {"", scope}:
        within = measures_within(of, found, name)
        factors = (factor for factor in within if lies_in[factor] == name and factor != "traffic_mix")
        measured |= {factor: within[factor] for factor in factors}
    return measured


def is_close(worth: float, mean: Fraction) -> bool:
    """Whether the formula gives an end as the ledger has it, but for the rounding of floats.

    Usage that does not add up, such as more cached tokens than there are, would make it give another; the parts sum to
    the ledger's change even then, and an alert with such a cause is better than none.
    """
    return abs(worth - float(mean)) <= _WORST_MISMATCH * max(1.0, float(mean))


def _scope(of: Baskets, found: Worths, factor: Factor, pico: Fraction, scope: str) -> str:
    """The assistant in which more than half of a part lies; empty where none has so much."""
    if scope != TOTAL or not pico:
        return scope
    by_cell = _by_cell(found, factor)
    by_name: dict[str, float] = {}
    for cell, part in zip(of.cells, by_cell, strict=True):
        by_name[cell[0]] = by_name.get(cell[0], 0.0) + float(part)
    name = max(by_name, key=lambda one: (by_name[one] / float(pico), one))
    return name if by_name[name] / float(pico) > 0.5 else ""


def _by_cell(found: Worths, factor: Factor) -> NDArray[np.float64]:
    """Roughly how a part spreads over cells: the step from before to after, with the other factors half and half.

    More traffic is dearer only so far as the cell is dearer than the mean.
    """
    if factor == "traffic_mix":
        middle = found.by_cell.reshape(-1, found.by_cell.shape[-1]).mean(axis=0)
        overall = float((found.share.mean(axis=0) * middle).sum())
        return np.asarray((found.share[1] - found.share[0]) * (middle - overall))
    axis = FACTORS.index(factor)
    step = found.by_cell.take([1], axis) - found.by_cell.take([0], axis)
    return np.asarray(step.reshape(-1, step.shape[-1]).mean(axis=0) * found.share.mean(axis=0))

"""Cohen's kappa of two raters, plain and weighted, with what has to be read beside it.

Kappa after Cohen 1960, weighted after Cohen 1968, variance after Fleiss, Cohen and Everitt 1969. Where nearly all
ratings are the same, kappa is low however often two agree (Feinstein and Cicchetti 1990): so the share that agrees, the
agreement on each answer (Cicchetti and Feinstein 1990), prevalence, bias and PABAK (Byrt, Bishop and Carlin 1993) stand
beside it. A table has a row for each answer of the first rater and a column for each of the second.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
import numpy.typing as npt

from evals.review.coefficient import (
    REDRAW,
    Array,
    Coefficient,
    Redraw,
    Share,
    drawn_again,
    nothing,
    perfect_low,
    redrawn,
    wilson,
    z_of,
)

Weights = Literal["none", "linear", "quadratic"]
"""What two answers that differ count: nothing; less by each step apart; less by its square."""
_NEGLIGIBLE = 1e-12


@dataclass(frozen=True)
class Beside:
    """What explains a kappa."""

    agreed: Share
    """Of the items, those rated the same."""
    pabak: float | None
    """Kappa if each answer were as frequent as any other: (k p - 1) / (k - 1) of k answers."""
    prevalence: float | None
    """|a - d| / n of two answers: 0 where both are as frequent, 1 where one alone was given; None for more answers."""
    bias: float | None
    """|b - c| / n of two answers: 0 where both raters give each as often; None for more answers."""
    specific: Mapping[str, float | None]
    """Of each answer, how often the other gave it too, over both raters; None where nobody gave it."""


def table_of(pairs: Iterable[tuple[str, str]], options: Sequence[str]) -> Array:
    """How often each pair of answers came. Raises KeyError for an answer that is no option."""
    place = {option: number for number, option in enumerate(options)}
    table = np.zeros((len(options), len(options)))
    for first, second in pairs:
        table[place[first], place[second]] += 1
    return table


def kappa_value(table: Array, weights: Weights = "none") -> float | None:
    """Kappa alone; None for an empty table, and where chance alone agrees always; 0 where one rater is constant."""
    found = _kappas(table.ravel()[None, :], _alike(len(table), weights))[0]
    return None if np.isnan(found) else float(found)


def cohens_kappa(table: Array, weights: Weights = "none", confidence: float = 0.95) -> Coefficient:
    """Kappa with the interval of its variance."""
    found = _known(table, weights, confidence)
    if isinstance(found, Coefficient):
        return found
    margin = z_of(confidence) * sqrt(_variance(table, weights, found))
    low, high = max(-1.0, found - margin), min(1.0, found + margin)
    return Coefficient(found, low, high, round(table.sum()), "variance")


def kappa_redrawn(
    table: Array, weights: Weights = "none", confidence: float = 0.95, redraw: Redraw = REDRAW
) -> Coefficient:
    """Kappa with the interval of items drawn again; without one where too many samples have a single answer."""
    found = _known(table, weights, confidence)
    if isinstance(found, Coefficient):
        return found
    alike = _alike(len(table), weights)

    def known(counts: Array) -> Array:
        return np.where(_has_constant_reader(counts, len(table)), np.nan, _kappas(counts, alike))

    return drawn_again(found, redrawn(table.ravel(), known, redraw, confidence), round(table.sum()))


def beside(table: Array, options: Sequence[str], confidence: float = 0.95) -> Beside:
    """What explains the kappa of the table."""
    n, k, diagonal = float(table.sum()), len(table), np.diag(table)
    agreed = wilson(float(diagonal.sum()), n, confidence)
    both = table.sum(axis=0) + table.sum(axis=1)
    specific = {
        option: float(2 * alike / given) if given else None
        for option, alike, given in zip(options, diagonal, both, strict=True)
    }
    if agreed.value is None:
        return Beside(agreed, None, None, None, specific)
    is_binary = k == 2
    return Beside(
        agreed=agreed,
        pabak=(k * agreed.value - 1) / (k - 1),
        prevalence=float(abs(table[0, 0] - table[1, 1]) / n) if is_binary else None,
        bias=float(abs(table[0, 1] - table[1, 0]) / n) if is_binary else None,
        specific=specific,
    )


def _known(table: Array, weights: Weights, confidence: float) -> float | Coefficient:
    """The value, or all there is where it needs no interval or has none of its own."""
    n = round(table.sum())
    if not n:
        return nothing("no_items")
    value = kappa_value(table, weights)
    if value is None:
        return nothing("one_category", n)
    if _has_constant_reader(table.ravel(), len(table))[0]:
        return nothing("constant_reader", n)
    if np.trace(table) < table.sum():
        return value
    low = perfect_low(float(table.sum()), 1 - _chance(table, weights), confidence)
    return Coefficient(1.0, low, 1.0, n, "bound")


def _alike(k: int, weights: Weights) -> Array:
    """How much of an agreement each pair of answers is, 0 to 1; shape (k, k)."""
    apart = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / max(k - 1, 1)
    match weights:
        case "none":
            return np.eye(k)
        case "linear":
            return np.asarray(1 - apart)
        case "quadratic":
            return np.asarray(1 - apart**2)


def _kappas(counts: Array, alike: Array) -> Array:
    """Kappa of many tables at once; counts of shape (tables, k * k). NaN where there is none."""
    k = len(alike)
    tables = counts.reshape(-1, k, k)
    n = np.maximum(tables.sum(axis=(1, 2)), _NEGLIGIBLE)
    shares = tables / n[:, None, None]
    agreed = (shares * alike).sum(axis=(1, 2))
    chance = np.einsum("ti,ij,tj->t", shares.sum(axis=2), alike, shares.sum(axis=1))
    left = 1 - chance
    is_known = (left > _NEGLIGIBLE) & (counts.sum(axis=1) > 0)
    return np.where(is_known, (agreed - chance) / np.where(is_known, left, 1), np.nan)


def _has_constant_reader(counts: Array, k: int) -> npt.NDArray[np.bool_]:
    """Whether one of the two gave one answer alone; of many tables at once, shape (tables,)."""
    tables = counts.reshape(-1, k, k) > 0
    return np.asarray((tables.any(axis=2).sum(axis=1) < 2) | (tables.any(axis=1).sum(axis=1) < 2))


def _chance(table: Array, weights: Weights) -> float:
    shares = table / table.sum()
    return float(shares.sum(axis=1) @ _alike(len(table), weights) @ shares.sum(axis=0))


def _variance(table: Array, weights: Weights, kappa: float) -> float:
    """Fleiss, Cohen and Everitt 1969, equation 14; that of plain kappa is the case of weights 0 and 1."""
    n, alike = table.sum(), _alike(len(table), weights)
    shares, chance = table / n, _chance(table, weights)
    rows, columns = alike @ shares.sum(axis=0), alike.T @ shares.sum(axis=1)
    spread = (shares * (alike - (rows[:, None] + columns[None, :]) * (1 - kappa)) ** 2).sum()
    found = (spread - (kappa - chance * (1 - kappa)) ** 2) / (n * (1 - chance) ** 2)
    return max(0.0, float(found))

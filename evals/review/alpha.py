"""Krippendorff's alpha: agreement of any number of raters, some of whom rated some items only.

After Krippendorff, Content Analysis (2004, chapter 11): 1 less the disagreement seen among pairs of ratings of one item
over that among all ratings. An item that one person alone rated says nothing of agreement and is left out. The interval
draws items again, each with all its ratings, since ratings of one item hang together.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from evals.review.coefficient import REDRAW, Array, Coefficient, Redraw, drawn_again, nothing, perfect_low, redrawn

Level = Literal["nominal", "ordinal", "interval"]
"""Names; degrees in an order; figures whose distance counts."""
_NEGLIGIBLE = 1e-12


def krippendorffs_alpha(
    units: Sequence[Sequence[float]],
    domain: Sequence[float],
    level: Level = "nominal",
    confidence: float = 0.95,
    redraw: Redraw = REDRAW,
) -> Coefficient:
    """Alpha over items, each with the ratings that it has, and its interval.

    `domain` holds the values that may be given, in their order; a rating outside of it raises KeyError.
    """
    counts = _counts(units, domain)
    pairable = counts[counts.sum(axis=1) > 1]
    if not counts.size or not counts.sum():
        return nothing("no_items")
    if not len(pairable):
        return nothing("no_pairs")
    kinds, repeats = np.unique(pairable, axis=0, return_counts=True)
    often = repeats.astype(float)
    seen = _coincidences(kinds)
    values = np.asarray(domain, dtype=float)
    n = len(pairable)
    value = _alphas(often[None, :], seen, values, level)[0]
    if np.isnan(value):
        return nothing("one_category", n)
    if not _differences(seen):
        expected = _expected(often, seen, values, level)
        return Coefficient(1.0, perfect_low(n, expected, confidence), 1.0, n, "bound")
    ends = redrawn(often, lambda drawn: _alphas(drawn, seen, values, level), redraw, confidence)
    return drawn_again(float(value), ends, n)


def _counts(units: Sequence[Sequence[float]], domain: Sequence[float]) -> Array:
    """How often each item was given each value; shape (items, values)."""
    place = {value: number for number, value in enumerate(domain)}
    counts = np.zeros((len(units), len(domain)))
    for number, ratings in enumerate(units):
        for rating in ratings:
            counts[number, place[rating]] += 1
    return counts


def _coincidences(kinds: Array) -> Array:
    """Pairs of ratings within an item of each kind, each item counting as many as it has ratings; (kinds, k, k)."""
    pairs = kinds[:, :, None] * kinds[:, None, :]
    pairs -= np.eye(kinds.shape[1]) * kinds[:, :, None]
    return np.asarray(pairs / (kinds.sum(axis=1) - 1)[:, None, None])


def _alphas(often: Array, seen: Array, values: Array, level: Level) -> Array:
    """Alpha of many samples at once; `often` of shape (samples, kinds). NaN where one value alone was given."""
    pairs = np.einsum("su,uij->sij", often, seen)
    given = pairs.sum(axis=2)
    apart = _apart(given, values, level)
    total = given.sum(axis=1)
    observed = (pairs * apart).sum(axis=(1, 2))
    expected = np.einsum("si,sij,sj->s", given, apart, given) / np.maximum(total - 1, 1)
    is_known = expected > _NEGLIGIBLE
    return np.where(is_known, 1 - observed / np.where(is_known, expected, 1), np.nan)


def _apart(given: Array, values: Array, level: Level) -> Array:
    """Squared distance of each two values; shape (samples, k, k). That of degrees counts the ratings in between."""
    k = len(values)
    match level:
        case "nominal":
            return np.broadcast_to(1 - np.eye(k), (len(given), k, k))
        case "interval":
            return np.broadcast_to(np.subtract.outer(values, values) ** 2, (len(given), k, k))
        case "ordinal":
            middle = np.cumsum(given, axis=1) - given / 2
            return np.asarray((middle[:, :, None] - middle[:, None, :]) ** 2)


def _differences(seen: Array) -> bool:
    """Whether any two ratings of one item differ."""
    return bool((seen * (1 - np.eye(seen.shape[1]))).any())


def _expected(often: Array, seen: Array, values: Array, level: Level) -> float:
    """Disagreement by chance, as a part of that of the two values given that lie widest apart."""
    given = np.einsum("u,uij->i", often, seen)[None, :]
    apart = _apart(given, values, level)[0]
    was_given = given[0] > 0
    shares = given[0] / given.sum()
    return float(shares @ apart @ shares / apart[np.ix_(was_given, was_given)].max())

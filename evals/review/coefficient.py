"""A coefficient of agreement with its interval, or the reason why there is none.

Two kinds of interval: one from a variance, and one from items drawn again with a seed. Where everybody agreed on every
item both would be of no width, as if nobody could ever differ: there the share of items on which they might differ
unseen bounds the coefficient (Wilson 1927).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Reason = Literal["no_items", "no_pairs", "one_category", "constant_reader", "rare_answers"]
"""Nothing was rated; no item was rated twice; all ratings are the same, so that chance alone agrees always; one of two
always said the same, so that kappa is 0 with a variance of 0, whatever the other said; a figure without an interval,
since items drawn again would often have no figure."""
Method = Literal["", "variance", "bootstrap", "bound"]
"""No interval; from the variance; items drawn again; all agreed, see `perfect_low`."""
MOST_UNDEFINED = 0.05
"""Of the redrawn samples; with more of them without a figure there is no interval: those left are no fair choice."""


@dataclass(frozen=True)
class Coefficient:
    """Agreement beyond chance, 1 at most; 0 is what chance gives."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    """Items that it rests on."""
    method: Method = ""
    reason: Reason | None = None
    """Why there is no figure, or no interval of one; None where there are both."""


@dataclass(frozen=True)
class Share:
    """A share with Wilson's interval; all None where nothing was counted."""

    value: float | None
    low: float | None
    high: float | None
    n: float = 0.0
    """What it is a share of; with weights, as many items as would tell as much."""


@dataclass(frozen=True)
class Redraw:
    """How items are drawn again for an interval."""

    seed: int = 0
    replicates: int = 2000


REDRAW = Redraw()


def drawn_again(value: float, ends: tuple[float | None, float | None], n: int) -> Coefficient:
    """The figure with the ends that `redrawn` gives, or why there are none."""
    low, high = ends
    if low is None:
        return Coefficient(value, n=n, reason="rare_answers")
    return Coefficient(value, low, high, n, "bootstrap")


def nothing(reason: Reason, n: int = 0) -> Coefficient:
    """No figure, and why."""
    return Coefficient(None, n=n, reason=reason)


def z_of(confidence: float) -> float:
    """The two-sided quantile of the normal distribution."""
    from scipy.stats import norm

    return float(norm.ppf((1 + confidence) / 2))


def wilson(hits: float, n: float, confidence: float) -> Share:
    """A share with its interval (Wilson 1927); counts may be fractions, as weights leave them."""
    if n <= 0:
        return Share(None, None, None)
    share, z = hits / n, z_of(confidence)
    middle, spread = share + z**2 / (2 * n), 1 + z**2 / n
    margin = z * sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low = 0.0 if hits <= 0 else max(0.0, (middle - margin) / spread)
    high = 1.0 if hits >= n else min(1.0, (middle + margin) / spread)
    return Share(share, low, high, n)


def perfect_low(n: float, expected: float, confidence: float) -> float:
    """Lower end where all n items agree: 1 - u / expected, of u the share that may differ with none of n seen.

    `expected` is the disagreement that chance would give, as a part of the widest there is.
    """
    alike = wilson(n, n, confidence).low or 0.0
    return max(-1.0, 1 - (1 - alike) / expected)


def redrawn(
    counts: Array, of: Callable[[Array], Array], redraw: Redraw, confidence: float
) -> tuple[float | None, float | None]:
    """Percentiles of `of` over samples drawn again; both None where too many of them have no figure.

    `counts` says how often each kind of item came, shape (kinds,); `of` takes such counts, shape (samples, kinds), and
    gives NaN where there is no figure. To draw kinds so is to draw items.
    """
    rng = np.random.default_rng(redraw.seed)
    n = int(counts.sum())
    found = of(rng.multinomial(n, counts / n, size=redraw.replicates).astype(float))
    if np.isnan(found).mean() > MOST_UNDEFINED:
        return None, None
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(found, [tail, 1 - tail])
    return float(low), float(high)


def plain(value: Any) -> float | None:
    """A number of numpy's as one of Python's; None for NaN."""
    return None if np.isnan(value) else float(value)

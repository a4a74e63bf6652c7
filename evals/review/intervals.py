"""Intervals of a share that hold where events are rare and items are few.

The Beta interval with an effective sample size (Korn and Graubard 1998), which widens Clopper and Pearson's of 1934 by
what weights and strata cost; and, where nothing was seen, the largest number of events that could well go unseen in
this very design, wherever they are. 1 - 0.05^(1/n) is the same for equal weights and a large population (Hanley and
Lippman-Hand 1983): 13.9 % at 20, one-sided; two-sided, with half of 5 % on each side, it is 16.8 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace
from math import inf, log


@dataclass(frozen=True)
class Sampled:
    """A stratum, of which some were read."""

    size: int
    read: int


def unseen_bound(read: float, tail: float) -> float:
    """The rate at which nothing is seen in so many items with probability `tail`; 1 where nothing was read."""
    return float(1 - tail ** (1 / read)) if read > 0 else 1.0


def most_unseen(strata: Sequence[Sampled], tail: float) -> int:
    """The most events there can be, however spread, of which none is seen with a probability over `tail`.

    Of k events in N none is among n with (1 - k n / (N m))^m at most, m the smaller of k and n: with up to n events
    because conversations of a stratum shut each other out (Dubhashi, Jonasson and Ranjan 2007), with more as if each
    of n were drawn from a zone of its own with k / N of it bad. A simple random draw keeps to it, and so does
    `sampling.pivotal` in each stratum of up to 14 (enumerated; those of 6 in its test). One more event lowers the
    logarithm by as much or more, the more there are: taking the cheapest next event is best.
    """
    left, count = -log(tail), 0
    costs = [(_cost(stratum, 0), at, 0) for at, stratum in enumerate(strata) if stratum.size]
    heapify(costs)
    while costs and costs[0][0] < left:
        cost, at, events = costs[0]
        left, count = left - cost, count + 1
        heapreplace(costs, (_cost(strata[at], events + 1), at, events + 1))
    return count


def beta_interval(events: float, n: float, confidence: float) -> tuple[float, float]:
    """Clopper and Pearson's interval of events in n, either of which may be a fraction."""
    from scipy.stats import beta

    tail = (1 - confidence) / 2
    low = float(beta.ppf(tail, events, n - events + 1)) if events > 0 else 0.0
    high = float(beta.ppf(1 - tail, events + 1, n - events)) if events < n else 1.0
    return low, high


def beta_upper(events: float, n: float, confidence: float) -> float:
    """The one-sided upper end of the same."""
    return beta_interval(events, n, 2 * confidence - 1)[1]


def fewer_for_freedom(n: float, read: int, freedom: int, confidence: float) -> float:
    """The effective size, less what few degrees of freedom cost (Korn and Graubard 1998): n (t_read-1 / t_freedom)²."""
    from scipy.stats import t

    if freedom < 1 or read < 2 or n == inf:
        return n
    tail = (1 + confidence) / 2
    return n * float(t.ppf(tail, read - 1) / t.ppf(tail, freedom)) ** 2


def _cost(stratum: Sampled, events: int) -> float:
    """What one more event takes off the logarithm."""
    size, read = stratum.size, stratum.read
    if events >= size - read:
        return inf
    if events < read:
        return -log(1 - read / size)
    return read * log((size - events) / (size - events - 1)) if read else 0.0

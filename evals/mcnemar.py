"""McNemar's exact test on cases that changed between pass and fail.

A case passes an axis where no criterion of the axis failed. Of the cases that changed, chance alone would turn half to
pass; the test is the two-sided binomial one (McNemar 1947; exact form in Fagerland, Lydersen and Laake 2013). It takes
pairs as independent, which the twins of a case are not, so it is shown beside the difference and decides nothing.
"""

from dataclasses import dataclass
from math import exp, lgamma, log

_NEGLIGIBLE = 1e-17


@dataclass(frozen=True)
class FlipCounts:
    """How many cases changed between pass and fail; those that disagree with themselves are left out."""

    to_pass: int = 0
    to_fail: int = 0
    p: float = 1.0
    """Two-sided; 1 where no case changed."""
    flaky: int = 0
    """Left out, since they pass in one epoch and fail in another."""


def flip_counts(to_pass: int, to_fail: int, flaky: int = 0) -> FlipCounts:
    """The counts with their p-value."""
    return FlipCounts(to_pass, to_fail, mcnemar_p(to_pass, to_fail), flaky)


def mcnemar_p(to_pass: int, to_fail: int) -> float:
    """Two-sided exact p-value of so many changes in each direction."""
    changed, fewer = to_pass + to_fail, min(to_pass, to_fail)
    term = exp(lgamma(changed + 1) - lgamma(fewer + 1) - lgamma(changed - fewer + 1) - changed * log(2))
    tail = 0.0
    for count in range(fewer, -1, -1):
        tail += term
        term *= count / (changed - count + 1)
        if term < _NEGLIGIBLE * tail:
            break
    return min(1.0, 2 * tail)

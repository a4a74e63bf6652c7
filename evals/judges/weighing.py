"""Sensitivity, specificity and kappa of readings that were not all as likely to be read.

Whether an item is read depends on what the judge said of it, and sensitivity is a share of what nurses said. Weights
mend the figure, not how sure it is: with every miss of the judge among the many answers that few read, a sample without
a miss says little. So the interval is Wilson's with an effective number of items: that of the weights (Kish 1965), or
fewer where the shares of either verdict (Begg and Greenes 1983), each with its own Wilson interval and combined as a
ratio (Donner and Zou 2012), allow a lower figure.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from evals.review.coefficient import Coefficient, Share, wilson, z_of
from evals.review.kappa import cohens_kappa


@dataclass(frozen=True)
class Weighed:
    """A verdict of a judge and of a nurse on one criterion of one answer, and what it counts.

    `met` is good, whatever the sign of the criterion.
    """

    item: str
    """The answer: all that was said of it tells no more than one."""
    judge_met: bool
    nurse_met: bool
    weight: float = 1.0


def effective_n(readings: Sequence[Weighed]) -> float:
    """(sum of w)² / sum of w² (Kish 1965), w of an item being that of all its readings: they tell no more than one."""
    per_item: dict[str, float] = defaultdict(float)
    for one in readings:
        per_item[one.item] += one.weight
    squares = sum(weight**2 for weight in per_item.values())
    return _total(readings) ** 2 / squares if squares else 0.0


def found_alike(readings: Sequence[Weighed], nurse_met: bool, confidence: float) -> Share:
    """Of what nurses found so, the share that the judge found so: sensitivity for met, specificity for not met."""
    chosen = [one for one in readings if one.nurse_met is nurse_met]
    if not chosen:
        return Share(None, None, None)
    value = _total([one for one in chosen if one.judge_met is nurse_met]) / _total(chosen)
    n = effective_n(chosen)
    if len({one.weight for one in readings}) > 1:
        low = _low_by_verdict(readings, nurse_met, confidence)
        if 0 < low < value:
            n = min(n, z_of(confidence) ** 2 * low * (1 - low) / (value - low) ** 2)  # of Wilson's equation, for n
    return wilson(n * value, n, confidence)


def weighted_kappa(readings: Sequence[Weighed], confidence: float) -> Coefficient:
    """Cohen's kappa of the weighted table, with the variance of as many items as tell as much."""
    table = np.zeros((2, 2))
    for one in readings:
        table[int(not one.nurse_met), int(not one.judge_met)] += one.weight
    if readings:
        table *= effective_n(readings) / table.sum()
    return cohens_kappa(table, confidence=confidence)


def _low_by_verdict(readings: Sequence[Weighed], nurse_met: bool, confidence: float) -> float:
    """Lower end of the share, from how often nurses found so among what the judge found so, and among the rest.

    With weights A and B of the two and shares a and b the figure is A a / (A a + B b), which falls as b / a rises.
    """
    alike = [one for one in readings if one.judge_met is nurse_met]
    other = [one for one in readings if one.judge_met is not nurse_met]
    if not alike or not other:
        return 0.0
    a, b = (_nurses_share(group, nurse_met, confidence) for group in (alike, other))
    if not a.low or a.value is None or b.value is None or b.high is None:
        return 0.0
    below = a.low * (2 * a.value - a.low)
    ratio = a.value * b.value
    high = (ratio + sqrt(max(0.0, ratio**2 - b.high * (2 * b.value - b.high) * below))) / below
    return 1 / (1 + _total(other) / _total(alike) * high)


def _nurses_share(group: Sequence[Weighed], nurse_met: bool, confidence: float) -> Share:
    share = _total([one for one in group if one.nurse_met is nurse_met]) / _total(group)
    n = effective_n(group)
    return wilson(n * share, n, confidence)


def _total(readings: Sequence[Weighed]) -> float:
    return sum(one.weight for one in readings)

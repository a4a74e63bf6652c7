"""A judge's pass rate, corrected for how the judge errs against nurses.

Rogan and Gladen 1978: of answers that are good with rate p the judge passes p se + (1 - p)(1 - sp), so
p = (passed + sp - 1) / (se + sp - 1). The interval carries what is not known of sensitivity and specificity too: after
Lang and Reiczigel 2014, or by the delta method, or by drawing all three counts again. A judge that passes what is bad
as often as what is good says nothing of p, and there is no figure.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np

from evals.judges.trust import Interval, Trust
from evals.review.coefficient import REDRAW, Redraw, wilson, z_of

CorrectionMethod = Literal["lang_reiczigel", "delta", "bootstrap"]
"""Shrunk counts and a normal approximation; the variance of the figure itself; counts drawn again."""
CorrectionReason = Literal["none_judged", "unmeasured", "no_better_than_chance"]
"""Nothing was judged; sensitivity or specificity is not known; they add up to 1 at most."""


@dataclass(frozen=True)
class JudgeErrors:
    """How a judge errs, and on how many items that rests; the counts may be effective ones."""

    sensitivity: float
    met: float
    """Items that nurses found met."""
    specificity: float
    not_met: float


@dataclass(frozen=True)
class Corrected:
    """A pass rate as the judge gave it, and as nurses would have."""

    judged: float
    raw: Interval
    """As the judge gave it; Wilson's interval."""
    corrected: Interval
    is_clipped: bool = False
    """Whether the figure fell outside 0 to 1 and was set to the nearer end; the judge errs otherwise here."""
    reason: CorrectionReason | None = None
    """Why nothing could be corrected."""


def errors_of(trust: Trust) -> JudgeErrors | None:
    """How a judge errs, by what is known of it; None where one of both is not."""
    sensitivity, specificity = trust.sensitivity.value, trust.specificity.value
    if sensitivity is None or specificity is None or not (trust.effective_met and trust.effective_not_met):
        return None
    return JudgeErrors(sensitivity, trust.effective_met, specificity, trust.effective_not_met)


def corrected_rate(
    passed: float,
    judged: float,
    errors: JudgeErrors | None,
    *,
    confidence: float = 0.95,
    method: CorrectionMethod = "lang_reiczigel",
    redraw: Redraw = REDRAW,
) -> Corrected:
    """The rate of `passed` among `judged`, corrected; both may be effective counts. `errors` are of other items."""
    found = wilson(passed, judged, confidence)
    raw = Interval(found.value, found.low, found.high)
    if found.value is None:
        return Corrected(judged, raw, Interval(), reason="none_judged")
    if errors is None:
        return Corrected(judged, raw, Interval(), reason="unmeasured")
    if errors.sensitivity + errors.specificity <= 1:
        return Corrected(judged, raw, Interval(), reason="no_better_than_chance")
    value = _rogan_gladen(found.value, errors.sensitivity, errors.specificity)
    match method:
        case "lang_reiczigel":
            low, high = _lang_reiczigel(found.value, judged, errors, z_of(confidence))
        case "delta":
            low, high = _delta(value, found.value, judged, errors, z_of(confidence))
        case "bootstrap":
            low, high = _drawn_again(passed, judged, errors, redraw, confidence)
    shown = min(1.0, max(0.0, value))
    low, high = min(shown, max(0.0, low)), max(shown, min(1.0, high))
    return Corrected(judged, raw, Interval(shown, low, high), is_clipped=shown != value)


def _rogan_gladen(raw: float, sensitivity: float, specificity: float) -> float:
    return (raw + specificity - 1) / (sensitivity + specificity - 1)


def _spread(rate: float, raw: float, judged: float, errors: JudgeErrors) -> float:
    """Standard deviation of the corrected rate: what the three shares add to it."""
    found = raw * (1 - raw) / judged
    found += rate**2 * errors.sensitivity * (1 - errors.sensitivity) / errors.met
    found += (1 - rate) ** 2 * errors.specificity * (1 - errors.specificity) / errors.not_met
    return sqrt(max(0.0, found)) / (errors.sensitivity + errors.specificity - 1)


def _delta(rate: float, raw: float, judged: float, errors: JudgeErrors, z: float) -> tuple[float, float]:
    margin = z * _spread(rate, raw, judged, errors)
    return rate - margin, rate + margin


def _lang_reiczigel(raw: float, judged: float, errors: JudgeErrors, z: float) -> tuple[float, float]:
    """The same with shares shrunk to the middle, as Agresti and Coull shrink one, and the middle moved."""
    shrunk = JudgeErrors(
        (errors.met * errors.sensitivity + 1) / (errors.met + 2),
        errors.met + 2,
        (errors.not_met * errors.specificity + 1) / (errors.not_met + 2),
        errors.not_met + 2,
    )
    if shrunk.sensitivity + shrunk.specificity <= 1:
        return 0.0, 1.0
    n = judged + z**2
    share = (judged * raw + z**2 / 2) / n
    rate = _rogan_gladen(share, shrunk.sensitivity, shrunk.specificity)
    moved = rate * shrunk.sensitivity * (1 - shrunk.sensitivity) / shrunk.met
    moved -= (1 - rate) * shrunk.specificity * (1 - shrunk.specificity) / shrunk.not_met
    middle, margin = rate + 2 * z**2 * moved, z * _spread(rate, share, n, shrunk)
    return middle - margin, middle + margin


def _drawn_again(
    passed: float, judged: float, errors: JudgeErrors, redraw: Redraw, confidence: float
) -> tuple[float, float]:
    """Percentiles with each share drawn from what its counts leave possible (a Beta with Jeffreys' half at each end).

    To draw the counts themselves would hold a share that is 1 for certain. Draws that tell nothing leave all possible.
    """
    rng = np.random.default_rng(redraw.seed)

    def share(hits: float, n: float) -> np.ndarray:
        return rng.beta(hits + 0.5, n - hits + 0.5, redraw.replicates)

    raw = share(passed, judged)
    sensitivity = share(errors.sensitivity * errors.met, errors.met)
    specificity = share(errors.specificity * errors.not_met, errors.not_met)
    left = sensitivity + specificity - 1
    if (left <= 0).mean() > (1 - confidence) / 2:
        return 0.0, 1.0
    rates = np.where(left > 0, (raw + specificity - 1) / np.where(left > 0, left, 1), np.nan)
    low, high = np.nanquantile(rates, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)

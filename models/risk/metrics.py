"""Figures of a risk model on a test set beside the area under the ROC curve, each with a bootstrap interval.

Patients are drawn with replacement, not rows, since the rows of one patient are alike. Each figure takes weights, one
row per resample, so that a thousand resamples are one computation.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from models.risk.auc import NO_FIGURE, Estimate
from models.risk.calibration import fit_logistic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Figure = Callable[["Floats", "Floats", "Floats"], "Floats"]
"""(labels (n,), risks (n,), weights (r, n)) -> figure (r,); NaN where it has no value."""

BINS = 10
"""Bins of equal size of the calibration error, the usual ten (Naeini et al., AAAI 2015)."""
_CELLS = 2_000_000


def bootstrap(
    figures: Mapping[str, Figure],
    labels: "Floats",
    risks: "Floats",
    patients: "NDArray[np.int64]",
    resamples: int,
    rng: "np.random.Generator",
    confidence: float,
) -> dict[str, Estimate]:
    """Each figure with its percentile interval; all are None without both outcomes.

    A figure that some resample cannot have (no positives drawn) has no interval.
    """
    import numpy as np

    if not 0 < labels.sum() < len(labels):
        return dict.fromkeys(figures, NO_FIGURE)
    by_patient = np.unique(patients, return_inverse=True)[1]
    count = int(by_patient.max()) + 1
    drawn: dict[str, list[Floats]] = {name: [] for name in figures}
    chunk = max(1, _CELLS // len(labels))
    for start in range(0, resamples, chunk):
        size = min(chunk, resamples - start)
        times_drawn = rng.multinomial(count, np.full(count, 1 / count), size=size)
        weights = times_drawn[:, by_patient].astype(np.float64)
        for name, figure in figures.items():
            drawn[name].append(figure(labels, risks, weights))
    once = np.ones((1, len(labels)))
    return {
        name: _percentile(float(figure(labels, risks, once)[0]), np.concatenate(drawn[name]), confidence)
        for name, figure in figures.items()
    }


def average_precision(labels: "Floats", risks: "Floats", weights: "Floats") -> "Floats":
    """Area under the precision-recall curve as the sum of precision times the step in recall; ties are one step."""
    import numpy as np

    order = np.argsort(-risks, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(risks[order]) != 0, True))
    weighted = weights[:, order]
    seen = np.cumsum(weighted, axis=1)[:, ends]
    hits = np.cumsum(weighted * labels[order], axis=1)[:, ends]
    precision = _ratio(hits, seen, 0.0)
    steps = np.diff(hits, axis=1, prepend=0.0)
    return _ratio((precision * steps).sum(axis=1), hits[:, -1])


def brier(labels: "Floats", risks: "Floats", weights: "Floats") -> "Floats":
    """Mean squared distance of risk and outcome (Brier 1950)."""
    return _ratio(weights @ (risks - labels) ** 2, weights.sum(axis=1))


def calibration_error(labels: "Floats", risks: "Floats", weights: "Floats") -> "Floats":
    """Expected calibration error: mean over bins of equal size of |mean risk - share with the outcome|."""
    import numpy as np

    bins = calibration_bins(risks)
    member = (bins[:, None] == np.arange(bins.max() + 1)).astype(np.float64)
    gaps = np.abs(weights @ (member * (risks - labels)[:, None]))
    return _ratio(gaps.sum(axis=1), weights.sum(axis=1))


def calibration_slope(labels: "Floats", risks: "Floats", weights: "Floats") -> "Floats":
    """Slope of the outcome's log odds on the risk's; 1 is calibrated, below 1 is overconfident (Cox 1958)."""
    import numpy as np
    from scipy.special import logit

    log_odds = logit(risks)
    slopes = [fit_logistic(log_odds, labels, row)[1] if _mixed(labels, row) else np.nan for row in weights]
    return np.array(slopes)


def observed_to_expected(labels: "Floats", risks: "Floats", weights: "Floats") -> "Floats":
    """Outcomes seen for each outcome predicted; 1 is calibrated in the large."""
    return _ratio(weights @ labels, weights @ risks)


def sensitivity_at(threshold: float) -> Figure:
    """Share of those with the outcome whose risk reaches `threshold`."""
    return lambda labels, risks, weights: _ratio(weights @ (labels * (risks >= threshold)), weights @ labels)


def specificity_at(threshold: float) -> Figure:
    """Share of those without the outcome whose risk stays below `threshold`."""
    return lambda labels, risks, weights: _ratio(weights @ ((1 - labels) * (risks < threshold)), weights @ (1 - labels))


def precision_at(threshold: float) -> Figure:
    """Share of those whose risk reaches `threshold` that have the outcome."""
    return lambda labels, risks, weights: _ratio(
        weights @ (labels * (risks >= threshold)), weights @ (risks >= threshold)
    )


def flagged_share_at(threshold: float) -> Figure:
    """Share of all whose risk reaches `threshold`."""
    return lambda labels, risks, weights: _ratio(weights @ (risks >= threshold), weights.sum(axis=1))


def calibration_bins(risks: "Floats") -> "NDArray[np.int64]":
    """The bin of each row, from 0: ten of equal size by risk; equal risks share a bin."""
    import numpy as np

    edges = np.unique(np.quantile(risks, np.linspace(0, 1, BINS + 1))[1:-1])
    return np.unique(np.searchsorted(edges, risks, side="right"), return_inverse=True)[1]


def _mixed(labels: "Floats", weights: "Floats") -> bool:
    return bool(0 < weights @ labels < weights.sum())


def _ratio(above: "Floats", below: "Floats", empty: float = float("nan")) -> "Floats":
    import numpy as np

    result: Floats = np.divide(above, below, out=np.full(np.shape(above), empty), where=below > 0)
    return result


def _percentile(value: float, drawn: "Floats", confidence: float) -> Estimate:
    import numpy as np

    if np.isnan(value):
        return NO_FIGURE
    if np.isnan(drawn).any():
        return Estimate(value)
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, (tail, 1 - tail))
    return Estimate(value, float(low), float(high))

"""From a score to a risk that can be read as a percentage: Platt's two numbers, or the steps of an isotonic fit.

Both keep the order of scores and are stored as numbers in JSON, never as an object. Platt's sigmoid (Platt 1999, with
his smoothed targets) where the calibration part is small, isotonic where it is large enough not to overfit
(Niculescu-Mizil and Caruana 2005); policy.yaml says where that is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matria.errors import ModelError
from matria.policy import Policy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Platt:
    """risk = 1 / (1 + exp(-(intercept + slope * score)))."""

    intercept: float
    slope: float

    def risk(self, score: "Floats") -> "Floats":
        """The risk of each score, in (0, 1)."""
        from scipy.special import expit

        return expit(self.intercept + self.slope * score)

    def as_json(self) -> dict[str, Any]:
        """The numbers, as `read_calibration` reads them."""
        return {"kind": "platt", "intercept": self.intercept, "slope": self.slope}


@dataclass(frozen=True)
class Isotonic:
    """risk = linear between the points (scores[i], risks[i]), level beyond the ends."""

    scores: tuple[float, ...]
    """Rising."""
    risks: tuple[float, ...]
    """Never falling, in (0, 1)."""

    def risk(self, score: "Floats") -> "Floats":
        """The risk of each score, in (0, 1)."""
        import numpy as np

        return np.interp(score, self.scores, self.risks)

    def as_json(self) -> dict[str, Any]:
        """The numbers, as `read_calibration` reads them."""
        return {"kind": "isotonic", "scores": list(self.scores), "risks": list(self.risks)}


Calibration = Platt | Isotonic


def fit_calibration(scores: "Floats", labels: "Floats", policy: Policy) -> Calibration:
    """The calibration of `scores` (log odds) against `labels` (0.0 or 1.0, both present)."""
    if len(scores) < policy.count("risk.min_isotonic_rows"):
        return fit_platt(scores, labels)
    return fit_isotonic(scores, labels)


def fit_platt(scores: "Floats", labels: "Floats") -> Platt:
    """Platt's sigmoid, with targets (n1 + 1) / (n1 + 2) and 1 / (n0 + 2) in place of 1 and 0 (Platt 1999, 2.2)."""
    import numpy as np

    positives = labels.sum()
    negatives = len(labels) - positives
    targets = np.where(labels == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    return Platt(*fit_logistic(scores, targets))


def fit_isotonic(scores: "Floats", labels: "Floats") -> Isotonic:
    """The isotonic fit; its ends are kept off 0 and 1 by one imagined case each way, as no risk is certain."""
    import numpy as np
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression().fit(scores, labels)
    edge = 1 / (len(labels) + 2)
    risks = np.clip(fitted.y_thresholds_, edge, 1 - edge)
    return Isotonic(tuple(map(float, fitted.X_thresholds_)), tuple(map(float, risks)))


def fit_logistic(x: "Floats", targets: "Floats", weights: "Floats | None" = None) -> tuple[float, float]:
    """Intercept and slope of the logistic regression of `targets` (0 to 1) on `x`, by Newton's method.

    Where `x` parts the targets without error the slope has no finite maximum; it is stopped at a large one.
    """
    import numpy as np
    from scipy.special import expit

    weight = np.ones_like(x) if weights is None else weights
    beta = np.zeros(2)
    for _ in range(50):
        risk = expit(beta[0] + beta[1] * x)
        residual = weight * (targets - risk)
        curvature = weight * risk * (1 - risk)
        gradient = np.array([residual.sum(), residual @ x])
        crossed = curvature @ x
        hessian = np.array([[curvature.sum(), crossed], [crossed, curvature @ (x * x)]]) + 1e-9 * np.eye(2)
        step = np.clip(np.linalg.solve(hessian, gradient), -5, 5)
        beta = np.clip(beta + step, -50, 50)
        if np.abs(step).max() < 1e-10:
            break
    return float(beta[0]), float(beta[1])


def read_calibration(numbers: Mapping[str, Any]) -> Calibration:
    """The calibration that `as_json` wrote. Raises `ModelError` where it is of no known kind."""
    try:
        if numbers["kind"] == "platt":
            return Platt(float(numbers["intercept"]), float(numbers["slope"]))
        if numbers["kind"] == "isotonic":
            return Isotonic(tuple(map(float, numbers["scores"])), tuple(map(float, numbers["risks"])))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError("The model's calibration is damaged: register the model again.") from error
    raise ModelError(f"Calibration '{numbers['kind']}' is unknown to this version: update Mátria, or retrain.")

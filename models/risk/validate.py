"""What a risk model is worth on its test set: figures with intervals, protected groups, and the policy's checks.

Every check is named and is pass, fail or no_data, with the figure it read and the threshold of policy.yaml it was held
against. Too few rows are no data; an area too good to be true is a fail, since then the label leaked.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from matria.policy import Policy
from models.risk import metrics
from models.risk.auc import NO_FIGURE, Estimate, area
from models.risk.predict import RiskModel
from models.risk.signature import KEY, PROTECTED, labels

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CheckState = Literal["pass", "fail", "no_data"]
GroupState = Literal["ok", "too_few"]
MISSING_GROUP = "missing"


@dataclass(frozen=True)
class Check:
    """One figure held against one threshold."""

    name: str
    state: CheckState
    figure: float | None
    threshold: float
    rule: str
    """How the two are compared, with the threshold's name: `> sla.risk_auc`."""


@dataclass(frozen=True)
class Confusion:
    """Rows by outcome and by whether their risk reached the alert threshold."""

    threshold: float
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int


@dataclass(frozen=True)
class Group:
    """One value of one protected attribute."""

    attribute: str
    value: str
    rows: int
    positives: int
    flagged: int
    """Rows whose risk reached the alert threshold."""
    flagged_positives: int
    """Of those, rows with the outcome."""
    mean_risk: float
    state: GroupState
    """too_few: below the policy's count, or too few of either outcome for an interval; then `auc` has no value."""
    auc: Estimate


@dataclass(frozen=True)
class Bin:
    """One bin of the calibration curve."""

    rows: int
    mean_risk: float
    outcome_share: float


@dataclass(frozen=True)
class Validation:
    """A model on a test set."""

    rows: int
    patients: int
    positives: int
    auc: Estimate
    figures: dict[str, Estimate]
    """By name: average_precision, brier, calibration_error, calibration_slope, observed_to_expected, sensitivity,
    specificity, precision, flagged_share."""
    confusion: Confusion
    groups: tuple[Group, ...]
    curve: tuple[Bin, ...]
    roc: tuple[tuple[float, float], ...]
    """Points (1 - specificity, sensitivity) from (0, 0) to (1, 1)."""
    checks: tuple[Check, ...]

    @property
    def state(self) -> CheckState:
        """fail where a check fails, else no_data where one has none, else pass."""
        states = {check.state for check in self.checks}
        return "fail" if "fail" in states else "no_data" if "no_data" in states else "pass"

    def as_json(self) -> dict[str, Any]:
        """All of it but the curves' points, as JSON-like data."""
        whole = asdict(self)
        return {"state": self.state, **{name: part for name, part in whole.items() if name != "roc"}}


def validate(model: RiskModel, test: "pd.DataFrame", policy: Policy, seed: int) -> Validation:
    """`model` on the labelled rows `test`, which it has not seen."""
    import numpy as np

    outcome, risks, patients = labels(test), model.risks(test), patient_numbers(test)
    confidence = policy.number("risk.confidence")
    auc = area(outcome, risks, patients, confidence)
    figures = metrics.bootstrap(
        _figures(model.alert_threshold),
        outcome,
        risks,
        patients,
        policy.count("risk.bootstrap_resamples"),
        np.random.default_rng(seed),
        confidence,
    )
    return Validation(
        rows=len(test),
        patients=len(np.unique(patients)),
        positives=int(outcome.sum()),
        auc=auc,
        figures=figures,
        confusion=_confusion(outcome, risks, model.alert_threshold),
        groups=tuple(_groups(test, outcome, risks, patients, model.alert_threshold, policy)),
        curve=_curve(outcome, risks),
        roc=_roc(outcome, risks),
        checks=_checks(auc, figures["calibration_error"], len(test), policy),
    )


def patient_numbers(frame: "pd.DataFrame") -> "NDArray[np.int64]":
    """A number for each row, the same for rows of one patient."""
    import numpy as np

    return np.unique(frame[KEY].astype(str).to_numpy(dtype=str), return_inverse=True)[1]


def _figures(threshold: float) -> dict[str, metrics.Figure]:
    return {
        "average_precision": metrics.average_precision,
        "brier": metrics.brier,
        "calibration_error": metrics.calibration_error,
        "calibration_slope": metrics.calibration_slope,
        "observed_to_expected": metrics.observed_to_expected,
        "sensitivity": metrics.sensitivity_at(threshold),
        "specificity": metrics.specificity_at(threshold),
        "precision": metrics.precision_at(threshold),
        "flagged_share": metrics.flagged_share_at(threshold),
    }


def _checks(auc: Estimate, calibration_error: Estimate, rows: int, policy: Policy) -> tuple[Check, ...]:
    enough = rows >= policy.count("risk.min_group_rows")
    area_figure = auc.value if enough else None
    error_figure = calibration_error.value if enough else None
    return (
        _check("auc_sla", area_figure, ">", "sla.risk_auc", policy),
        _check("auc_plausible", area_figure, "<=", "risk.max_auc", policy),
        _check("calibration", error_figure, "<=", "risk.max_calibration_error", policy),
    )


def _check(name: str, figure: float | None, relation: Literal[">", "<="], threshold: str, policy: Policy) -> Check:
    limit = policy.number(threshold)
    if figure is None:
        state: CheckState = "no_data"
    else:
        state = "pass" if (figure > limit if relation == ">" else figure <= limit) else "fail"
    return Check(name, state, figure, limit, f"{relation} {threshold}")


def _confusion(outcome: "Floats", risks: "Floats", threshold: float) -> Confusion:
    flagged, positive = risks >= threshold, outcome == 1
    return Confusion(
        threshold=threshold,
        true_positives=int((flagged & positive).sum()),
        false_positives=int((flagged & ~positive).sum()),
        false_negatives=int((~flagged & positive).sum()),
        true_negatives=int((~flagged & ~positive).sum()),
    )


def _groups(
    test: "pd.DataFrame",
    outcome: "Floats",
    risks: "Floats",
    patients: "NDArray[np.int64]",
    threshold: float,
    policy: Policy,
) -> Iterator[Group]:
    least, confidence = policy.count("risk.min_group_rows"), policy.number("risk.confidence")
    for attribute in PROTECTED:
        column = test[attribute] if attribute in test.columns else test[KEY].map(lambda _: None)
        values = column.astype(object).where(column.notna(), MISSING_GROUP).astype(str).to_numpy(dtype=str)
        for value in sorted(set(values)):
            chosen = values == value
            auc = area(outcome[chosen], risks[chosen], patients[chosen], confidence)
            told = chosen.sum() >= least and auc.low is not None
            yield Group(
                attribute=attribute,
                value=value,
                rows=int(chosen.sum()),
                positives=int(outcome[chosen].sum()),
                flagged=int((risks[chosen] >= threshold).sum()),
                flagged_positives=int(outcome[chosen & (risks >= threshold)].sum()),
                mean_risk=float(risks[chosen].mean()),
                state="ok" if told else "too_few",
                auc=auc if told else NO_FIGURE,
            )


def _curve(outcome: "Floats", risks: "Floats") -> tuple[Bin, ...]:
    if not len(risks):
        return ()
    bins = metrics.calibration_bins(risks)
    return tuple(
        Bin(int((bins == k).sum()), float(risks[bins == k].mean()), float(outcome[bins == k].mean()))
        for k in range(int(bins.max()) + 1)
    )


def _roc(outcome: "Floats", risks: "Floats") -> tuple[tuple[float, float], ...]:
    import numpy as np

    positives = outcome.sum()
    if not 0 < positives < len(outcome):
        return ()
    order = np.argsort(-risks, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(risks[order]) != 0, True))
    hits = np.cumsum(outcome[order])[ends] / positives
    alarms = np.cumsum(1 - outcome[order])[ends] / (len(outcome) - positives)
    return ((0.0, 0.0), *zip(map(float, alarms), map(float, hits), strict=True))

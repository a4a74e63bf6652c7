"""The model card of the risk model, filled from the results of one training.

What it says of use, limits and oversight is the project's own position, pending clinical review; the figures come from
the validation, and a group too small to tell is shown as such.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from matria.policy import Policy
from models.cards import ModelCard, Section, Sections, Table
from models.risk.auc import Estimate
from models.risk.compare import Comparison
from models.risk.data import Split
from models.risk.predict import RiskModel
from models.risk.signature import MODEL_NAME, MONOTONE
from models.risk.validate import Check, Group, Validation

if TYPE_CHECKING:
    import pandas as pd

ARTICLE = "AI Act, Article 13(3)"
_FIGURES = {
    "average_precision": "Area under the precision-recall curve",
    "brier": "Brier score",
    "calibration_error": "Expected calibration error",
    "calibration_slope": "Calibration slope (1 is calibrated)",
    "observed_to_expected": "Outcomes seen for each predicted",
    "sensitivity": "Sensitivity at the alert threshold",
    "specificity": "Specificity at the alert threshold",
    "precision": "Precision at the alert threshold",
    "flagged_share": "Share of rows flagged",
}


@dataclass(frozen=True)
class Results:
    """All that a card tells of."""

    model: RiskModel
    split: Split
    validation: Validation
    comparison: Comparison
    origin: Mapping[str, str]
    """Name and value of each mark of origin: run, commit, hashes, data version."""
    contact: str
    made_at: datetime
    is_simulated: bool


def risk_card(results: Results, policy: Policy) -> ModelCard:
    """The card."""
    return ModelCard(
        model=MODEL_NAME,
        summary=_summary(results.validation, results.comparison),
        made_at=results.made_at,
        is_simulated=results.is_simulated,
        clinical_review="pending",
        sections=Sections(
            intended_use=_INTENDED_USE,
            not_for=_NOT_FOR,
            data=_data(results),
            performance=_performance(results, policy.number("risk.confidence")),
            groups=_groups(results.validation, policy),
            limits=_limits(results),
            oversight=_OVERSIGHT,
            maintenance=_MAINTENANCE,
            contact=Section("Contact", f"{ARTICLE}(a)", (f"Owner: {results.contact}.",)),
            origin=_origin(results.origin),
        ),
    )


_INTENDED_USE = Section(
    "Intended use",
    f"{ARTICLE}(b)(i)",
    (
        "Orders the women of an antenatal service by the chance of an adverse outcome at birth, from what the service "
        "recorded so far, so that nurses see first those who may need an earlier contact.",
        "Used by: nurses and midwives of the service, on a triage screen, beside the record and never in its place.",
    ),
)
_NOT_FOR = Section(
    "Who must not use it, and for what",
    f"{ARTICLE}(b)(iii)",
    points=(
        "Not for women themselves: a risk without a person to explain it frightens or falsely calms.",
        "Not to diagnose, to choose or withhold a treatment, or to delay care: a danger sign outweighs any risk.",
        "Not for insurance, employment, benefits or any decision outside care.",
        "Not where records are kept otherwise than in the training data, before a validation on local births.",
        "Not for emergencies: it knows of no symptom of the hour.",
    ),
)
_OVERSIGHT = Section(
    "Human oversight",
    f"{ARTICLE}(d) and Article 14",
    points=(
        "No version serves before a person has approved it: training gives at most the alias `challenger`.",
        "A nurse decides on every flagged woman, may overrule the model, and needs no reason to do so.",
        "A screen shows the version beside the risk, and a missing risk as missing, never as low.",
    ),
)
_MAINTENANCE = Section(
    "Maintenance",
    f"{ARTICLE}(e)",
    (
        "Retrained on new births by the flow `retrain`; every version is tested on the same patients, who are in no "
        "training set. Thresholds and their reasons lie in policy.yaml.",
    ),
)


def _summary(validation: Validation, comparison: Comparison) -> str:
    return (
        f"Chance of an adverse outcome at birth. AUC {validation.auc} on {validation.rows} held-out rows with "
        f"{validation.positives} outcomes; checks of the policy: {validation.state}. "
        f"{_standing(comparison)}"
    )


def _standing(comparison: Comparison) -> str:
    return f"Against the champion: {comparison.state.replace('_', ' ')}. {comparison.reason}"


def _data(results: Results) -> Section:
    counts = results.split.counts()
    rows = tuple((part, str(counts[f"{part}_rows"]), str(counts[f"{part}_positives"])) for part in ("training", "test"))
    return Section(
        "Data",
        f"{ARTICLE}(b)(vi) and Article 10",
        (
            "A row is one woman as known on one day, under a keyed pseudonym, without direct identifiers. "
            "A measurement never taken stays missing. Age band, race/colour and region are no inputs: they serve to "
            "compare groups.",
            f"Left out: {counts['unlabelled_rows']} rows whose birth was not yet seen, and {counts['withheld_rows']} "
            "that equal a test row. All rows of a woman lie in one part.",
        ),
        tables=(Table(("part", "rows", "with the outcome"), rows),),
    )


def _performance(results: Results, confidence: float) -> Section:
    validation, comparison = results.validation, results.comparison
    figures = [("Area under the ROC curve", validation.auc)]
    figures += [(label, validation.figures[name]) for name, label in _FIGURES.items()]
    confusion = validation.confusion
    return Section(
        "Performance",
        f"{ARTICLE}(b)(ii) and Article 15",
        (
            f"On {validation.rows} rows of {validation.patients} women in no training set. Intervals of "
            f"{confidence:.0%}: DeLong's for areas, else a bootstrap, both by woman.",
            f"{_standing(comparison)} Difference: {comparison.difference}.",
        ),
        tables=(
            Table(("figure", "value", "interval"), tuple((label, *_cells(figure)) for label, figure in figures)),
            Table(("check of the policy", "state", "figure", "rule"), tuple(_check_row(c) for c in validation.checks)),
            Table(
                (f"alert from a risk of {confusion.threshold:.3f}", "flagged", "not flagged"),
                (
                    ("outcome", str(confusion.true_positives), str(confusion.false_negatives)),
                    ("no outcome", str(confusion.false_positives), str(confusion.true_negatives)),
                ),
            ),
        ),
    )


def _groups(validation: Validation, policy: Policy) -> Section:
    return Section(
        "Groups",
        f"{ARTICLE}(b)(v)",
        (
            f"A group of under {policy.count('risk.min_group_rows')} rows, or with too few of either outcome, is too "
            "few to tell: that is no sign that the model serves it well.",
        ),
        tables=(
            Table(
                (
                    "attribute",
                    "group",
                    "rows",
                    "outcomes",
                    "AUC",
                    "interval",
                    "flagged",
                    "outcomes flagged",
                    "mean risk",
                ),
                tuple(_group_row(group) for group in validation.groups),
            ),
        ),
    )


def _limits(results: Results) -> Section:
    gains = [f"{name} {share:.0%}" for name, share in list(results.model.gains().items())[:6]]
    rising = ", ".join(constraint.feature for constraint in MONOTONE)
    return Section(
        "Limits",
        f"{ARTICLE}(b)(iii) and (iv)",
        (
            f"Most of what it learnt comes from {', '.join(gains)} (share of gain). "
            f"A rise of {rising} never lowers the risk, all else equal.",
            f"Training rows lie {_weeks(results.split.training)} of gestation; at other times it is extrapolation.",
        ),
        (
            "The outcome is a composite: a figure for it says little of any one complication.",
            "Care changes outcomes: a woman treated in time counts as one without the outcome.",
            "Women who never came are in no row; missed visits are themselves a sign.",
            "Associations only: changing an input of a record changes no woman's risk.",
        ),
    )


def _weeks(training: "pd.DataFrame") -> str:
    """`between 28w0d and 32w6d`."""
    days = training["gestational_age_days"].dropna()
    if days.empty:
        return "at unknown weeks"
    first, last = (f"{int(day) // 7}w{int(day) % 7}d" for day in (days.min(), days.max()))
    return f"between {first} and {last}"


def _origin(origin: Mapping[str, str]) -> Section:
    rows = tuple(origin.items())
    return Section("Origin", "AI Act, Article 12", tables=(Table(("mark", "value"), rows),))


def _cells(figure: Estimate) -> tuple[str, str]:
    if figure.value is None:
        return "no data", ""
    if figure.low is None or figure.high is None:
        return f"{figure.value:.3f}", "not estimable"
    return f"{figure.value:.3f}", f"{figure.low:.3f} to {figure.high:.3f}"


def _check_row(check: Check) -> tuple[str, ...]:
    figure = "no data" if check.figure is None else f"{check.figure:.3f}"
    return check.name, check.state, figure, f"{check.rule} ({check.threshold:g})"


def _group_row(group: Group) -> tuple[str, ...]:
    area, interval = _cells(group.auc) if group.state == "ok" else ("too few", "")
    return (
        group.attribute,
        group.value,
        str(group.rows),
        str(group.positives),
        area,
        interval,
        str(group.flagged),
        f"{group.flagged_positives} of {group.positives}",
        f"{group.mean_risk:.3f}",
    )

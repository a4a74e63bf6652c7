"""A candidate against the champion: both on the same frozen test set, their areas paired.

The champion is compared only where no row of the test set can have taught it: its split plan must agree. That there is
no champion, or one that cannot be held against the candidate, is a state of its own and never a win.
"""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from matria.errors import InputError
from matria.policy import Policy
from models.risk.auc import NO_FIGURE, Estimate, area, difference
from models.risk.predict import RiskModel
from models.risk.signature import labels
from models.risk.validate import patient_numbers

if TYPE_CHECKING:
    import pandas as pd

ComparisonState = Literal[
    "better", "not_worse", "inconclusive", "worse", "same_model", "no_champion", "not_comparable", "no_data"
]


@dataclass(frozen=True)
class Comparison:
    """The candidate's area less the champion's."""

    state: ComparisonState
    reason: str
    """One sentence."""
    champion: str | None = None
    """Version of the champion."""
    candidate_auc: Estimate = NO_FIGURE
    champion_auc: Estimate = NO_FIGURE
    difference: Estimate = NO_FIGURE

    def as_json(self) -> dict[str, Any]:
        """JSON-like data."""
        return asdict(self)


@dataclass(frozen=True)
class Champion:
    """The model in production, and its version."""

    version: str
    model: RiskModel


def compare(candidate: RiskModel, champion: Champion | None, test: "pd.DataFrame", policy: Policy) -> Comparison:
    """`candidate` against `champion` on the labelled rows `test`.

    better: the interval lies above 0. worse: the loss is past risk.max_auc_loss. not_worse: the interval excludes such
    a loss. inconclusive: none of these, the test set is too small to tell.
    """
    if champion is None:
        return Comparison("no_champion", "No version has been promoted yet, so there is nothing to compare with.")
    if not candidate.plan.same_test(champion.model.plan):
        reason = "The champion was trained on another split, so that it may have learnt from rows of this test set."
        return Comparison("not_comparable", reason, champion.version)
    try:
        champion_risks = champion.model.risks(test)
    except InputError:
        reason = "The champion reads columns that the feature table no longer has."
        return Comparison("not_comparable", reason, champion.version)
    outcome, risks, patients = labels(test), candidate.risks(test), patient_numbers(test)
    confidence = policy.number("risk.confidence")
    gap = difference(outcome, risks, champion_risks, patients, confidence)
    state, reason = _judge(gap, policy.number("risk.max_auc_loss"))
    return Comparison(
        state=state,
        reason=reason,
        champion=champion.version,
        candidate_auc=area(outcome, risks, patients, confidence),
        champion_auc=area(outcome, champion_risks, patients, confidence),
        difference=gap,
    )


def _judge(gap: Estimate, max_loss: float) -> tuple[ComparisonState, str]:
    if gap.value is None:
        return "no_data", "The test set lacks one of the two outcomes, so that no area can be estimated."
    if gap.value < -max_loss:
        return "worse", f"The candidate loses more than {max_loss} of AUC to the champion."
    if gap.low is None:
        return "inconclusive", "Too few patients for an interval of the difference."
    if gap.low > 0:
        return "better", "The whole interval of the difference lies above 0."
    if gap.low >= -max_loss:
        return "not_worse", f"The interval of the difference excludes a loss of more than {max_loss}."
    return "inconclusive", f"The interval of the difference reaches past a loss of {max_loss}: more rows would tell."

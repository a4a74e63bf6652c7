"""What raises the risk of an adverse outcome in the simulated cohort, and by how much.

The published figures are relative risks of pre-eclampsia; the simulator uses each as the odds ratio, given all else, of
its composite outcome. That is an approximation, fit for making a signal of a realistic shape and for nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_BARTSCH = "Bartsch et al., BMJ 2016;353:i1753, pooled relative risk of pre-eclampsia"
_DUCKITT = "Duckitt and Harrington, BMJ 2005;330:565, relative risk of pre-eclampsia"
_OURS = "chosen by us"


@dataclass(frozen=True)
class Effect:
    """One factor of risk."""

    odds_ratio: float
    """Per unit of the factor: present against absent, or per standard deviation."""
    source: str
    note: str = ""


EFFECTS: Mapping[str, Effect] = {
    "previous_preeclampsia": Effect(8.4, _BARTSCH),
    "chronic_hypertension": Effect(5.1, _BARTSCH),
    "pregestational_diabetes": Effect(3.7, _BARTSCH),
    "obesity": Effect(2.8, _BARTSCH, "body mass index above 30 kg/m2"),
    "multiple_pregnancy": Effect(2.93, _DUCKITT, "twins against one child"),
    "nulliparity": Effect(2.91, _DUCKITT),
    "age_40_or_more": Effect(1.96, _DUCKITT, "figure for women with earlier births, used for all"),
    "age_35_to_39": Effect(1.3, _OURS, "between none and the figure from 40 on"),
    "poor_access": Effect(1.4, _OURS, "lives far from care, and so misses more visits"),
    "preta_or_parda": Effect(1.15, _OURS, "a modest inequity, so that an audit of fairness has something to find"),
    "placental_severity": Effect(
        16.0, _OURS, "per standard deviation of a hidden severity, seen only through pressure, protein and weight"
    ),
}

BASELINE_LOG_ODDS = -4.5
"""Chosen by us, so that about one woman in six of a service for referred pregnancies has an adverse outcome."""

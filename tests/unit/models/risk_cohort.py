"""A small made-up cohort in the columns of `RISK_FEATURES`, for the tests of the risk model."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from matria.features.schema import RISK_FEATURES, names
from matria.policy import Policy

RACES = ("branca", "preta", "parda", "amarela", "indigena", "ignorado")
REGIONS = ("norte", "nordeste", "sudeste", "sul", "centro-oeste")


def cohort(patients: int, seed: int, rows_each: int = 1, signal: float = 1.0) -> pd.DataFrame:
    """`patients` x `rows_each` rows; about one in eight has the outcome, one in ten awaits her birth.

    `signal` scales what the features tell of the outcome: 0 is noise.
    """
    rng = np.random.default_rng(seed)
    n = patients * rows_each
    woman = np.repeat(np.arange(patients), rows_each)

    def history(share: float) -> np.ndarray:
        return (rng.random(patients) < share).astype(float)[woman]

    frame = pd.DataFrame(
        {
            "patient_key": [f"{seed:04d}{number:060d}" for number in woman],
            "as_of_date": date(2026, 6, 1),
            "age_years": rng.normal(28, 6, patients).clip(14, 46).round(1)[woman],
            "parity": rng.poisson(0.9, patients)[woman],
            "previous_preeclampsia": history(0.05),
            "previous_caesarean": history(0.2),
            "chronic_hypertension": history(0.05),
            "pregestational_diabetes": history(0.03),
            "multiple_pregnancy": history(0.02),
            "bmi_kg_m2": rng.normal(26, 5, patients).clip(16, 50).round(1)[woman],
            "gestational_age_days": rng.integers(80, 280, n),
            "systolic_bp_mmhg": rng.normal(114, 13, n).round(1),
            "diastolic_bp_mmhg": rng.normal(71, 9, n).round(1),
            "map_slope_mmhg_per_week": rng.normal(0.1, 0.5, n).round(3),
            "heart_rate_bpm": rng.normal(82, 9, n).round(0),
            "body_temperature_c": rng.normal(36.6, 0.3, n).round(1),
            "weight_gain_kg_per_week": rng.normal(0.4, 0.2, n).round(2),
            "haemoglobin_g_dl": rng.normal(11.6, 1.1, n).round(1),
            "fasting_glucose_mg_dl": rng.normal(84, 11, n).round(0),
            "proteinuria_plus": rng.choice(5, n, p=(0.84, 0.09, 0.04, 0.02, 0.01)),
            "visit_count": rng.integers(1, 12, n),
            "missed_visit_count": rng.poisson(0.6, n),
        }
    )
    logit = -3.2 + signal * (
        1.4 * (frame.systolic_bp_mmhg - 114) / 13
        + 0.9 * (frame.diastolic_bp_mmhg - 71) / 9
        + 1.3 * frame.proteinuria_plus
        + 1.8 * frame.chronic_hypertension
        + 1.6 * frame.previous_preeclampsia
        + 0.5 * (frame.fasting_glucose_mg_dl - 84) / 11
    )
    worst = logit.groupby(woman).transform("max")
    outcome = (rng.random(patients)[woman] < 1 / (1 + np.exp(-worst))).astype(float)
    frame["age_band"] = np.where(frame.age_years < 20, "<20", np.where(frame.age_years < 35, "20-34", "35+"))
    frame["race_colour"] = rng.choice(RACES, patients, p=(0.4, 0.12, 0.44, 0.01, 0.01, 0.02))[woman]
    frame["region"] = rng.choice(REGIONS, patients, p=(0.1, 0.28, 0.4, 0.14, 0.08))[woman]
    frame["adverse_outcome"] = np.where((rng.random(patients) < 0.1)[woman], np.nan, outcome)
    for column, share in (("haemoglobin_g_dl", 0.2), ("fasting_glucose_mg_dl", 0.3), ("weight_gain_kg_per_week", 0.1)):
        frame.loc[rng.random(n) < share, column] = np.nan
    return frame.loc[:, names(RISK_FEATURES)]


def with_threshold(policy: Policy, **values: float) -> Policy:
    """`policy` with some values of its section `risk` replaced."""
    changed = {
        f"risk.{name}": replace(policy.thresholds[f"risk.{name}"], value=value) for name, value in values.items()
    }
    return replace(policy, thresholds={**policy.thresholds, **changed})

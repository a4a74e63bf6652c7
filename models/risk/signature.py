"""What goes into the risk model and what comes out: the feature columns, as 64-bit floats, and one risk.

The columns are those of `matria.features.schema`. Key, time, protected attributes and label are never inputs. Missing
stays missing (NaN): a measurement never taken says something itself, and LightGBM learns which way it points.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matria.errors import InputError
from matria.features.schema import RISK_FEATURES, names

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

MODEL_NAME = "obstetric-risk"
INPUTS: tuple[str, ...] = tuple(names(RISK_FEATURES, "feature"))
PROTECTED: tuple[str, ...] = tuple(names(RISK_FEATURES, "protected"))
KEY = "patient_key"
TIME = "as_of_date"
LABEL = "adverse_outcome"
OUTPUT = "risk"


@dataclass(frozen=True)
class Monotone:
    """A feature whose rise never lowers the risk, all else equal, and the source that says so."""

    feature: str
    source: str


MONOTONE: tuple[Monotone, ...] = (
    Monotone("previous_preeclampsia", "NICE NG133 (2019, updated 2023), section 1.1: high risk factor"),
    Monotone("chronic_hypertension", "NICE NG133 (2019, updated 2023), section 1.1: high risk factor"),
    Monotone("pregestational_diabetes", "NICE NG133 (2019, updated 2023), section 1.1: high risk factor"),
    Monotone("multiple_pregnancy", "NICE NG133 (2019, updated 2023), section 1.1: moderate risk factor"),
    Monotone("systolic_bp_mmhg", "ACOG Practice Bulletin 222 (2020): 140 hypertension, 160 severe"),
    Monotone("diastolic_bp_mmhg", "ACOG Practice Bulletin 222 (2020): 90 hypertension, 110 severe"),
    Monotone("proteinuria_plus", "ACOG Practice Bulletin 222 (2020): diagnostic criterion of pre-eclampsia"),
    Monotone("fasting_glucose_mg_dl", "HAPO, N Engl J Med 2008;358:1991: continuous relation, no threshold"),
)
"""Constraints a clinician would insist on. What has two bad ends (age, body mass, haemoglobin, weight gain, heart
rate, temperature) is left free. `clinical_review: pending`."""


def inputs(frame: "pd.DataFrame", columns: Sequence[str] = INPUTS) -> "pd.DataFrame":
    """`columns` of `frame`, in that order, as float64; missing is NaN, index as given.

    Raises `InputError` where a column is missing, or holds text or an infinite number.
    """
    import numpy as np

    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise InputError(f"The risk features lack {', '.join(missing)}: publish the features again, then retrain.")
    try:
        matrix = frame.loc[:, list(columns)].astype("float64")
    except (TypeError, ValueError) as error:
        raise InputError("The risk features hold text in a column of numbers: publish the features again.") from error
    if np.isinf(matrix.to_numpy()).any():
        raise InputError("The risk features hold an infinite number: publish the features again.")
    return matrix


def labels(frame: "pd.DataFrame") -> "NDArray[np.float64]":
    """The label of each row: 0.0, 1.0, or NaN before the birth is seen. Raises `InputError` on any other value."""
    import numpy as np

    values = inputs(frame, [LABEL])[LABEL].to_numpy()
    if not np.isin(values[~np.isnan(values)], (0.0, 1.0)).all():
        raise InputError(f"'{LABEL}' holds a value other than 0, 1 and missing: publish the features again.")
    return values

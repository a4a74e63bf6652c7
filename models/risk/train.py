"""The booster, and the risk model built on it: LightGBM by log loss, then calibrated on patients it has not seen.

The number of rounds comes from folds of the fit part, so that the calibration part stays unseen until calibration and
the test part until the end. No class weights: they would bend the risks that nurses read as percentages.
"""

import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from matria.errors import InputError
from matria.policy import Policy
from models.risk.calibration import fit_calibration
from models.risk.data import Split, folds
from models.risk.predict import RiskModel
from models.risk.signature import INPUTS, MONOTONE, inputs, labels

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingParameters:
    """What a person may tune. Small, regularised trees: some thousand patients, one in ten with the outcome."""

    learning_rate: float = 0.05
    """Step of each round."""
    leaves: int = 8
    """Leaves of a tree."""
    min_rows_in_leaf: int = 30
    """Rows that a leaf needs."""
    l2: float = 5.0
    """Ridge penalty on leaf values."""
    feature_share: float = 0.7
    """Share of features drawn for each tree."""
    row_share: float = 0.8
    """Share of rows drawn for each tree."""
    max_rounds: int = 600
    """Rounds at most."""
    patience: int = 40
    """Rounds without a better held-out loss before the search ends."""
    folds: int = 5
    """Folds of the fit part in which the number of rounds is sought."""

    def as_json(self) -> dict[str, Any]:
        """Name and value of each."""
        return asdict(self)


def train(split: Split, parameters: TrainingParameters, policy: Policy, seed: int) -> RiskModel:
    """The calibrated model of the fit and calibration parts; same parts, parameters and seed give the same bytes.

    Its alert threshold flags the share of the calibration part that the policy says nurses can follow up.
    """
    import lightgbm
    import numpy as np

    settings = _settings(parameters, seed)
    rounds = _rounds(split.fit, parameters, settings)
    booster = lightgbm.train(settings, _dataset(split.fit), num_boost_round=rounds)
    scores = np.asarray(booster.predict(inputs(split.calibration), raw_score=True, num_threads=1))
    calibration = fit_calibration(scores, labels(split.calibration), policy)
    threshold = np.quantile(calibration.risk(scores), 1 - policy.number("risk.flagged_share"))
    log.info("risk model trained: %d rounds, %d fit rows", rounds, len(split.fit))
    return RiskModel(booster, calibration, INPUTS, float(threshold), split.plan)


def _rounds(fit: "pd.DataFrame", parameters: TrainingParameters, settings: dict[str, Any]) -> int:
    import lightgbm

    pairs = folds(fit, parameters.folds)
    if len(pairs) < 2:
        raise InputError("The fit part has too few patients to hold any out: ingest more events, then retrain.")
    history = lightgbm.cv(
        settings,
        _dataset(fit),
        num_boost_round=parameters.max_rounds,
        folds=pairs,
        callbacks=[lightgbm.early_stopping(parameters.patience, verbose=False)],
    )
    return len(history["valid binary_logloss-mean"])


def _dataset(frame: "pd.DataFrame") -> Any:
    import lightgbm

    return lightgbm.Dataset(inputs(frame), labels(frame), params={"verbosity": -1}, free_raw_data=False)


def _settings(parameters: TrainingParameters, seed: int) -> dict[str, Any]:
    rising = {constraint.feature for constraint in MONOTONE}
    return {
        "objective": "binary",
        "metric": "binary_logloss",
        "learning_rate": parameters.learning_rate,
        "num_leaves": parameters.leaves,
        "min_data_in_leaf": parameters.min_rows_in_leaf,
        "lambda_l2": parameters.l2,
        "feature_fraction": parameters.feature_share,
        "bagging_fraction": parameters.row_share,
        "bagging_freq": 1,
        "monotone_constraints": [int(column in rising) for column in INPUTS],
        "monotone_constraints_method": "intermediate",
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        # One thread: the data are small, and a forked worker must never wait on another process's OpenMP pool.
        "num_threads": 1,
        "verbosity": -1,
    }

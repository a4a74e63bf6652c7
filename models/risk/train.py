"""The booster, and the risk model built on it: LightGBM by log loss, calibrated on scores of women it had not seen.

Folds by woman serve twice: their held-out loss says how many rounds to train, and their held-out scores are what the
calibration is fitted on, so that no training row is spent on calibration alone (docs/decisions/0012). No class
weights: they would bend the risks that nurses read as percentages.
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
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingParameters:
    """What a person may tune. Small, regularised trees: some thousand patients, one in ten with the outcome."""

    learning_rate: float = 0.05
    """Step of each round."""
    leaves: int = 4
    """Leaves of a tree."""
    min_rows_in_leaf: int = 30
    """Rows that a leaf needs."""
    l2: float = 5.0
    """Ridge penalty on leaf values."""
    feature_share: float = 0.5
    """Share of features drawn for each tree."""
    row_share: float = 0.8
    """Share of rows drawn for each tree."""
    max_rounds: int = 600
    """Rounds at most."""
    patience: int = 40
    """Rounds without a better held-out loss before the search ends."""
    folds: int = 5
    """Folds in which the number of rounds is sought and the calibration is fitted."""

    def as_json(self) -> dict[str, Any]:
        """Name and value of each."""
        return asdict(self)


def train(split: Split, parameters: TrainingParameters, policy: Policy, seed: int) -> RiskModel:
    """The calibrated model of the training part; the same rows, parameters and seed give the same bytes.

    Its alert threshold flags, of the women held out in their fold, the share that the policy says nurses can follow up.
    Raises `InputError` where too few women are there to hold any out.
    """
    import lightgbm
    import numpy as np

    settings = _settings(parameters, seed)
    rounds, scores = _held_out(split.training, parameters, settings)
    booster = lightgbm.train(settings, _dataset(split.training), num_boost_round=rounds)
    told = ~np.isnan(scores)
    calibration = fit_calibration(scores[told], labels(split.training)[told], policy)
    threshold = np.quantile(calibration.risk(scores[told]), 1 - policy.number("risk.flagged_share"))
    log.info("risk model trained: %d rounds, %d rows", rounds, len(split.training))
    return RiskModel(booster, calibration, INPUTS, float(threshold), split.plan)


def _held_out(
    training: "pd.DataFrame", parameters: TrainingParameters, settings: dict[str, Any]
) -> tuple[int, "NDArray[np.float64]"]:
    """The rounds at which the held-out loss is least, and each row's score by the booster of its fold (log odds)."""
    import lightgbm
    import numpy as np

    pairs = folds(training, parameters.folds)
    if len(pairs) < 2:
        raise InputError("The training rows are of too few women to hold any out: ingest more events, then retrain.")
    history = lightgbm.cv(
        settings,
        _dataset(training),
        num_boost_round=parameters.max_rounds,
        folds=pairs,
        callbacks=[lightgbm.early_stopping(parameters.patience, verbose=False)],
        return_cvbooster=True,
    )
    rounds = len(history["valid binary_logloss-mean"])
    matrix, scores = inputs(training), np.full(len(training), np.nan)
    for booster, (_, held) in zip(history["cvbooster"].boosters, pairs, strict=True):
        scores[held] = booster.predict(matrix.iloc[held], raw_score=True, num_iteration=rounds, num_threads=1)
    return rounds, scores


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

"""From a feature frame to a registered candidate: split, train, validate, compare, write the card, register.

Whatever it finds is logged as one run and registered as one version. The alias `challenger` goes to a version only
where every check passes and it is no worse than the champion; the alias `champion` is a person's to give.
"""

import importlib.metadata
import logging
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matria.policy import Policy
from matria.tracking import Run, Tracking
from models.cards import ModelCard
from models.registry import CHAMPION, Candidate, ModelRegistry, Version, folder_digest, frame_digest, log_dataset
from models.risk import plots, predict
from models.risk.card import Results, risk_card
from models.risk.compare import Champion, Comparison, compare
from models.risk.data import Split, require_enough, split, split_plan
from models.risk.signature import INPUTS, LABEL, MODEL_NAME, MONOTONE, OUTPUT, inputs
from models.risk.train import TrainingParameters, train
from models.risk.validate import Validation, validate

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_MAY_BE_NOMINATED = ("better", "not_worse", "inconclusive", "no_champion", "not_comparable")


@dataclass(frozen=True)
class RetrainReport:
    """What one training led to."""

    run_id: str
    run_name: str
    version: Version
    is_new: bool
    """False where the same model had been registered before."""
    is_challenger: bool
    """Whether the alias `challenger` points to it now."""
    counts: Mapping[str, int]
    """Rows and positives of each part, rows in none."""
    validation: Validation
    comparison: Comparison
    card: ModelCard

    def as_json(self) -> dict[str, Any]:
        """All but the card, as JSON-like data."""
        return {
            "model": self.version.name,
            "version": self.version.number,
            "run_id": self.run_id,
            "run_name": self.run_name,
            "is_new": self.is_new,
            "is_challenger": self.is_challenger,
            "counts": dict(self.counts),
            "validation": self.validation.as_json(),
            "comparison": self.comparison.as_json(),
        }


def retrain(
    frame: "pd.DataFrame",
    policy: Policy,
    tracking: Tracking,
    registry: ModelRegistry,
    *,
    now: datetime,
    seed: int,
    data_version: str,
    is_simulated: bool,
    contact: str,
    parameters: TrainingParameters | None = None,
    progress: Callable[[str], None] | None = None,
) -> RetrainReport:
    """A candidate trained on `frame` (columns of `RISK_FEATURES`, a row per woman and day), validated and registered.

    The same frame, parameters and seed give the same model, which is then found again and not registered twice.
    `progress` is told each step. Raises `InputError`, before any run is started, where the rows are malformed or too
    few, and `TrackingError` where MLflow does not answer.
    """
    tell = progress or (lambda step: None)
    parameters = parameters or TrainingParameters()
    tell("split")
    parts = split(frame, split_plan(policy))
    require_enough(parts, policy)
    with (
        tracking.start(
            "risk-training",
            subject=MODEL_NAME,
            data_version=data_version,
            is_simulated=is_simulated,
            tags={"model": MODEL_NAME},
            now=now,
        ) as run,
        tempfile.TemporaryDirectory(prefix="matria-risk-") as scratch,
    ):
        tell("train")
        model = train(parts, parameters, policy, seed)
        folder = Path(scratch) / MODEL_NAME
        model.save(folder)
        tell("validate")
        validation = validate(model, parts.test, policy, seed)
        tell("compare")
        comparison = _compare(model, folder_digest(folder), registry, parts, policy, Path(scratch))
        origin = _origin(tracking, run, data_version, is_simulated, parts)
        results = Results(model, parts, validation, comparison, origin, contact, now, is_simulated)
        card = risk_card(results, policy)
        tell("log")
        _log(run, results, card, parameters, seed, data_version)
        tell("register")
        done = registry.register(_candidate(results, card, folder))
        nominated = validation.state == "pass" and comparison.state in _MAY_BE_NOMINATED
        if nominated:
            registry.nominate(done.version)
        run.set_tags({"model_version": done.version.number, "validation": validation.state})
    version = registry.find(MODEL_NAME, done.version.digest) or done.version
    report = RetrainReport(
        run.run_id, run.name, version, done.is_new, nominated, parts.counts(), validation, comparison, card
    )
    log.info("%s version %s: validation %s, %s", MODEL_NAME, version.number, validation.state, comparison.state)
    return report


def _compare(
    model: predict.RiskModel, digest: str, registry: ModelRegistry, parts: Split, policy: Policy, scratch: Path
) -> Comparison:
    version = registry.at_alias(MODEL_NAME, CHAMPION)
    if version is None:
        return compare(model, None, parts.test, policy)
    if version.digest == digest:
        return Comparison("same_model", "The candidate is the champion itself.", version.number)
    champion = predict.load(registry.fetch(version, scratch / "champion"))
    return compare(model, Champion(version.number, champion), parts.test, policy)


def _origin(tracking: Tracking, run: Run, data_version: str, is_simulated: bool, parts: Split) -> dict[str, str]:
    return {
        "data_version": data_version,
        "test_digest": frame_digest(parts.test),
        "git_commit": tracking.origin.git_commit,
        "code_hash": tracking.origin.code_hash,
        "config_hash": tracking.origin.config_hash,
        "is_simulated": str(is_simulated).lower(),
        "run_id": run.run_id,
        "run_name": run.name,
    }


def _candidate(results: Results, card: ModelCard, folder: Path) -> Candidate:
    auc = results.validation.auc
    return Candidate(
        name=MODEL_NAME,
        folder=folder,
        loader_module=predict.LOADER_MODULE,
        inputs=dict.fromkeys(INPUTS, "double"),
        outputs={OUTPUT: "double"},
        pip_requirements=tuple(
            f"{name}=={importlib.metadata.version(name)}" for name in ("lightgbm", "numpy", "pandas", "scipy")
        ),
        origin={**results.origin, "clinical_review": card.clinical_review},
        evidence={
            "validation": results.validation.state,
            "comparison": results.comparison.state,
            "compared_with": results.comparison.champion or "none",
            "quality": str(auc),
            "evidence_run_id": results.origin["run_id"],
            "model_card": f"runs:/{results.origin['run_id']}/model_card.md",
        },
        card=card,
    )


def _log(
    run: Run, results: Results, card: ModelCard, parameters: TrainingParameters, seed: int, data_version: str
) -> None:
    parts, model = results.split, results.model
    run.log_params(
        {
            **parameters.as_json(),
            "seed": seed,
            "rounds": model.booster.num_trees(),
            "calibration": model.calibration.as_json()["kind"],
            "alert_threshold": model.alert_threshold,
            "monotone": ",".join(constraint.feature for constraint in MONOTONE),
            "split_salt": parts.plan.salt,
            "test_share": parts.plan.test_share,
        }
    )
    run.log_metrics(_metrics(results))
    run.log_text(card.as_markdown(), "model_card.md")
    run.log_dict(card.as_json(), "model_card.json")
    run.log_dict(results.validation.as_json(), "validation.json")
    run.log_dict(results.comparison.as_json(), "comparison.json")
    run.log_dict(model.gains(), "gains.json")
    run.log_dict(vars(results.validation.confusion), "confusion_matrix.json")
    run.log_text(plots.roc_svg(results.validation), "plots/roc.svg")
    run.log_text(plots.calibration_svg(results.validation), "plots/calibration.svg")
    columns = [*INPUTS, LABEL]
    log_dataset(inputs(parts.training, columns), "risk_features", data_version, "training")
    log_dataset(inputs(parts.test, columns), "risk_features.test", results.origin["test_digest"], "test")


def _metrics(results: Results) -> dict[str, float | None]:
    validation, comparison = results.validation, results.comparison
    auc = validation.auc
    named: dict[str, float | None] = {"quality": auc.value, "quality_low": auc.low, "quality_high": auc.high}
    figures = {"auc": auc, **validation.figures, "auc_difference": comparison.difference}
    figures |= {f"auc_by.{group.attribute}.{_slug(group.value)}": group.auc for group in validation.groups}
    for name, figure in figures.items():
        named |= {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}
    return named | {name: float(count) for name, count in results.split.counts().items()}


def _slug(group: str) -> str:
    """`group` in the letters that a metric's name may have: `<20` is `under-20`, `35+` is `35-plus`."""
    named = group.replace("<", "under-").replace("+", "-plus")
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_") else "-" for letter in named)

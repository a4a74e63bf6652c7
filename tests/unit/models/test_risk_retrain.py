"""From a frame to a registered candidate, and what a second training, a champion and a bad model change."""

import json
from datetime import UTC, datetime
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from risk_cohort import cohort, with_threshold

from matria.errors import InputError
from matria.policy import Policy
from matria.tracking import Tracking
from models.registry import CHALLENGER, CHAMPION, ModelRegistry
from models.risk.retrain import RetrainReport, retrain
from models.risk.signature import INPUTS, MODEL_NAME
from models.risk.train import TrainingParameters

NOW = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)
QUICK = TrainingParameters(learning_rate=0.15, max_rounds=120, patience=15)


def trained(
    frame: pd.DataFrame, policy: Policy, tracking: Tracking, seed: int = 1, steps: list[str] | None = None
) -> RetrainReport:
    return retrain(
        frame,
        policy,
        tracking,
        ModelRegistry(tracking),
        now=NOW,
        seed=seed,
        data_version="d1",
        is_simulated=True,
        contact="maternal-health-platform",
        parameters=QUICK,
        progress=None if steps is None else steps.append,
    )


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return cohort(2400, 31)


@pytest.fixture(scope="module")
def first(frame: pd.DataFrame, policy: Policy, tracking: Tracking) -> RetrainReport:
    return trained(frame, policy, tracking)


def test_the_candidate_is_registered_as_challenger_and_never_as_champion(
    first: RetrainReport, tracking: Tracking
) -> None:
    registry = ModelRegistry(tracking)
    assert (first.is_new, first.is_challenger, first.version.aliases) == (True, True, (CHALLENGER,))
    assert registry.at_alias(MODEL_NAME, CHALLENGER) == first.version
    assert registry.at_alias(MODEL_NAME, CHAMPION) is None
    assert first.comparison.state == "no_champion"
    assert (
        first.version.tags.items()
        >= {
            "data_version": "d1",
            "code_hash": "c0de",
            "config_hash": "c0f1",
            "is_simulated": "true",
            "clinical_review": "pending",
            "validation": "pass",
            "comparison": "no_champion",
        }.items()
    )


def test_the_run_has_figures_datasets_card_and_plots(first: RetrainReport, tracking: Tracking) -> None:
    run = tracking.client.get_run(first.run_id)
    figures = run.data.metrics
    assert figures["quality"] == figures["auc"] == first.validation.auc.value
    assert figures["quality_low"] < figures["quality"] < figures["quality_high"]
    assert "auc_by.age_band.under-20" in figures or "auc_by.age_band.20-34" in figures
    assert "auc_difference" not in figures
    assert run.data.params.items() >= {"seed": "1", "calibration": "platt", "learning_rate": "0.15"}.items()
    assert {entry.dataset.name for entry in run.inputs.dataset_inputs} == {"risk_features", "risk_features.test"}
    names = {entry.path for entry in tracking.client.list_artifacts(first.run_id)}
    assert {"model_card.md", "model_card.json", "validation.json", "confusion_matrix.json", "plots"} <= names
    card = mlflow.artifacts.load_text(f"{run.info.artifact_uri}/model_card.md")
    assert card == first.card.as_markdown()
    assert "**Synthetic data.**" in card


def test_mlflow_loads_the_version_without_unpickling_anything(
    first: RetrainReport, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")
    served = mlflow.pyfunc.load_model(first.version.uri)
    assert served.metadata.get_input_schema().input_names() == list(INPUTS)
    assert served.metadata.get_output_schema().input_names() == ["risk"]
    risks = served.predict(frame[list(INPUTS)].head(5).astype("float64"))["risk"]
    assert ((risks > 0) & (risks < 1)).all()


def test_the_same_training_again_is_the_same_version_in_a_new_run(
    first: RetrainReport, frame: pd.DataFrame, policy: Policy, tracking: Tracking
) -> None:
    steps: list[str] = []
    again = trained(frame.sample(frac=1, random_state=1), policy, tracking, steps=steps)
    assert (again.is_new, again.version.number) == (False, first.version.number)
    assert again.run_id != first.run_id
    assert again.validation == first.validation
    assert again.version.tags["evidence_run_id"] == again.run_id
    assert again.version.run_id == first.run_id
    assert steps == ["split", "train", "validate", "compare", "log", "register"]


def test_a_champion_is_compared_with_and_left_alone(
    first: RetrainReport, frame: pd.DataFrame, policy: Policy, tracking: Tracking
) -> None:
    registry = ModelRegistry(tracking)
    tracking.client.set_registered_model_alias(MODEL_NAME, CHAMPION, first.version.number)
    try:
        same = trained(frame, policy, tracking)
        other = trained(frame, policy, tracking, seed=2)
        champion = registry.at_alias(MODEL_NAME, CHAMPION)
    finally:
        tracking.client.delete_registered_model_alias(MODEL_NAME, CHAMPION)
    assert (same.comparison.state, same.is_challenger) == ("same_model", False)
    assert other.comparison.champion == first.version.number
    assert other.comparison.champion_auc == first.validation.auc
    assert other.comparison.difference.low is not None
    assert champion is not None
    assert champion.number == first.version.number
    assert tracking.client.get_run(other.run_id).data.metrics["auc_difference"] == other.comparison.difference.value


def test_a_model_that_fails_its_checks_is_kept_on_record_and_not_nominated(policy: Policy, tracking: Tracking) -> None:
    before = ModelRegistry(tracking).at_alias(MODEL_NAME, CHALLENGER)
    noise = trained(
        cohort(1200, 33, signal=0.0), with_threshold(policy, min_training_rows=100, min_positive_rows=5), tracking
    )
    assert (noise.validation.state, noise.is_challenger, noise.version.aliases) == ("fail", False, ())
    assert noise.version.tags["validation"] == "fail"
    assert ModelRegistry(tracking).at_alias(MODEL_NAME, CHALLENGER) == before


def test_without_a_test_part_nothing_is_claimed(policy: Policy, tracking: Tracking, frame: pd.DataFrame) -> None:
    untested = trained(frame, with_threshold(policy, test_share=0.0), tracking)
    assert (untested.validation.state, untested.is_challenger) == ("no_data", False)
    assert "quality" not in tracking.client.get_run(untested.run_id).data.metrics


def test_too_few_rows_start_no_run(policy: Policy, tracking: Tracking, frame: pd.DataFrame) -> None:
    def runs() -> int:
        experiments = [experiment.experiment_id for experiment in tracking.client.search_experiments()]
        return len(tracking.client.search_runs(experiments))

    before = runs()
    with pytest.raises(InputError, match="Too few rows to train the risk model"):
        trained(frame.head(300), policy, tracking)
    assert runs() == before


def test_the_report_is_json(first: RetrainReport) -> None:
    report = json.loads(json.dumps(first.as_json()))
    assert report["counts"]["unlabelled_rows"] > 0
    assert report["validation"]["auc"]["value"] == first.validation.auc.value
    assert report["version"] == first.version.number


def test_women_seen_several_times_stay_in_one_part(policy: Policy, tracking: Tracking) -> None:
    report = trained(cohort(700, 34, rows_each=3), policy, tracking)
    assert report.validation.patients * 3 == report.validation.rows
    assert np.isfinite(report.validation.auc.low or np.nan)
    assert Path(tracking.uri.removeprefix("sqlite:///")).exists()


def test_the_card_tells_figures_groups_and_the_weeks_it_learnt_from(first: RetrainReport) -> None:
    text = first.card.as_markdown()
    assert f"AUC {first.validation.auc}" in text
    assert "Training rows lie between 11w3d and 39w6d of gestation" in text
    assert "| race_colour | indigena |" in text
    assert "| too few |" in text
    assert "Owner: maternal-health-platform." in text
    assert "| auc_sla | pass |" in text

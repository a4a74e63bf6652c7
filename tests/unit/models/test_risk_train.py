"""Training: deterministic, blind to protected attributes, monotone where a clinician would insist."""

from dataclasses import replace
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import pytest
from risk_cohort import cohort, with_threshold

from matria.errors import InputError, ModelError
from matria.policy import Policy
from models.registry import folder_digest
from models.risk import predict
from models.risk.auc import area
from models.risk.data import Split, split, split_plan
from models.risk.predict import RiskModel
from models.risk.signature import INPUTS, MONOTONE, PROTECTED, inputs, labels
from models.risk.train import TrainingParameters, _held_out, _settings, train

QUICK = TrainingParameters(learning_rate=0.15, max_rounds=120, patience=15)


@pytest.fixture(scope="module")
def parts(policy: Policy) -> Split:
    return split(cohort(1500, 11), split_plan(policy))


@pytest.fixture(scope="module")
def model(parts: Split, policy: Policy) -> RiskModel:
    return train(parts, QUICK, policy, seed=1)


def test_the_same_rows_and_seed_give_the_same_bytes(
    parts: Split, model: RiskModel, policy: Policy, tmp_path: Path
) -> None:
    model.save(tmp_path / "first")
    train(parts, QUICK, policy, seed=1).save(tmp_path / "again")
    train(parts, QUICK, policy, seed=2).save(tmp_path / "other")
    first, again, other = (folder_digest(tmp_path / name) for name in ("first", "again", "other"))
    assert first == again != other


def test_the_stored_model_is_text_and_answers_as_before(model: RiskModel, parts: Split, tmp_path: Path) -> None:
    model.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["booster.txt", "model.json"]
    for path in tmp_path.iterdir():
        path.read_text(encoding="ascii")
    again = predict.load(tmp_path)
    assert np.array_equal(again.risks(parts.test), model.risks(parts.test))
    assert (again.alert_threshold, again.plan, again.columns) == (model.alert_threshold, model.plan, model.columns)


def test_key_time_label_and_protected_attributes_are_no_inputs(model: RiskModel, parts: Split) -> None:
    assert model.booster.feature_name() == list(INPUTS)
    assert not {*PROTECTED, "patient_key", "as_of_date", "adverse_outcome"} & {*INPUTS}
    assert np.array_equal(model.risks(parts.test), model.risks(parts.test[list(INPUTS)]))


@pytest.mark.parametrize("constraint", MONOTONE, ids=lambda constraint: constraint.feature)
def test_the_risk_never_falls_as_a_constrained_feature_rises(
    constraint: object, model: RiskModel, parts: Split
) -> None:
    feature = constraint.feature  # type: ignore[attr-defined]
    steps = np.linspace(*parts.test[feature].quantile([0, 1]), 15)
    risks = np.array([model.risks(parts.test.head(100).assign(**{feature: step})) for step in steps])
    assert (np.diff(risks, axis=0) >= -1e-12).all()


def test_it_learns_and_its_risks_average_to_the_share_of_outcomes(model: RiskModel, parts: Split) -> None:
    outcome = labels(parts.training)
    assert model.risks(parts.training).mean() == pytest.approx(outcome.mean(), abs=0.02)
    assert {"systolic_bp_mmhg", "proteinuria_plus"} <= set(list(model.gains())[:3])
    assert sum(model.gains().values()) == pytest.approx(1)


def test_the_alert_threshold_flags_the_share_that_the_policy_says(
    model: RiskModel, parts: Split, policy: Policy
) -> None:
    flagged = (model.risks(parts.test) >= model.alert_threshold).mean()
    assert flagged == pytest.approx(policy.number("risk.flagged_share"), abs=0.06)


def test_the_scores_that_calibrate_are_of_women_the_booster_had_not_seen(policy: Policy) -> None:
    noise = split(cohort(1500, 12, signal=0.0), split_plan(policy)).training
    outcome, each = labels(noise), np.arange(len(noise))
    _, held_out = _held_out(noise, QUICK, _settings(QUICK, seed=1))
    seen = lightgbm.train(_settings(QUICK, seed=1), lightgbm.Dataset(inputs(noise), outcome), 10).predict(inputs(noise))
    assert area(outcome, held_out, each, 0.95).value == pytest.approx(0.5, abs=0.08)
    assert (area(outcome, np.asarray(seen), each, 0.95).value or 0) > 0.65


def test_many_rows_are_calibrated_by_steps(parts: Split, policy: Policy) -> None:
    stepped = train(parts, QUICK, with_threshold(policy, min_isotonic_rows=100), seed=1)
    assert stepped.calibration.as_json()["kind"] == "isotonic"


def test_rows_with_missing_measurements_and_no_rows_at_all_are_answered(model: RiskModel, parts: Split) -> None:
    unmeasured = parts.test.head(3).assign(**dict.fromkeys(INPUTS, np.nan))
    assert ((model.risks(unmeasured) > 0) & (model.risks(unmeasured) < 1)).all()
    assert model.risks(parts.test.iloc[:0]).shape == (0,)


def test_too_few_patients_to_hold_any_out_is_one_sentence(parts: Split, policy: Policy) -> None:
    lonely = replace(parts, training=parts.training.assign(patient_key="one"))
    with pytest.raises(InputError, match="too few women"):
        train(lonely, QUICK, policy, seed=1)


def test_mlflow_finds_the_loader_and_gets_a_frame_of_risks(model: RiskModel, parts: Split, tmp_path: Path) -> None:
    model.save(tmp_path)
    answer = predict._load_pyfunc(str(tmp_path)).predict(parts.test)
    expected = pd.DataFrame({"risk": model.risks(parts.test)}, index=parts.test.index)
    pd.testing.assert_frame_equal(answer, expected)


@pytest.mark.parametrize("damage", ["booster.txt", "model.json"])
def test_a_damaged_or_missing_file_is_refused(damage: str, model: RiskModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    (tmp_path / damage).write_text("not a model")
    with pytest.raises(ModelError, match="damaged or incomplete"):
        predict.load(tmp_path)
    (tmp_path / damage).unlink()
    with pytest.raises(ModelError, match="damaged or incomplete"):
        predict.load(tmp_path)


def test_a_model_of_a_later_format_is_refused(model: RiskModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    rest = tmp_path / "model.json"
    rest.write_text(rest.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(ModelError, match="has format 2, and this version reads 1"):
        predict.load(tmp_path)

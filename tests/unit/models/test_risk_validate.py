"""Validation and comparison: named checks, groups too small to tell, champions of other splits."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from risk_cohort import cohort, with_threshold

from matria.policy import Policy
from models.risk.auc import Estimate
from models.risk.compare import Champion, ComparisonState, _judge, compare
from models.risk.data import Split, SplitPlan, split, split_plan
from models.risk.plots import calibration_svg, roc_svg
from models.risk.predict import RiskModel
from models.risk.train import TrainingParameters, train
from models.risk.validate import CheckState, Validation, _check, validate

QUICK = TrainingParameters(learning_rate=0.15, max_rounds=120, patience=15)


@pytest.fixture(scope="module")
def parts(policy: Policy) -> Split:
    return split(cohort(2400, 21), split_plan(policy))


@pytest.fixture(scope="module")
def model(parts: Split, policy: Policy) -> RiskModel:
    return train(parts, QUICK, policy, seed=1)


@pytest.fixture(scope="module")
def blind(parts: Split, policy: Policy) -> RiskModel:
    """A model taught on shuffled outcomes."""
    rng = np.random.default_rng(1)
    shuffled = parts.training.assign(adverse_outcome=rng.permutation(parts.training.adverse_outcome))
    return train(replace(parts, training=shuffled), QUICK, policy, seed=1)


@pytest.fixture(scope="module")
def validation(model: RiskModel, parts: Split, policy: Policy) -> Validation:
    return validate(model, parts.test, policy, seed=1)


def states(validation: Validation) -> dict[str, CheckState]:
    return {check.name: check.state for check in validation.checks}


def test_a_sound_model_passes_every_check(validation: Validation) -> None:
    assert states(validation) == {"auc_sla": "pass", "auc_plausible": "pass", "calibration": "pass"}
    assert validation.state == "pass"


def test_a_model_that_learnt_nothing_fails_the_sla(blind: RiskModel, parts: Split, policy: Policy) -> None:
    found = validate(blind, parts.test, policy, seed=1)
    assert states(found)["auc_sla"] == "fail"
    assert found.state == "fail"


def test_an_area_too_good_to_be_true_fails_as_a_leak(policy: Policy) -> None:
    frame = cohort(2400, 22)
    leaked = frame.assign(visit_count=np.where(frame.adverse_outcome == 1, 30, frame.visit_count))
    parts = split(leaked, split_plan(policy))
    found = validate(train(parts, QUICK, policy, seed=1), parts.test, policy, seed=1)
    assert states(found)["auc_plausible"] == "fail"
    assert states(found)["auc_sla"] == "pass"
    assert found.state == "fail"


@pytest.mark.parametrize("rows", [0, 20])
def test_too_few_test_rows_are_no_data_and_never_a_pass(
    rows: int, model: RiskModel, parts: Split, policy: Policy
) -> None:
    found = validate(model, parts.test.head(rows), policy, seed=1)
    assert set(states(found).values()) == {"no_data"}
    assert found.state == "no_data"
    assert "<svg" in roc_svg(found)
    assert "<svg" in calibration_svg(found)


def test_a_test_set_with_one_outcome_is_no_data(model: RiskModel, parts: Split, policy: Policy) -> None:
    healthy = parts.test[parts.test.adverse_outcome == 0]
    found = validate(model, healthy, policy, seed=1)
    assert found.auc == Estimate(None)
    assert set(states(found).values()) == {"no_data"}
    assert found.figures["sensitivity"] == Estimate(None)


@pytest.mark.parametrize(("figure", "expected"), [(0.8201, "pass"), (0.82, "fail"), (0.5, "fail"), (None, "no_data")])
def test_the_sla_is_met_above_its_figure_and_not_at_it(
    figure: float | None, expected: CheckState, policy: Policy
) -> None:
    check = _check("auc_sla", figure, ">", "sla.risk_auc", policy)
    assert (check.state, check.threshold, check.rule) == (expected, 0.82, "> sla.risk_auc")


def test_confusion_and_figures_tell_the_same_story(validation: Validation) -> None:
    table = validation.confusion
    counted = table.true_positives + table.false_positives + table.false_negatives + table.true_negatives
    assert counted == validation.rows
    assert table.true_positives + table.false_negatives == validation.positives
    assert validation.figures["sensitivity"].value == pytest.approx(table.true_positives / validation.positives)
    flagged = table.true_positives + table.false_positives
    assert validation.figures["precision"].value == pytest.approx(table.true_positives / flagged)
    assert validation.figures["flagged_share"].value == pytest.approx(flagged / validation.rows)


def test_every_row_is_in_one_group_of_each_attribute(validation: Validation) -> None:
    for attribute in ("age_band", "race_colour", "region"):
        assert sum(group.rows for group in validation.groups if group.attribute == attribute) == validation.rows


def test_a_small_group_is_too_few_to_tell_and_a_missing_value_is_a_group(
    model: RiskModel, parts: Split, policy: Policy
) -> None:
    test = parts.test.assign(region=parts.test.region.where(parts.test.region != "sul"))
    groups = {(group.attribute, group.value): group for group in validate(model, test, policy, seed=1).groups}
    small = groups["race_colour", "indigena"]
    assert small.rows < policy.count("risk.min_group_rows")
    assert (small.state, small.auc) == ("too_few", Estimate(None))
    assert groups["region", "missing"].rows == (parts.test.region == "sul").sum()
    assert groups["age_band", "20-34"].state == "ok"


def test_a_group_without_outcomes_is_too_few_to_tell(model: RiskModel, parts: Split, policy: Policy) -> None:
    test = parts.test.assign(region=np.where(parts.test.adverse_outcome == 1, "sul", "norte"))
    groups = {group.value: group for group in validate(model, test, policy, seed=1).groups}
    assert groups["norte"].rows >= policy.count("risk.min_group_rows")
    assert groups["norte"].state == "too_few"


def test_the_result_is_json_and_the_same_seed_gives_it_again(
    validation: Validation, model: RiskModel, parts: Split, policy: Policy
) -> None:
    again = validate(model, parts.test, policy, seed=1)
    assert json.dumps(validation.as_json()) == json.dumps(again.as_json())
    assert roc_svg(validation) == roc_svg(again)


def test_without_a_champion_the_state_says_so(model: RiskModel, parts: Split, policy: Policy) -> None:
    found = compare(model, None, parts.test, policy)
    assert (found.state, found.champion, found.difference) == ("no_champion", None, Estimate(None))


def test_a_sound_candidate_beats_a_blind_champion_and_a_blind_one_loses(
    model: RiskModel, blind: RiskModel, parts: Split, policy: Policy
) -> None:
    won = compare(model, Champion("3", blind), parts.test, policy)
    lost = compare(blind, Champion("3", model), parts.test, policy)
    assert (won.state, won.champion, lost.state) == ("better", "3", "worse")
    assert won.difference.value == pytest.approx(-(lost.difference.value or 0))


def test_a_champion_of_another_split_is_not_compared(model: RiskModel, parts: Split, policy: Policy) -> None:
    stranger = replace(model, plan=SplitPlan(0.25, "other"))
    found = compare(model, Champion("3", stranger), parts.test, policy)
    assert (found.state, found.difference) == ("not_comparable", Estimate(None))


def test_a_champion_that_reads_a_column_now_gone_is_not_compared(
    model: RiskModel, parts: Split, policy: Policy
) -> None:
    older = replace(model, columns=(*model.columns[:-1], "shoe_size"))
    found = compare(model, Champion("3", older), parts.test, policy)
    assert (found.state, found.reason) == (
        "not_comparable",
        "The champion reads columns that the feature table no longer has.",
    )


def test_a_test_set_with_one_outcome_compares_nothing(model: RiskModel, parts: Split, policy: Policy) -> None:
    healthy: pd.DataFrame = parts.test[parts.test.adverse_outcome == 0]
    assert compare(model, Champion("3", model), healthy, policy).state == "no_data"


@pytest.mark.parametrize(
    ("gap", "state"),
    [
        (Estimate(0.02, 0.005, 0.035), "better"),
        (Estimate(0.0, 0.0, 0.0), "not_worse"),
        (Estimate(-0.002, -0.009, 0.005), "not_worse"),
        (Estimate(-0.002, -0.02, 0.016), "inconclusive"),
        (Estimate(0.004), "inconclusive"),
        (Estimate(-0.02, -0.05, 0.01), "worse"),
        (Estimate(None), "no_data"),
    ],
)
def test_the_interval_of_the_difference_decides_the_state(gap: Estimate, state: ComparisonState) -> None:
    assert _judge(gap, max_loss=0.01)[0] == state


def test_a_stricter_policy_turns_the_same_model_down(model: RiskModel, parts: Split, policy: Policy) -> None:
    strict = with_threshold(policy, max_calibration_error=0.0)
    assert states(validate(model, parts.test, strict, seed=1))["calibration"] == "fail"

"""The split: by patient, frozen, and no feature row on both sides."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from risk_cohort import cohort, with_threshold

from matria.errors import InputError
from matria.policy import Policy
from models.risk.data import SplitPlan, folds, identical_rows, require_enough, split, split_plan
from models.risk.signature import INPUTS, inputs

PLAN = SplitPlan(0.25)
BASE = cohort(60, 3)


def crowded(keys: list[int], rows: list[int], labels: list[float | None]) -> pd.DataFrame:
    """Rows whose patient, feature row and label are drawn from small sets, so that each is often shared."""
    frame = BASE.iloc[rows].reset_index(drop=True)
    return frame.assign(patient_key=[f"patient-{key}" for key in keys], adverse_outcome=pd.array(labels, "Float64"))


draws = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 15), st.sampled_from([0.0, 1.0, None])), min_size=1, max_size=60
)


@settings(max_examples=60, deadline=None)
@given(draws)
def test_no_patient_and_no_feature_row_is_in_two_parts_and_every_row_is_counted(
    drawn: list[tuple[int, int, float | None]],
) -> None:
    frame = crowded(*map(list, zip(*drawn, strict=True)))
    parts = split(frame, PLAN)
    numbers = pd.Series(identical_rows(frame), frame.index)
    assert not {*parts.training.patient_key} & {*parts.test.patient_key}
    assert not {*numbers[parts.training.index]} & {*numbers[parts.test.index]}
    assert len(parts.training) + len(parts.test) + parts.unlabelled_rows + parts.withheld_rows == len(frame)


@settings(max_examples=40, deadline=None)
@given(draws, draws, st.randoms(use_true_random=False))
def test_the_test_set_keeps_its_rows_while_data_grow(
    earlier: list[tuple[int, int, float | None]],
    later: list[tuple[int, int, float | None]],
    random: np.random.Generator,
) -> None:
    old = crowded(*map(list, zip(*earlier, strict=True)))
    grown = pd.concat([old, crowded(*map(list, zip(*later, strict=True)))], keys=["old", "new"])
    order = list(range(len(grown)))
    random.shuffle(order)
    test = split(grown.iloc[order], PLAN).test
    kept = test.loc["old"] if "old" in test.index.get_level_values(0) else test.iloc[:0]
    assert sorted(kept.index) == sorted(split(old, PLAN).test.index)


def test_parts_have_about_the_shares_of_the_plan() -> None:
    position = PLAN.positions(f"patient-{number}" for number in range(20_000))
    assert np.mean(position < 0.25) == pytest.approx(0.25, abs=0.01)


def test_a_training_row_equal_to_a_test_row_is_withheld_and_counted() -> None:
    frame = cohort(200, 5).dropna(subset=["adverse_outcome"])
    parts = split(frame, PLAN)
    copied = frame.copy()
    copied.loc[parts.training.index[0], list(INPUTS)] = frame.loc[parts.test.index[0], list(INPUTS)]
    again = split(copied, PLAN)
    assert (parts.withheld_rows, again.withheld_rows) == (0, 1)
    assert parts.training.index[0] not in again.training.index
    assert list(again.test.index) == list(parts.test.index)


def test_missing_equals_missing_when_rows_are_compared() -> None:
    frame = BASE.iloc[[0, 0, 1]].assign(haemoglobin_g_dl=np.nan)
    numbers = identical_rows(frame)
    assert numbers[0] == numbers[1] != numbers[2]


def test_folds_share_no_patient_and_no_feature_row() -> None:
    frame = pd.concat([cohort(80, 6, rows_each=2), BASE, BASE.assign(patient_key="twin")], ignore_index=True)
    numbers = identical_rows(frame)
    pairs = folds(frame, 5)
    assert sorted(np.concatenate([held for _, held in pairs])) == list(range(len(frame)))
    for train, held in pairs:
        assert not {*frame.patient_key.iloc[train]} & {*frame.patient_key.iloc[held]}
        assert not {*numbers[train]} & {*numbers[held]}


def test_another_salt_is_another_test_set_and_a_smaller_share_is_within_it() -> None:
    assert not PLAN.same_test(SplitPlan(0.25, "other"))
    assert PLAN.same_test(SplitPlan(0.3))
    assert not SplitPlan(0.3).same_test(PLAN)


def test_too_few_rows_are_refused_in_one_sentence(policy: Policy) -> None:
    parts = split(cohort(300, 7), split_plan(policy))
    with pytest.raises(InputError, match=r"Too few rows .* asks for 500 with 50 \(\d+ rows await their birth\)"):
        require_enough(parts, policy)


def test_an_empty_table_is_refused_not_trained_on(policy: Policy) -> None:
    with pytest.raises(InputError, match="0 labelled rows with 0 adverse outcomes"):
        require_enough(split(BASE.iloc[:0], PLAN), policy)


def test_training_rows_of_one_outcome_are_refused(policy: Policy) -> None:
    frame = cohort(900, 8).assign(adverse_outcome=1.0)
    lenient = with_threshold(policy, min_training_rows=1, min_positive_rows=1)
    with pytest.raises(InputError, match=r"All \d+ training rows have the outcome"):
        require_enough(split(frame, PLAN), lenient)


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("patient_key", None, "no patient_key"),
        ("as_of_date", None, "no as_of_date"),
        ("adverse_outcome", 2.0, "other than 0, 1 and missing"),
        ("parity", np.inf, "infinite number"),
        ("bmi_kg_m2", "heavy", "text in a column of numbers"),
    ],
)
def test_a_malformed_column_is_named_in_one_sentence(column: str, value: object, sentence: str) -> None:
    frame = BASE.astype({column: object})
    frame.loc[frame.index[frame.adverse_outcome.notna()][0], column] = value
    with pytest.raises(InputError, match=sentence):
        split(frame, PLAN)


@pytest.mark.parametrize("column", ["patient_key", "as_of_date", "adverse_outcome", "systolic_bp_mmhg"])
def test_a_column_that_is_not_there_is_named(column: str) -> None:
    with pytest.raises(InputError, match=column):
        split(BASE.drop(columns=column), PLAN)


def test_nullable_columns_read_as_the_same_numbers() -> None:
    assert inputs(BASE.convert_dtypes()).equals(inputs(BASE))

"""Rows sorted by their contract: clean, quarantined with a reason, or collapsed; never lost, never counted twice."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matria.contracts.check import Checked, check
from matria.contracts.contract import Contract, ContractColumn, PairRule
from matria.contracts.digest import content_digest
from matria.contracts.reading import as_received

NOW = datetime(2026, 7, 1, tzinfo=UTC)
VITALS: dict[str, Any] = {
    "event_id": "e1",
    "occurred_at": "2026-06-01T10:00:00Z",
    "schema_version": 1,
    "visit_id": "v1",
    "patient_id": "p1",
    "systolic_bp_mmhg": 120,
    "diastolic_bp_mmhg": 80,
    "heart_rate_bpm": 72,
    "body_temperature_c": 36.6,
    "weight_kg": 70.1,
    "height_cm": None,
}


def _check(rows: list[dict[str, Any]], contract: Contract) -> Checked:
    return check(as_received(rows, contract), contract, NOW)


BAD_ROWS: list[tuple[dict[str, Any], str, str, str, str]] = [
    ({"heart_rate_bpm": 7}, "heart_rate_bpm", "range", "7", "lies outside 30 to 220 bpm"),
    ({"heart_rate_bpm": "700"}, "heart_rate_bpm", "range", "700", "lies outside 30 to 220 bpm"),
    ({"heart_rate_bpm": 12345678909}, "heart_rate_bpm", "range", "a number of 11 digits", "lies outside"),
    ({"weight_kg": "72,5 kg"}, "weight_kg", "type", "text of 7 characters", "is not a number"),
    ({"weight_kg": {"kg": 72}}, "weight_kg", "type", "a dict", "is not a number"),
    ({"patient_id": None}, "patient_id", "required", "nothing", "is missing"),
    ({"patient_id": "  "}, "patient_id", "required", "nothing", "is missing"),
    ({"systolic_bp_mmhg": "alta"}, "systolic_bp_mmhg", "type", "text of 4 characters", "is not a whole number"),
    ({"schema_version": 2}, "schema_version", "codes", "2", "is none of its codes"),
    ({"occurred_at": "2036-06-01T10:00:00Z"}, "occurred_at", "not_after_now", "2036-06-01", "lies after"),
    ({"occurred_at": "2026-06-01T10:00:00"}, "occurred_at", "type", "text of 19 characters", "with its offset"),
    ({"systolic_bp_mmhg": 80, "diastolic_bp_mmhg": 120}, "systolic_bp_mmhg", "pair", "80", "were swapped"),
    ({"systolic_bp_mmhg": 80}, "systolic_bp_mmhg", "pair", "80", "is not above diastolic_bp_mmhg"),
]


@pytest.fixture(scope="module")
def bad_rows(contracts: Mapping[str, Contract]) -> Checked:
    """Each of BAD_ROWS as the event of its number, and one good row after them."""
    rows = [VITALS | {"event_id": f"e{number}"} | change for number, (change, *_) in enumerate(BAD_ROWS)]
    return _check([*rows, VITALS | {"event_id": "good"}], contracts["vitals"])


@pytest.mark.parametrize("number", range(len(BAD_ROWS)))
def test_a_bad_row_is_quarantined_with_one_reason(bad_rows: Checked, number: int) -> None:
    _, column, rule, found, reason = BAD_ROWS[number]
    row = bad_rows.quarantined.loc[number]
    assert (row["column"], row["rule"], row["found"]) == (column, rule, found)
    assert row["reason"].startswith(f"{column} ")
    assert reason in row["reason"]
    assert ";" not in row["reason"]
    assert any((one.column, one.rule, one.reason) == (column, rule, row["reason"]) for one in bad_rows.reasons)


def test_a_good_row_among_bad_ones_is_clean(bad_rows: Checked) -> None:
    assert bad_rows.clean["event_id"].tolist() == ["good"]
    assert sum(one.rows for one in bad_rows.reasons) == len(BAD_ROWS)


def test_all_reasons_of_a_row_are_told_and_the_first_counts(contracts: Mapping[str, Contract]) -> None:
    checked = _check([VITALS | {"heart_rate_bpm": 7, "weight_kg": 7000, "patient_id": None}], contracts["vitals"])
    assert checked.quarantined["reason"].iloc[0] == (
        "patient_id is missing; heart_rate_bpm lies outside 30 to 220 bpm; weight_kg lies outside 30 to 250 kg"
    )
    assert [(one.column, one.rows) for one in checked.reasons] == [("patient_id", 1)]


def test_an_impossible_row_that_came_twice_is_quarantined_twice(contracts: Mapping[str, Contract]) -> None:
    bad = VITALS | {"heart_rate_bpm": 7}
    checked = _check([bad, bad], contracts["vitals"])
    assert (len(checked.clean), len(checked.quarantined), checked.duplicates) == (0, 2, 0)


def test_a_replayed_event_is_collapsed(contracts: Mapping[str, Contract]) -> None:
    checked = _check([VITALS, VITALS, VITALS | {"heart_rate_bpm": "72"}], contracts["vitals"])
    assert (len(checked.clean), len(checked.quarantined), checked.duplicates) == (1, 0, 2)


def test_two_rows_of_one_key_that_differ_are_both_quarantined(contracts: Mapping[str, Contract]) -> None:
    checked = _check([VITALS, VITALS, VITALS | {"weight_kg": 71.0}], contracts["vitals"])
    assert (len(checked.clean), len(checked.quarantined), checked.duplicates) == (0, 2, 1)
    assert set(checked.quarantined["reason"]) == {"event_id names two different rows"}
    assert checked.quarantined["weight_kg"].tolist() == [70.1, 71.0]


def test_values_that_broke_a_rule_are_not_kept(contracts: Mapping[str, Contract]) -> None:
    patient = {
        "event_id": "e1",
        "occurred_at": "2026-06-01T10:00:00Z",
        "schema_version": 1,
        "patient_id": "p1",
        "race_colour": "Maria de Souza",
        "region": "12345678909",
        "parity": 12345678909,
    }
    bad = _check([patient], contracts["patients"]).quarantined
    told = bad.drop(columns=["event_id", "patient_id"]).to_json()
    assert "Maria" not in told
    assert "12345678909" not in told
    assert bad["found"].iloc[0] == "text of 14 characters"


def test_no_rows_are_no_rows(contracts: Mapping[str, Contract]) -> None:
    checked = _check([], contracts["vitals"])
    assert (checked.rows_in, list(checked.clean.columns)) == (0, contracts["vitals"].names)


def test_a_time_without_its_zone_is_refused(contracts: Mapping[str, Contract]) -> None:
    with pytest.raises(ValueError, match="time zone"):
        check(as_received([VITALS], contracts["vitals"]), contracts["vitals"], datetime(2026, 7, 1))  # noqa: DTZ001


SMALL = Contract(
    table="readings",
    version=1,
    description="Readings.",
    owner="us",
    primary_key=("reading_id",),
    columns=(
        ContractColumn(name="reading_id", type="text", privacy="key", required=True, meaning="name"),
        ContractColumn(name="high", type="integer", unit="mmHg", privacy="none", min=0, max=9, meaning="high"),
        ContractColumn(name="low", type="integer", unit="mmHg", privacy="none", required=True, meaning="low"),
    ),
    rules=(PairRule(greater="high", lesser="low", reason="swapped"),),
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "reading_id": st.sampled_from(["a", "b", "c", "d", None, ["a"]]),
            "high": st.sampled_from([3, 4, "4", 11, -1, None, "x"]),
            "low": st.sampled_from([1, 2, 4, "1", None, 1.5]),
        }
    ),
    max_size=12,
)


def _passes(row: dict[str, Any]) -> bool:
    """The contract again, by hand."""
    high, low = row["high"], row["low"]
    if not isinstance(row["reading_id"], str) or high == "x" or low in (None, 1.5):
        return False
    return high is None or (0 <= int(high) <= 9 and int(high) > int(low))


@settings(max_examples=15, deadline=None)
@given(rows=ROWS, shuffle=st.randoms(use_true_random=False))
def test_rows_in_are_clean_and_quarantined_and_duplicates(rows: list[dict[str, Any]], shuffle: Any) -> None:
    checked = _check(rows, SMALL)
    passing = [(row["reading_id"], row["high"] and int(row["high"]), int(row["low"])) for row in rows if _passes(row)]
    distinct = set(passing)
    keys = [key for key, _, _ in distinct]
    clashing = [row for row in distinct if keys.count(row[0]) > 1]

    assert checked.rows_in == len(rows)
    assert checked.duplicates == len(passing) - len(distinct)
    assert len(checked.quarantined) == len(rows) - len(passing) + len(clashing)
    assert sum(reason.rows for reason in checked.reasons) == len(checked.quarantined)
    assert {tuple(None if pd.isna(v) else v for v in row) for row in checked.clean.to_numpy()} == distinct - set(
        clashing
    )

    shuffle.shuffle(rows)
    assert content_digest(_check(rows, SMALL).clean) == content_digest(checked.clean)

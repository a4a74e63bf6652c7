"""`risk_features`: each number checked by hand, and nothing from after the day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_service import UNTIL, Service

from matria.features.risk import build_risk_features
from matria.features.schema import RISK_FEATURES, names

CONCEIVED = pd.Timestamp("2025-10-01")
"""Day 0 of the woman's gestational age: day 200 is 2026-04-19."""
HISTORY: dict[str, Any] = {
    "race_colour": "parda",
    "region": "sul",
    "parity": 2,
    "previous_preeclampsia": True,
    "previous_caesarean": False,
    "chronic_hypertension": False,
    "pregestational_diabetes": None,
    "multiple_pregnancy": False,
}
OUTCOME: dict[str, Any] = {
    "severe_preeclampsia": False,
    "eclampsia": False,
    "intensive_care_admission": False,
    "perinatal_death": False,
}
COLUMNS = {
    "patients": list(HISTORY),
    "visits": ["status", "gestational_age_days", "age_years"],
    "vitals": [
        "systolic_bp_mmhg",
        "diastolic_bp_mmhg",
        "heart_rate_bpm",
        "body_temperature_c",
        "weight_kg",
        "height_cm",
    ],
    "labs": ["haemoglobin_g_dl", "fasting_glucose_mg_dl", "proteinuria_plus"],
    "births": ["born_on", "gestational_age_days", *OUTCOME],
}


class Records:
    """Clean tables made by hand, one event at a time."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, Any]]] = {table: [] for table in COLUMNS}

    def add(self, table: str, day: int, who: str = "a", hour: int = 12, **values: Any) -> "Records":
        """An event on that day of her gestational age."""
        at = (CONCEIVED + pd.Timedelta(days=day, hours=hour)).tz_localize("UTC")
        self._rows[table].append({"patient_key": who, "occurred_at": at, **values})
        return self

    def register(self, day: int = 60, who: str = "a", **changes: Any) -> "Records":
        return self.add("patients", day, who, **{**HISTORY, **changes})

    def visit(self, day: int, who: str = "a", status: str = "attended", age_days: int | None = None) -> "Records":
        return self.add("visits", day, who, status=status, gestational_age_days=age_days or day, age_years=31)

    def measure(self, day: int, systolic: int, diastolic: int, who: str = "a", **values: Any) -> "Records":
        return self.add("vitals", day, who, systolic_bp_mmhg=systolic, diastolic_bp_mmhg=diastolic, **values)

    def birth(self, day: int, who: str = "a", age_days: int | None = None, **outcome: bool) -> "Records":
        born_on = CONCEIVED + pd.Timedelta(days=day)
        fields = {"born_on": born_on, "gestational_age_days": age_days or day, **OUTCOME, **outcome}
        return self.add("births", day, who, hour=20, **fields)

    def tables(self) -> dict[str, pd.DataFrame]:
        return {
            table: pd.DataFrame(rows, columns=["patient_key", "occurred_at", *COLUMNS[table]]).astype(
                {"occurred_at": "datetime64[ns, UTC]"}
            )
            for table, rows in self._rows.items()
        }

    def features(self, day: int = 400) -> pd.DataFrame:
        """The features as of that day of her gestational age."""
        return build_risk_features(self.tables(), (CONCEIVED + pd.Timedelta(days=day)).date())


def _usual() -> Records:
    """A woman measured on days 70, 140, 168, 200 and 220, who gives birth on day 275."""
    records = Records().register()
    records.visit(70).measure(70, 110, 70, weight_kg=64.0, height_cm=160.0, heart_rate_bpm=70, body_temperature_c=36.4)
    records.add("labs", 72, haemoglobin_g_dl=12.0, fasting_glucose_mg_dl=85.0, proteinuria_plus=None)
    records.visit(112, status="missed")
    records.visit(140).measure(140, 112, 71, weight_kg=67.0)
    records.visit(168).measure(168, 118, 74, weight_kg=69.0, body_temperature_c=36.9)
    records.add("labs", 168, haemoglobin_g_dl=None, fasting_glucose_mg_dl=None, proteinuria_plus=1)
    records.visit(200).measure(200, 126, 82, weight_kg=71.8, heart_rate_bpm=88)
    records.add("labs", 201, haemoglobin_g_dl=9.0, fasting_glucose_mg_dl=200.0, proteinuria_plus=4)
    records.visit(220).measure(220, 170, 112, weight_kg=75.0)
    return records.birth(275)


def test_every_feature_is_what_a_hand_computes() -> None:
    frame = _usual().features()
    assert len(frame) == 1
    row = frame.iloc[0]
    assert row["as_of_date"] == CONCEIVED + pd.Timedelta(days=200)
    assert row["patient_key"] == "a"
    assert (row["age_years"], row["gestational_age_days"]) == (31, 200)
    assert (row["parity"], row["previous_preeclampsia"], row["previous_caesarean"]) == (2, 1, 0)
    assert np.isnan(row["pregestational_diabetes"])
    assert row["bmi_kg_m2"] == pytest.approx(64 / 1.6**2)
    assert row["systolic_bp_mmhg"] == (118 + 126) / 2
    assert row["diastolic_bp_mmhg"] == (74 + 82) / 2
    # Of the last 84 days, days 140, 168 and 200: weeks 20, 24, 200/7; mean arterial pressures (112+142)/3, (118+148)/3,
    # (126+164)/3.
    expected = np.polyfit([20, 24, 200 / 7], [254 / 3, 266 / 3, 290 / 3], 1)[0]
    assert row["map_slope_mmhg_per_week"] == pytest.approx(expected)
    assert row["heart_rate_bpm"] == 88
    assert np.isnan(row["body_temperature_c"])  # not taken at the last visit
    assert row["weight_gain_kg_per_week"] == pytest.approx((71.8 - 64) / (130 / 7))
    assert (row["haemoglobin_g_dl"], row["fasting_glucose_mg_dl"], row["proteinuria_plus"]) == (12.0, 85.0, 1)
    assert (row["visit_count"], row["missed_visit_count"]) == (4, 1)
    assert (row["age_band"], row["race_colour"], row["region"]) == ("20-34", "parda", "sul")
    assert row["adverse_outcome"] == 0


def test_the_frame_has_exactly_the_columns_of_the_schema(service: Service) -> None:
    frame = build_risk_features(service.tables, UNTIL)
    assert list(frame.columns) == names(RISK_FEATURES)
    kinds = {
        "string": "object",
        "date": "datetime64[ns]",
        "integer": "float64",
        "number": "float64",
        "boolean": "float64",
    }
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        column.name: kinds[column.kind] for column in RISK_FEATURES
    }
    assert not frame.duplicated(["patient_key", "as_of_date"]).any()
    assert len(frame) > 80


@pytest.mark.parametrize(
    ("day", "outcome", "expected"),
    [
        (275, {}, 0),
        (238, {}, 0),
        (237, {}, 1),
        (275, {"severe_preeclampsia": True}, 1),
        (275, {"eclampsia": True}, 1),
        (275, {"intensive_care_admission": True}, 1),
        (275, {"perinatal_death": True}, 1),
    ],
)
def test_the_label_is_the_composite_outcome(day: int, outcome: dict[str, bool], expected: int) -> None:
    frame = Records().register().visit(200).measure(200, 120, 80).birth(day, **outcome).features()
    assert frame["adverse_outcome"].tolist() == [expected]


@pytest.mark.parametrize(
    ("visits", "row_day"), [((196,), 196), ((230,), 230), ((195, 231), None), ((190, 201, 215), 201), ((), None)]
)
def test_a_row_to_train_on_is_the_first_visit_from_28_to_32_weeks(visits: tuple[int, ...], row_day: int | None) -> None:
    records = Records().register().visit(70)
    for day in visits:
        records.visit(day)
    found = records.birth(275).features()["gestational_age_days"].tolist()
    assert found == ([] if row_day is None else [row_day])


def test_a_missed_visit_gives_no_row() -> None:
    assert Records().register().visit(200, status="missed").visit(210).birth(275).features()[
        "gestational_age_days"
    ].tolist() == [210]


def test_a_pregnancy_that_goes_on_has_a_row_to_serve_without_a_label() -> None:
    frame = _usual().features(day=230)
    assert frame["gestational_age_days"].tolist() == [200, 220]
    assert frame["adverse_outcome"].isna().all()
    early = _usual().features(day=150)
    assert early["gestational_age_days"].tolist() == [140]


def test_a_pregnancy_that_can_no_longer_go_on_is_not_served() -> None:
    records = Records().register().visit(200).visit(240)
    assert records.features(day=308)["gestational_age_days"].tolist() == [200, 240]
    late = records.features(day=309)
    assert late["gestational_age_days"].tolist() == [200]
    assert late["adverse_outcome"].isna().all()


def test_a_row_is_not_taken_once_the_child_is_born() -> None:
    assert Records().register().visit(200).birth(200).features().empty
    assert Records().register().visit(210).birth(205).features().empty


def test_two_pregnancies_of_one_woman_do_not_mix() -> None:
    later = 500
    records = _usual().register(later + 60, parity=3)
    records.visit(later + 80, age_days=80).measure(later + 80, 100, 60, weight_kg=70.0, height_cm=160.0)
    records.visit(later + 210, age_days=210).measure(later + 210, 104, 64, weight_kg=78.0)
    frame = records.birth(later + 230, age_days=230).features(day=later + 400)
    assert frame["gestational_age_days"].tolist() == [200, 210]
    assert frame["adverse_outcome"].tolist() == [0, 1]
    assert frame["parity"].tolist() == [2, 3]
    assert frame["visit_count"].tolist() == [4, 2]
    assert frame["systolic_bp_mmhg"].tolist() == [122, 102]
    assert frame["bmi_kg_m2"].tolist() == pytest.approx([64 / 2.56, 70 / 2.56])


def test_a_woman_without_measurements_has_missing_values_and_not_zeros() -> None:
    row = Records().visit(200).features(day=220).iloc[0]
    missing = ["parity", "systolic_bp_mmhg", "map_slope_mmhg_per_week", "weight_gain_kg_per_week", "haemoglobin_g_dl"]
    assert row[missing].isna().all()
    assert (row["visit_count"], row["missed_visit_count"]) == (1, 0)
    assert row["race_colour"] == "ignorado"
    assert row["region"] is None


def test_two_readings_are_no_trend_and_a_week_is_no_gain() -> None:
    records = Records().register().visit(200)
    records.measure(193, 120, 80, weight_kg=70.0).measure(200, 130, 85, weight_kg=71.0)
    row = records.features(day=220).iloc[0]
    assert np.isnan(row["map_slope_mmhg_per_week"])
    assert np.isnan(row["weight_gain_kg_per_week"])


def test_no_clean_rows_are_no_features() -> None:
    frame = Records().features()
    assert frame.empty
    assert list(frame.columns) == names(RISK_FEATURES)


def _until(tables: Mapping[str, pd.DataFrame], day: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """What had occurred by the end of that day."""
    end = day.tz_localize("UTC") + pd.Timedelta(days=1)
    return {name: table[table["occurred_at"] < end] for name, table in tables.items() if "occurred_at" in table.columns}


@pytest.mark.parametrize("as_of", [date(2025, 3, 1), date(2026, 1, 15), date(2026, 6, 29)])
def test_features_as_of_a_day_are_those_of_a_world_that_ended_that_day(service: Service, as_of: date) -> None:
    full = build_risk_features(service.tables, as_of)
    ended = build_risk_features(_until(service.tables, pd.Timestamp(as_of)), as_of)
    pd.testing.assert_frame_equal(full, ended)
    assert (full["as_of_date"] <= pd.Timestamp(as_of)).all()


def test_a_row_holds_nothing_from_after_its_own_day_but_the_label(service: Service) -> None:
    frame = build_risk_features(service.tables, UNTIL)
    known = names(RISK_FEATURES, "key", "time", "feature", "protected")
    for day in sorted(frame["as_of_date"].unique())[::12]:
        ended = build_risk_features(_until(service.tables, pd.Timestamp(day)), pd.Timestamp(day).date())
        rows = frame.loc[frame["as_of_date"] == day, known].reset_index(drop=True)
        keys = set(rows["patient_key"])
        same = ended.loc[(ended["as_of_date"] == day) & ended["patient_key"].isin(keys), known]
        pd.testing.assert_frame_equal(rows, same.reset_index(drop=True))


def test_births_tell_the_label_and_nothing_else(service: Service) -> None:
    frame = build_risk_features(service.tables, UNTIL)
    births = service.tables["births"]
    flipped = {**service.tables, "births": births.assign(severe_preeclampsia=~births["severe_preeclampsia"])}
    other = build_risk_features(flipped, UNTIL)
    features = names(RISK_FEATURES, "key", "time", "feature", "protected")
    pd.testing.assert_frame_equal(frame[features], other[features])
    assert (frame["adverse_outcome"] != other["adverse_outcome"])[frame["adverse_outcome"].notna()].any()

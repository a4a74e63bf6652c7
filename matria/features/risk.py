"""`risk_features`: what was known of a pregnancy at one moment, and how the pregnancy ended.

The moment is the first visit attended from 28 weeks 0 days to 32 weeks 6 days, after which most of what the label holds
is still to come. It is fixed once reached: nothing later moves or changes the row but the label, which appears when the
birth is recorded. A woman whose pregnancy goes on also has a row at her last visit, for serving, without a label.
Women who give birth before 28 weeks, or have no visit in the window, have no row to train on: the model speaks of
women seen in the window, and its card says so.
"""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from matria.features.frame import LONGEST_PREGNANCY_DAYS, age_band, conform, known, latest
from matria.features.schema import RISK_FEATURES

if TYPE_CHECKING:
    import pandas as pd

TABLE = "risk_features"
WINDOW_DAYS = (196, 230)
"""Gestational age at the row's visit, both ends within: 28w0d to 32w6d."""
EARLY_BIRTH_DAYS = 238
"""Births before 34 weeks 0 days count as an adverse outcome."""
_ANOTHER_PREGNANCY_DAYS = 84
"""Dates of conception further apart than this are two pregnancies; a corrected dating moves them less."""
_BIRTH_AT_LEAST_DAYS = 140
_TREND_DAYS, _TREND_READINGS = 84, 3
"""The trend of pressure looks back twelve weeks; of fewer than three readings it is missing."""
_GAIN_DAYS = 14
"""Over less than two weeks the scale's error is larger than any gain."""
_HISTORY = (
    *("parity", "previous_preeclampsia", "previous_caesarean", "chronic_hypertension", "pregestational_diabetes"),
    *("multiple_pregnancy", "race_colour", "region"),
)


def build_risk_features(tables: Mapping[str, "pd.DataFrame"], as_of: date) -> "pd.DataFrame":
    """One row per pregnancy at its moment, and one per pregnancy that goes on; columns as RISK_FEATURES, see `conform`.

    `tables` are the clean tables patients, visits, vitals, labs, births. Nothing that occurred after the UTC day
    `as_of` is used, and nothing after a row's own day but for its label.
    """
    visits = _with_pregnancy(known(tables["visits"], as_of))
    births = _births(known(tables["births"], as_of))
    rows = _rows(visits, births, as_of)
    vitals = _so_far(known(tables["vitals"], as_of), rows)
    registered = latest(known(tables["patients"], as_of)[["patient_key", "day", *_HISTORY]], rows)
    rows = rows.assign(
        **registered[list(_HISTORY)],
        **_pressure(vitals),
        **_last_reading(vitals),
        **_weight(vitals),
        **_last_results(_so_far(known(tables["labs"], as_of), rows)),
        **_attendance(_so_far(visits, rows)),
        age_band=age_band(rows["age_years"]),
    )
    counted = {name: rows[name].astype("float64").fillna(0) for name in ("visit_count", "missed_visit_count")}
    told = rows["race_colour"].astype("object").where(rows["race_colour"].notna(), "ignorado")
    return conform(rows.assign(**counted, race_colour=told, as_of_date=rows["day"]), RISK_FEATURES)


def _with_pregnancy(visits: "pd.DataFrame") -> "pd.DataFrame":
    """Visits with `conceived_on`, from which gestational age counts, and the number of the woman's pregnancy."""
    import pandas as pd

    ages = pd.to_timedelta(visits["gestational_age_days"].astype("float64"), unit="D")
    visits = visits.assign(conceived_on=visits["day"] - ages)
    apart = visits.groupby("patient_key")["conceived_on"].diff() > pd.Timedelta(days=_ANOTHER_PREGNANCY_DAYS)
    return visits.assign(pregnancy=apart.groupby(visits["patient_key"]).cumsum())


def _births(births: "pd.DataFrame") -> "pd.DataFrame":
    """`patient_key`, `born_on`, `adverse_outcome` (0 or 1): the composite outcome, one row per birth.

    Adverse: pre-eclampsia with severe features, eclampsia, intensive care for the woman, stillbirth or death in the
    first week, or birth before 34 weeks. The composite is chosen by us; clinical review is pending.
    """
    import pandas as pd

    told = ["severe_preeclampsia", "eclampsia", "intensive_care_admission", "perinatal_death"]
    is_adverse = births[told].astype("boolean").any(axis=1) | (births["gestational_age_days"] < EARLY_BIRTH_DAYS)
    found = pd.DataFrame(
        {
            "patient_key": births["patient_key"],
            "born_on": births["born_on"].astype("datetime64[ns]"),
            "adverse_outcome": is_adverse.astype("float64"),
        }
    )
    return found.groupby(["patient_key", "born_on"], as_index=False).max().sort_values("born_on")


def _rows(visits: "pd.DataFrame", births: "pd.DataFrame", as_of: date) -> "pd.DataFrame":
    """The visits at which rows are taken, with `adverse_outcome`; one a woman and day."""
    import pandas as pd

    attended = visits[visits["status"] == "attended"]
    in_window = attended[attended["gestational_age_days"].between(*WINDOW_DAYS)]
    to_train = _with_outcome(in_window.groupby(["patient_key", "pregnancy"]).head(1), births)
    to_serve = _with_outcome(attended.groupby("patient_key").tail(1), births)
    over_after = to_serve["conceived_on"] + pd.Timedelta(days=LONGEST_PREGNANCY_DAYS)
    to_serve = to_serve[to_serve["born_on"].isna() & (over_after >= pd.Timestamp(as_of))]
    both = pd.concat([to_train, to_serve], ignore_index=True)
    return both.drop_duplicates(["patient_key", "day"], ignore_index=True)


def _with_outcome(rows: "pd.DataFrame", births: "pd.DataFrame") -> "pd.DataFrame":
    """`rows` with the birth that ended the pregnancy, where it is known; without those already born on the day."""
    import pandas as pd

    earliest = rows["conceived_on"] + pd.Timedelta(days=_BIRTH_AT_LEAST_DAYS)
    sought = rows.assign(earliest=earliest).sort_values("earliest", kind="stable")
    found = pd.merge_asof(
        sought,
        births,
        left_on="earliest",
        right_on="born_on",
        by="patient_key",
        direction="forward",
        tolerance=pd.Timedelta(days=LONGEST_PREGNANCY_DAYS + 14 - _BIRTH_AT_LEAST_DAYS),
    )
    return found[found["born_on"].isna() | (found["born_on"] > found["day"])]


def _so_far(events: "pd.DataFrame", rows: "pd.DataFrame") -> "pd.DataFrame":
    """The events of each row's pregnancy up to its day, in order of time; `row` names the row, `row_day` its day."""
    asked = rows[["patient_key", "day", "conceived_on"]].rename(columns={"day": "row_day", "conceived_on": "from_day"})
    joined = events.merge(asked.reset_index(names="row"), on="patient_key")
    return joined[(joined["day"] <= joined["row_day"]) & (joined["day"] >= joined["from_day"])]


def _pressure(vitals: "pd.DataFrame") -> dict[str, "pd.Series[Any]"]:
    import pandas as pd

    pressures = ["systolic_bp_mmhg", "diastolic_bp_mmhg"]
    vitals = vitals.astype(dict.fromkeys(pressures, "float64"))
    last_two = vitals.groupby("row").tail(2).groupby("row")[pressures].mean()
    recent = vitals[vitals["day"] > vitals["row_day"] - pd.Timedelta(days=_TREND_DAYS)]
    return {**{name: last_two[name] for name in pressures}, "map_slope_mmhg_per_week": _slope(recent)}


def _slope(readings: "pd.DataFrame") -> "pd.Series[Any]":
    """Least-squares slope of mean arterial pressure, (systolic + 2 diastolic) / 3, over weeks."""
    points = readings.assign(
        weeks=(readings["occurred_at"] - readings["occurred_at"].min()).dt.total_seconds() / (7 * 86_400),
        mean_pressure=(readings["systolic_bp_mmhg"] + 2 * readings["diastolic_bp_mmhg"]) / 3,
    )
    groups = points.groupby("row")
    weeks = points["weeks"] - groups["weeks"].transform("mean")
    pressure = points["mean_pressure"] - groups["mean_pressure"].transform("mean")
    both = (weeks * pressure).groupby(points["row"]).sum()
    spread = (weeks**2).groupby(points["row"]).sum()
    return (both / spread).where((groups.size() >= _TREND_READINGS) & (spread > 0))


def _last_reading(vitals: "pd.DataFrame") -> dict[str, "pd.Series[Any]"]:
    last = vitals.groupby("row").tail(1).set_index("row")
    return {name: last[name] for name in ("heart_rate_bpm", "body_temperature_c")}


def _weight(vitals: "pd.DataFrame") -> dict[str, "pd.Series[Any]"]:
    weighed = vitals[vitals["weight_kg"].notna()]
    groups = weighed.groupby("row")
    first, last = groups.head(1).set_index("row"), groups.tail(1).set_index("row")
    days = (last["day"] - first["day"]).dt.days
    gain = (last["weight_kg"] - first["weight_kg"]) / (days / 7).where(days >= _GAIN_DAYS)
    booked = weighed[weighed["height_cm"].notna()].groupby("row").head(1).set_index("row")
    return {"weight_gain_kg_per_week": gain, "bmi_kg_m2": booked["weight_kg"] / (booked["height_cm"] / 100) ** 2}


def _last_results(labs: "pd.DataFrame") -> dict[str, "pd.Series[Any]"]:
    last = labs.groupby("row")[["haemoglobin_g_dl", "fasting_glucose_mg_dl", "proteinuria_plus"]].last()
    return {str(name): last[name] for name in last}


def _attendance(visits: "pd.DataFrame") -> dict[str, "pd.Series[Any]"]:
    counts = visits.assign(is_missed=visits["status"] == "missed").groupby("row")["is_missed"].agg(["size", "sum"])
    return {"visit_count": counts["size"] - counts["sum"], "missed_visit_count": counts["sum"]}

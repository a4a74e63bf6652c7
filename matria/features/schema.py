"""The columns of the two feature tables, in one place: publishing writes them, training reads them.

A row is one subject as known on `as_of_date` (UTC date). A missing value is a measurement never taken: it stays
missing, models see it as such. Protected attributes and the label are never inputs of a model.
"""

from dataclasses import dataclass
from typing import Literal

Part = Literal["key", "time", "feature", "protected", "label"]
Kind = Literal["string", "date", "integer", "number", "boolean"]


@dataclass(frozen=True)
class Column:
    """One column of a feature table."""

    name: str
    part: Part
    kind: Kind
    unit: str
    """Unit, or the codes it takes."""
    meaning: str


RISK_FEATURES: tuple[Column, ...] = (
    Column("patient_key", "key", "string", "HMAC-SHA256, hexadecimal", "pseudonym of the patient"),
    Column("as_of_date", "time", "date", "UTC date", "day on which the row is what was known"),
    Column("age_years", "feature", "number", "years", "age at the last visit"),
    Column("parity", "feature", "integer", "births", "earlier births"),
    Column("previous_preeclampsia", "feature", "boolean", "0 or 1", "pre-eclampsia in an earlier pregnancy"),
    Column("previous_caesarean", "feature", "boolean", "0 or 1", "an earlier caesarean"),
    Column("chronic_hypertension", "feature", "boolean", "0 or 1", "hypertension before pregnancy"),
    Column("pregestational_diabetes", "feature", "boolean", "0 or 1", "diabetes before pregnancy"),
    Column("multiple_pregnancy", "feature", "boolean", "0 or 1", "more than one fetus"),
    Column("bmi_kg_m2", "feature", "number", "kg/m2", "body mass index at booking"),
    Column("gestational_age_days", "feature", "integer", "days", "gestational age on the day"),
    Column("systolic_bp_mmhg", "feature", "number", "mmHg", "systolic pressure, mean of the last two visits"),
    Column("diastolic_bp_mmhg", "feature", "number", "mmHg", "diastolic pressure, mean of the last two visits"),
    Column("map_slope_mmhg_per_week", "feature", "number", "mmHg/week", "trend of mean arterial pressure"),
    Column("heart_rate_bpm", "feature", "number", "bpm", "heart rate at the last visit"),
    Column("body_temperature_c", "feature", "number", "degrees Celsius", "temperature at the last visit"),
    Column("weight_gain_kg_per_week", "feature", "number", "kg/week", "weight gain since booking"),
    Column("haemoglobin_g_dl", "feature", "number", "g/dL", "last haemoglobin"),
    Column("fasting_glucose_mg_dl", "feature", "number", "mg/dL", "last fasting glucose"),
    Column("proteinuria_plus", "feature", "integer", "0 to 4 plus", "last dipstick"),
    Column("visit_count", "feature", "integer", "visits", "visits so far"),
    Column("missed_visit_count", "feature", "integer", "visits", "visits missed so far"),
    Column("age_band", "protected", "string", "<20, 20-34, 35+", "age band"),
    Column(
        "race_colour",
        "protected",
        "string",
        "branca, preta, parda, amarela, indigena, ignorado",
        "as IBGE codes it",
    ),
    Column("region", "protected", "string", "norte, nordeste, sudeste, sul, centro-oeste", "region of Brazil"),
    Column("adverse_outcome", "label", "boolean", "0 or 1, missing before birth", "composite outcome at birth"),
)

ENGAGEMENT_FEATURES: tuple[Column, ...] = (
    Column("patient_key", "key", "string", "HMAC-SHA256, hexadecimal", "pseudonym of the patient"),
    Column("as_of_date", "time", "date", "UTC date", "day on which the row is what was known"),
    Column("gestational_age_days", "feature", "integer", "days", "gestational age on the day"),
    Column("contents_opened_7d", "feature", "integer", "contents", "contents opened in the last 7 days"),
    Column("contents_opened_28d", "feature", "integer", "contents", "contents opened in the last 28 days"),
    Column("reading_seconds_28d", "feature", "number", "s", "reading time in the last 28 days"),
    Column("questions_asked_28d", "feature", "integer", "messages", "messages sent to the assistant in 28 days"),
    Column("days_since_last_seen", "feature", "integer", "days", "days since any interaction; missing when none"),
    Column("favourite_theme", "feature", "string", "theme of content", "theme opened most in the last 28 days"),
    Column("age_band", "protected", "string", "<20, 20-34, 35+", "age band"),
    Column("region", "protected", "string", "norte, nordeste, sudeste, sul, centro-oeste", "region of Brazil"),
)


def names(columns: tuple[Column, ...], *parts: Part) -> list[str]:
    """The names of the columns, of the parts named, or of all."""
    return [column.name for column in columns if not parts or column.part in parts]

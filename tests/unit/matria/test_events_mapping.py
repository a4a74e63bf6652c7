"""A mapping renames, converts and translates; what it cannot convert it leaves for the contract to judge."""

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import pytest

from matria.contracts.contract import Contract
from matria.errors import InputError
from matria.events.mapping import _CONVERSIONS, Conversion, CsvMapping, load_mapping

SCREENINGS = """\
table: screenings
columns:
  Age: age_years
  SystolicBP: systolic_bp_mmhg
  DiastolicBP: diastolic_bp_mmhg
  BS: {to: blood_glucose_mmol_l, convert: glucose_mg_dl_to_mmol_l}
  BodyTemp: {to: body_temperature_c, convert: fahrenheit_to_celsius}
  RiskLevel: {to: risk_level, values: {low risk: low}}
ignore: [Name]
decimal: ","
"""


def _load(tmp_path: Path, contracts: Mapping[str, Contract], text: str) -> CsvMapping:
    path = tmp_path / "mapping.yaml"
    path.write_text(text)
    return load_mapping(path, contracts)


def test_a_row_is_renamed_converted_and_translated(tmp_path: Path, contracts: Mapping[str, Contract]) -> None:
    row = {"Age": "25", "SystolicBP": "1.130,5", "DiastolicBP": "80", "BS": "90,078", "BodyTemp": "98,6"}
    event = _load(tmp_path, contracts, SCREENINGS).event(row | {"RiskLevel": " low risk ", "Name": "Ana"})
    # 98.6 °F = (98.6 - 32) * 5/9 = 37 °C; 90.078 mg/dL / 18.0156 = 5 mmol/L
    assert event.payload == {
        "age_years": "25",
        "systolic_bp_mmhg": "1130.5",
        "diastolic_bp_mmhg": "80",
        "blood_glucose_mmol_l": 5.0,
        "body_temperature_c": 37.0,
        "risk_level": "low",
    }
    assert (event.topic, event.event_id, event.occurred_at) == ("screenings", None, None)


def test_what_cannot_be_converted_stays_as_received(tmp_path: Path, contracts: Mapping[str, Contract]) -> None:
    row = dict.fromkeys(("Age", "SystolicBP", "DiastolicBP", "RiskLevel"), "?")
    event = _load(tmp_path, contracts, SCREENINGS).event(row | {"BS": "high", "BodyTemp": ""})
    assert event.payload["blood_glucose_mmol_l"] == "high"
    assert event.payload["body_temperature_c"] == ""
    assert event.payload["risk_level"] == "?"


def test_constants_and_envelope_fields_are_given(tmp_path: Path, contracts: Mapping[str, Contract]) -> None:
    text = (
        "table: labs\ncolumns: {id: event_id, at: occurred_at, who: patient_id, glucose: {to: fasting_glucose_mg_dl, "
    )
    text += "convert: glucose_mmol_l_to_mg_dl}}\nconstants: {schema_version: 1}\n"
    event = _load(tmp_path, contracts, text).event({"id": "e1", "at": "2026-06-01T10:00Z", "who": "p1", "glucose": "5"})
    assert (event.event_id, event.occurred_at, event.schema_version) == ("e1", "2026-06-01T10:00Z", 1)
    assert event.payload == {"patient_id": "p1", "fasting_glucose_mg_dl": 90.08}


def test_every_conversion_that_a_mapping_may_name_exists() -> None:
    assert set(get_args(Conversion)) == set(_CONVERSIONS)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("table: screenings", "table: screening"), "no table 'screening', only 'assistant_messages'"),
        (("Age: age_years", "Age: age"), "has no field 'age'"),
        (("  Age: age_years\n", ""), "requires 'age_years', which no column"),
        (("Age: age_years", "Age: systolic_bp_mmhg"), "'systolic_bp_mmhg' is given twice"),
        (("fahrenheit_to_celsius", "kelvin_to_celsius"), "columns.BodyTemp.convert"),
        (('decimal: ","', "decimal: x"), "decimal"),
        (('decimal: ","', "encoding: klingon"), "no encoding of that name"),
        (('decimal: ","', "colour: red"), "colour"),
        (("  Age", "\tAge"), "a tab stands there"),
        (("columns:", "columns: []\nrows:"), "columns"),
    ],
)
def test_a_mapping_that_does_not_fit_is_one_sentence(
    tmp_path: Path, contracts: Mapping[str, Contract], change: tuple[str, str], expected: str
) -> None:
    with pytest.raises(InputError, match=expected) as raised:
        _load(tmp_path, contracts, SCREENINGS.replace(*change))
    assert "mapping.yaml" in str(raised.value)
    assert "\n" not in str(raised.value)

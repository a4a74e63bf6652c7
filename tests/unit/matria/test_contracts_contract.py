"""Contracts as files: those shipped are whole, and a wrong one is refused with one sentence."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from matria.contracts.contract import TABLES, Contract, load_contract, load_contracts
from matria.errors import ContractError

GOOD = """\
table: readings
version: 1
description: Readings.
owner: us
primary_key: [reading_id]
columns:
  - {name: reading_id, type: text, privacy: key, required: true, meaning: name of the reading}
  - {name: pulse_bpm, type: integer, unit: bpm, privacy: none, min: 30, max: 220, meaning: pulse}
"""


def test_every_table_has_a_contract_of_its_file_name(contracts: Mapping[str, Contract]) -> None:
    assert {f"{contract.table}.v{contract.version}.yaml" for contract in contracts.values()} == {
        path.name for path in TABLES.glob("*.yaml")
    }
    assert set(contracts) == {
        *("patients", "visits", "vitals", "labs", "births"),
        *("content_interactions", "assistant_messages", "screenings"),
    }


def test_every_event_table_is_keyed_by_its_event_and_names_its_patient(contracts: Mapping[str, Contract]) -> None:
    for contract in contracts.values():
        if contract.table != "screenings":
            assert contract.primary_key == ("event_id",)
            assert contract.column("occurred_at").not_after_now
            assert contract.column("patient_id").privacy == "key"


def test_direct_identifiers_are_declared_as_such(contracts: Mapping[str, Contract]) -> None:
    for name in ("name", "mother_name", "cpf", "cns", "phone", "birth_date", "address", "postcode"):
        assert contracts["patients"].column(name).privacy == "direct_identifier"
        assert contracts["patients"].column(name).clean_name is None


def test_clean_names_tell_what_became_of_a_column(contracts: Mapping[str, Contract]) -> None:
    messages = contracts["assistant_messages"]
    assert messages.column("patient_id").clean_name == "patient_key"
    assert messages.column("text").clean_name == "text_characters"
    assert messages.column("sender").clean_name == "sender"
    assert messages.clean_key == ["event_key"]


def test_the_newest_version_of_a_table_is_taken(tmp_path: Path) -> None:
    (tmp_path / "readings.v1.yaml").write_text(GOOD)
    (tmp_path / "readings.v2.yaml").write_text(GOOD.replace("version: 1", "version: 2"))
    assert load_contracts(tmp_path)["readings"].version == 2


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("pulse_bpm, type: integer, unit: bpm", "pulse_bpm, type: integer"), "a number needs its unit"),
        (("type: integer, unit: bpm, privacy: none, min", "type: text, privacy: key, min"), "min and max"),
        (("min: 30, max: 220", "pattern: '^7$'"), "pattern is for text"),
        (("min: 30, max: 220", "not_after_now: true"), "not_after_now is for date"),
        (
            ("type: integer, unit: bpm, privacy: none, min: 30, max: 220", "type: text, privacy: none"),
            "codes or a pattern",
        ),
        (("privacy: key, required: true", "privacy: key"), "must be required"),
        (("[reading_id]", "[other_id]"), "other_id"),
        (("pulse_bpm", "reading_id"), "stand twice"),
        (("privacy: none", "privacy: public"), "privacy"),
        (("meaning: pulse", "meaning: pulse, colour: red"), "colour"),
        (("version: 1", "version: 2"), "name it readings.v2.yaml"),
        (("  - {name: pulse", "\t- {name: pulse"), "a tab stands there"),
        (("table: readings", "readings"), "line 2"),
    ],
)
def test_a_contract_that_does_not_fit_is_one_sentence(tmp_path: Path, change: tuple[str, str], expected: str) -> None:
    path = tmp_path / "readings.v1.yaml"
    path.write_text(GOOD.replace(*change))
    with pytest.raises(ContractError, match=expected) as raised:
        load_contract(path)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)

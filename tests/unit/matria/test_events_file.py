"""Files as events: what is no event is rejected with its line, a file without any is one sentence."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matria.contracts.contract import Contract
from matria.errors import InputError
from matria.events.base import Batch, Event
from matria.events.file import JsonLinesFile, open_file

EVENT: dict[str, Any] = {
    "event_id": "e1",
    "topic": "labs",
    "occurred_at": "2026-06-01T10:00:00Z",
    "schema_version": 1,
    "payload": {"patient_id": "p1", "haemoglobin_g_dl": 11.5},
}
MAPPING = """\
table: screenings
columns:
  Age: age_years
  High: systolic_bp_mmhg
  Low: diastolic_bp_mmhg
  Risk: risk_level
"""


def _lines(tmp_path: Path, *lines: str | bytes) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    return path


def _csv(tmp_path: Path, content: str | bytes, mapping: str = MAPPING) -> tuple[Path, Path]:
    (tmp_path / "table.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "mapping.yaml").write_text(mapping)
    return tmp_path / "table.csv", tmp_path / "mapping.yaml"


def _all(path: Path, contracts: Mapping[str, Contract], mapping: Path | None = None) -> Batch:
    batches = list(open_file(path, contracts, mapping).batches())
    return Batch([e for b in batches for e in b.events], [r for b in batches for r in b.rejected])


def test_json_lines_are_events_as_they_are(tmp_path: Path, contracts: Mapping[str, Contract]) -> None:
    path = _lines(tmp_path, "\ufeff" + json.dumps(EVENT), "", json.dumps(EVENT | {"event_id": "é"}), "")
    found = _all(path, contracts)
    assert found.events[0] == Event("labs", "e1", EVENT["occurred_at"], 1, EVENT["payload"])
    assert [event.event_id for event in found.events] == ["e1", "é"]
    assert not found.rejected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "is not JSON"),
        ("[1, 2]", "is not a JSON object"),
        ('"topic"', "is not a JSON object"),
        ('{"topic": NaN}', "is not JSON"),
        ("[" * 200_000, "is not JSON"),
        ("1" * 5000, "is not JSON"),
        (b'{"topic": "labs\xff"}', "is not UTF-8"),
        (json.dumps(EVENT | {"payload": {"kind": "\ud800"}}), "is not UTF-8"),
        (json.dumps(EVENT | {"topic": "horoscopes"}), "names no topic that has a contract"),
        (json.dumps(EVENT | {"topic": "../../labs"}), "names no topic that has a contract"),
        (json.dumps(EVENT | {"topic": None}), "names no topic that has a contract"),
        (json.dumps(EVENT | {"payload": [1]}), "has no payload object"),
        (json.dumps(EVENT | {"event_id": 7}), "has an event_id that is not text"),
        (json.dumps(EVENT | {"occurred_at": 7}), "has an occurred_at that is not text"),
        (json.dumps(EVENT | {"schema_version": "1"}), "has a schema_version that is not a whole number"),
        (json.dumps(EVENT | {"schema_version": True}), "has a schema_version that is not a whole number"),
    ],
)
def test_a_line_that_is_no_event_is_rejected_with_its_number(
    tmp_path: Path, contracts: Mapping[str, Contract], line: str | bytes, reason: str
) -> None:
    found = _all(_lines(tmp_path, json.dumps(EVENT), line, json.dumps(EVENT)), contracts)
    assert [(one.position, one.reason) for one in found.rejected] == [(2, reason)]
    assert len(found.events) == 2


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=6))
def test_every_line_that_is_not_blank_is_an_event_or_rejected(
    tmp_path: Path, contracts: Mapping[str, Contract], lines: list[bytes]
) -> None:
    path = _lines(tmp_path, json.dumps(EVENT), *lines)
    found = list(JsonLinesFile(path, contracts, batch_rows=2).batches())
    assert sum(len(batch) for batch in found) == 1 + sum(bool(line.strip()) for line in lines)


def test_a_file_comes_in_the_same_batches_each_time(tmp_path: Path, contracts: Mapping[str, Contract]) -> None:
    path = _lines(tmp_path, *(json.dumps(EVENT | {"event_id": f"e{n}"}) for n in range(5)))
    source = JsonLinesFile(path, contracts, batch_rows=2)
    assert [len(batch) for batch in source.batches()] == [2, 2, 1]
    assert list(source.batches()) == list(source.batches())


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"PAR1\x00\x15\x04", "is not a text file"),
        (b"Age,High,Low\n25,130,80\n", "holds no event .line 1 is not JSON."),
        (b'{"a": 1}\n{"a": 2}\n', "holds no event .line 1 names no topic"),
    ],
)
def test_a_file_without_any_event_is_one_sentence(
    tmp_path: Path, contracts: Mapping[str, Contract], content: bytes, expected: str
) -> None:
    (tmp_path / "events.jsonl").write_bytes(content)
    with pytest.raises(InputError, match=expected) as raised:
        _all(tmp_path / "events.jsonl", contracts)
    assert "\n" not in str(raised.value)


def test_a_path_that_is_no_file_is_one_sentence(tmp_path: Path, contracts: Mapping[str, Contract]) -> None:
    with pytest.raises(InputError, match="is missing: check the path"):
        open_file(tmp_path / "nowhere.jsonl", contracts)
    with pytest.raises(InputError, match="is a folder"):
        open_file(tmp_path, contracts)
    path, mapping = _csv(tmp_path, "Age\n25\n")
    with pytest.raises(InputError, match="--mapping"):
        open_file(path, contracts)
    mapping.unlink()
    with pytest.raises(InputError, match="mapping.yaml is missing"):
        open_file(path, contracts, mapping)


def test_csv_rows_are_events_through_the_mapping(tmp_path: Path, contracts: Mapping[str, Contract]) -> None:
    content = '\ufeffAge,High,Low,Risk\r\n25,130,80,low\r\n\r\n"26",131,"81","mid"\r\n'
    path, mapping = _csv(tmp_path, content)
    found = _all(path, contracts, mapping)
    assert [event.payload["age_years"] for event in found.events] == ["25", "26"]
    assert found.events[0].topic == "screenings"
    assert not found.rejected


def test_each_line_that_an_open_quote_swallows_is_counted(tmp_path: Path, contracts: Mapping[str, Contract]) -> None:
    path, mapping = _csv(tmp_path, 'Age,High,Low,Risk\n25,130,80,low\n26,"130,80,low\n27,131,81,mid\n28,132,82,mid\n')
    found = _all(path, contracts, mapping)
    assert [(one.position, one.content[:2]) for one in found.rejected] == [(3, "26"), (4, "27"), (5, "28")]
    assert len(found.events) == 1


def test_a_malformed_csv_row_is_rejected_with_its_line(tmp_path: Path, contracts: Mapping[str, Contract]) -> None:
    content = 'Age,High,Low,Risk\n25,130,80,low\n25,130\n25,130,80,low,9\n25,"130"x,80,low\n26,130,80,low\n27,"130'
    path, mapping = _csv(tmp_path, content)
    found = _all(path, contracts, mapping)
    assert [event.payload["age_years"] for event in found.events] == ["25", "26"]
    assert [one.position for one in found.rejected] == [3, 4, 5, 7]
    assert found.rejected[0].reason == "has 2 fields where the header has 4"
    assert found.rejected[1].reason == "has 5 fields where the header has 4"
    assert "is not CSV" in found.rejected[2].reason


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Age,High,Low\n25,130,80\n", "has no column 'Risk'"),
        ("Age,High,Low,Risk,Name\n25,130,80,low,x\n", "neither maps nor ignores: 'Name'"),
        ("Age,Age,High,Low,Risk\n25,25,130,80,low\n", "two columns 'Age'"),
        ("Age;High;Low;Risk\n25;130;80;low\n", "has no column 'Age', 'High'"),
        ("Age,High,Low,Risk\n25;130;80;low\n", "holds no row that fits its header .line 2 has 1 fields"),
        ("Age,High,Low,Risk\nÁ,130,80,low\n".encode("latin-1"), "is not utf-8-sig .byte 18.: name its encoding"),
    ],
)
def test_a_csv_that_the_mapping_does_not_fit_is_one_sentence(
    tmp_path: Path, contracts: Mapping[str, Contract], content: str | bytes, expected: str
) -> None:
    path, mapping = _csv(tmp_path, content)
    with pytest.raises(InputError, match=expected):
        _all(path, contracts, mapping)


def test_the_encoding_and_delimiter_of_the_mapping_are_used(tmp_path: Path, contracts: Mapping[str, Contract]) -> None:
    mapping = MAPPING.replace("Risk:", "Nível:") + "encoding: latin-1\ndelimiter: ';'\n"
    path, mapping_path = _csv(tmp_path, "Age;High;Low;Nível\n25;130;80;low\n".encode("latin-1"), mapping)
    mapping_path.write_text(mapping, encoding="utf-8")
    assert _all(path, contracts, mapping_path).events[0].payload["risk_level"] == "low"

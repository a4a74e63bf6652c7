"""Received values become typed ones, and what cannot be read is told apart from what is missing."""

import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matria.contracts.contract import ColumnType, Contract, ContractColumn
from matria.contracts.reading import as_received, readable, typed

UNREADABLE = object()


def _contract(kind: ColumnType) -> Contract:
    column = ContractColumn(
        name="value", type=kind, unit="units", meaning="a value", privacy="key" if kind == "text" else "none"
    )
    return Contract(table="things", version=1, description="Things.", owner="us", columns=(column,))


def _read(kind: ColumnType, value: Any) -> Any:
    """The typed value, None where missing, UNREADABLE where it cannot be read."""
    contract = _contract(kind)
    received = as_received([{"value": value}], contract)
    values = typed(received, contract)
    if not readable(received, values)["value"].iloc[0]:
        return UNREADABLE
    found = values["value"].iloc[0]
    return None if pd.isna(found) else found


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("integer", 7, 7),
        ("integer", "7", 7),
        ("integer", " 7 ", 7),
        ("integer", 7.0, 7),
        ("integer", "7.0", 7),
        ("integer", 7.5, UNREADABLE),
        ("integer", "sete", UNREADABLE),
        ("integer", True, UNREADABLE),
        ("integer", [7], UNREADABLE),
        ("integer", {"mmHg": 7}, UNREADABLE),
        ("integer", 10**400, UNREADABLE),
        ("integer", 2**53 + 2, UNREADABLE),
        ("number", "36.6", 36.6),
        ("number", "36,6", UNREADABLE),
        ("number", "1_000", UNREADABLE),
        ("number", "inf", UNREADABLE),
        ("number", math.inf, UNREADABLE),
        ("number", "nan", UNREADABLE),
        ("number", math.nan, None),
        ("number", "", None),
        ("number", "   ", None),
        ("number", None, None),
        ("boolean", True, True),
        ("boolean", 0, False),
        ("boolean", "TRUE", True),
        ("boolean", 2, UNREADABLE),
        ("boolean", "sim", UNREADABLE),
        ("date", "2026-02-28", pd.Timestamp("2026-02-28")),
        ("date", "2026-02-30", UNREADABLE),
        ("date", "28/02/2026", UNREADABLE),
        ("date", 20260228, UNREADABLE),
        ("timestamp", "2026-02-28T10:00:00Z", pd.Timestamp("2026-02-28T10:00Z")),
        ("timestamp", "2026-02-28T10:00:00.250-03:00", pd.Timestamp("2026-02-28T13:00:00.250Z")),
        ("timestamp", "2026-02-28T10:00:00", UNREADABLE),
        ("timestamp", "2026-02-28T25:00:00Z", UNREADABLE),
        ("timestamp", "9999-01-01T00:00:00Z", UNREADABLE),
        ("text", "  Ana ", "Ana"),
        ("text", 42, "42"),
        ("text", 42.0, "42"),
        ("text", False, UNREADABLE),
        ("text", "\ud800", UNREADABLE),
    ],
)
def test_a_value_is_read_as_its_type_or_marked(kind: ColumnType, value: Any, expected: Any) -> None:
    assert _read(kind, value) == expected


def test_fields_that_the_contract_does_not_name_are_left_out() -> None:
    received = as_received([{"value": 1, "cpf": "12345678909"}, {}], _contract("integer"))
    assert list(received.columns) == ["value"]
    assert received["value"].tolist() == [1, None]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(
    st.lists(JSON, min_size=1, max_size=5),
    st.sampled_from(["text", "integer", "number", "boolean", "date", "timestamp"]),
)
def test_any_json_is_read_or_marked_and_never_raises(values: list[Any], kind: ColumnType) -> None:
    contract = _contract(kind)
    received = as_received([{"value": value} for value in values], contract)
    read = typed(received, contract)
    marks = readable(received, read)
    assert len(read) == len(marks) == len(values)
    for value, found, is_readable in zip(received["value"], read["value"], marks["value"], strict=True):
        assert is_readable == (value is None or not pd.isna(found))

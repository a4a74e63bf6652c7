"""Received values become typed ones, without guessing: what cannot be read as its column's type is marked, not mended.

A value is missing when it is absent, null, NaN or blank text. Numbers and booleans are also read from text, since a
CSV file has nothing else. Nothing is judged here; `expectations.py` does that.
"""

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from matria.contracts.contract import ColumnType, Contract

if TYPE_CHECKING:
    import pandas as pd

_LARGEST_INTEGER = 2**53
"""Past this a float no longer holds every whole number, so the value read may not be the value sent."""
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def as_received(rows: list[dict[str, Any]], contract: Contract) -> "pd.DataFrame":
    """One row per record, the contract's columns in order, dtype object, None where a value is missing.

    Fields that the contract does not name are left out here and so nowhere stored past raw.
    """
    import pandas as pd

    columns = {name: pd.Series([_present(row.get(name)) for row in rows], dtype=object) for name in contract.names}
    return pd.DataFrame(columns, columns=contract.names)


def typed(received: "pd.DataFrame", contract: Contract) -> "pd.DataFrame":
    """`received` with each column as its type: Int64, float64, boolean, object (text), datetime64 (dates without,
    timestamps with UTC). A value that cannot be read is missing here; `readable` tells the two apart.
    """
    import pandas as pd

    columns = {column.name: _READERS[column.type](received[column.name]) for column in contract.columns}
    return pd.DataFrame(columns, index=received.index, columns=contract.names)


def readable(received: "pd.DataFrame", values: "pd.DataFrame") -> "pd.DataFrame":
    """Booleans of the same shape: False where a value was received and could not be read."""
    return received.isna() | values.notna()


def _present(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or None
    return None if isinstance(value, float) and math.isnan(value) else value


def _series(received: "pd.Series[Any]", read: Callable[[Any], Any], dtype: str) -> "pd.Series[Any]":
    import pandas as pd

    return pd.Series([read(value) for value in received], index=received.index, dtype=dtype)


def _text(received: "pd.Series[Any]") -> "pd.Series[Any]":
    return _series(received, _as_text, "object")


def _as_text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    return text if _is_unicode(text) else None


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can smuggle in
        return False
    return True


def _number(received: "pd.Series[Any]") -> "pd.Series[Any]":
    return _series(received, _as_number, "float64")


def _as_number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or "_" in str(value):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _integer(received: "pd.Series[Any]") -> "pd.Series[Any]":
    read = _number(received)
    return read.where((read % 1 == 0) & (read.abs() <= _LARGEST_INTEGER)).astype("Int64")


def _boolean(received: "pd.Series[Any]") -> "pd.Series[Any]":
    return _series(received, _as_boolean, "boolean")


def _as_boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return _BOOLEANS.get(str(value).lower()) if isinstance(value, str | int | float) else None


def _date(received: "pd.Series[Any]") -> "pd.Series[Any]":
    import pandas as pd

    return pd.to_datetime(received.where(_matches(received, r"\d{4}-\d{2}-\d{2}")), format="%Y-%m-%d", errors="coerce")


def _timestamp(received: "pd.Series[Any]") -> "pd.Series[Any]":
    import pandas as pd

    # A time without its offset is three hours wrong somewhere in Brazil, so it is not read as UTC.
    zoned = received.where(_matches(received, r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})"))
    return pd.to_datetime(zoned, format="ISO8601", errors="coerce", utc=True)


def _matches(received: "pd.Series[Any]", pattern: str) -> "pd.Series[bool]":
    whole = re.compile(pattern)
    return _series(received, lambda value: isinstance(value, str) and bool(whole.fullmatch(value)), "bool")


_READERS: dict[ColumnType, Callable[["pd.Series[Any]"], "pd.Series[Any]"]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
}

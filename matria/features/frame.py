"""What both feature tables share: knowledge as of a day, and the shape that schema.py asks for.

Everything counts in UTC days. What was known on a day is every event that occurred before the day's end.
"""

from datetime import date
from typing import TYPE_CHECKING, Any

from matria.errors import InternalError
from matria.features.schema import Column

if TYPE_CHECKING:
    import pandas as pd

LONGEST_PREGNANCY_DAYS = 308
"""44 weeks; the longest gestational age that the visits contract takes."""
_AGE_BANDS = ((20, "<20"), (35, "20-34"))


def known(table: "pd.DataFrame", as_of: date) -> "pd.DataFrame":
    """The rows of a clean table whose event occurred by the end of that UTC day, in order of time, with its `day`
    (datetime64, midnight, no zone). Events of one moment keep the table's order.
    """
    import pandas as pd

    occurred_at = pd.to_datetime(table["occurred_at"], utc=True)
    day = occurred_at.dt.normalize().dt.tz_localize(None).astype("datetime64[ns]")
    is_known = day <= pd.Timestamp(as_of)
    return table.assign(day=day, occurred_at=occurred_at)[is_known].sort_values("occurred_at", kind="stable")


def latest(table: "pd.DataFrame", rows: "pd.DataFrame") -> "pd.DataFrame":
    """For each of `rows` (`patient_key`, `day`), the newest row of `table` by that day, aligned with `rows`; missing
    values where there is none.
    """
    import pandas as pd

    order = rows[["patient_key", "day"]].reset_index(names="row").sort_values("day", kind="stable")
    found = pd.merge_asof(order, table.sort_values("day", kind="stable"), on="day", by="patient_key")
    return found.set_index("row").reindex(rows.index)


def age_band(age_years: "pd.Series[Any]") -> "pd.Series[Any]":
    """The protected attribute: <20, 20-34, 35+; missing where the age is."""
    import pandas as pd

    bands = [
        None if pd.isna(age) else next((band for limit, band in _AGE_BANDS if age < limit), "35+") for age in age_years
    ]
    return pd.Series(bands, index=age_years.index, dtype="object")


def conform(frame: "pd.DataFrame", columns: tuple[Column, ...]) -> "pd.DataFrame":
    """`frame` with exactly `columns`, in their order and types, rows by `as_of_date` and `patient_key`, labels 0..n-1.

    string: object, None where missing. date: datetime64[ns], midnight, no zone. integer, number and boolean: float64,
    NaN where missing, since every model reads that and none reads pandas' own missing integers.
    Raises `InternalError` where a column is absent, or a key or date is missing or stands twice.
    """
    if absent := [column.name for column in columns if column.name not in frame]:
        raise InternalError(f"features {absent} were not built")
    shaped = frame[[column.name for column in columns]].copy()
    for column in columns:
        shaped[column.name] = _as_kind(shaped[column.name], column)
    identity = [column.name for column in columns if column.part in ("key", "time")]
    if shaped[identity].isna().any(axis=None) or shaped.duplicated(identity).any():
        raise InternalError("a feature row has no subject or day, or two rows have the same")
    return shaped.sort_values(["as_of_date", "patient_key"], ignore_index=True)


def _as_kind(values: "pd.Series[Any]", column: Column) -> "pd.Series[Any]":
    match column.kind:
        case "string":
            return values.astype("object").where(values.notna(), None)  # type: ignore[call-overload,no-any-return]
        case "date":
            return values.astype("datetime64[ns]")
        case _:
            return values.astype("Float64").astype("float64")

"""A table sorted by its contract: clean rows, quarantined rows with their reasons, exact duplicates collapsed.

The contract comes first and the collapse second, so that each impossible row is seen with its reason, also when it came
twice. Rows in = clean + quarantined + duplicates, always.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from matria.contracts.contract import Contract
from matria.contracts.expectations import Broken, Rule, broken_rules, repeated_keys
from matria.contracts.reading import readable, typed

if TYPE_CHECKING:
    import pandas as pd

_SHOWN_DIGITS = 4
"""A longer number in the wrong column may be somebody's document number."""
_HIDDEN: tuple[Rule, ...] = ("type", "range", "codes", "pattern", "not_after_now")
"""Rules whose breaking value may be anything; under the others the value has passed its own column's rules."""


@dataclass(frozen=True)
class ReasonCount:
    """How many rows of a table were quarantined for one reason; a row counts once, under its first reason."""

    table: str
    column: str
    rule: Rule | str
    reason: str
    rows: int


@dataclass(frozen=True)
class Checked:
    """What became of the rows of one table."""

    table: str
    clean: "pd.DataFrame"
    """Typed as the contract says, identifiers still in it, in the order of its values, not of arrival."""
    quarantined: "pd.DataFrame"
    """As `clean`, labels as received, with `column`, `rule`, `reason`, `found`: the first rule broken, all reasons, and
    the kind of value found. Values that broke a rule are missing: they may be anything, an identifier included."""
    duplicates: int
    """Rows equal in every column to a clean row, or to one quarantined for its key."""
    reasons: Sequence[ReasonCount]
    """Most rows first."""

    @property
    def rows_in(self) -> int:
        """Rows received."""
        return len(self.clean) + len(self.quarantined) + self.duplicates


def check(received: "pd.DataFrame", contract: Contract, now: datetime) -> Checked:
    """The rows of `received` (as `reading.as_received` makes it) sorted by the contract.

    `now` is UTC and aware: what lies after it has not happened yet. Two rows that share the primary key and differ are
    both quarantined, since nothing tells which is true.
    """
    if now.tzinfo is None:
        raise ValueError("now is a UTC time with its time zone")
    received = received.reset_index(drop=True)
    values = typed(received, contract)
    broken = broken_rules(values, readable(received, values), contract, now)
    passed = values.drop(index=_rows(broken))
    kept = passed.drop_duplicates()
    clashing = repeated_keys(kept, contract)
    clean = kept.drop(index=_rows(clashing))
    return Checked(
        table=contract.table,
        clean=_ordered(clean),
        quarantined=_quarantined(received, values, [*broken, *clashing]),
        duplicates=len(passed) - len(kept),
        reasons=_counts(contract.table, [*broken, *clashing]),
    )


def _rows(broken: Sequence[Broken]) -> list[int]:
    return sorted({row for rule in broken for row in rule.rows})


def _ordered(clean: "pd.DataFrame") -> "pd.DataFrame":
    return clean.sort_values(list(clean.columns), kind="stable", ignore_index=True)


def _quarantined(received: "pd.DataFrame", values: "pd.DataFrame", broken: Sequence[Broken]) -> "pd.DataFrame":
    rows = _rows(broken)
    bad = values.loc[rows].copy()
    first = _first_reasons(broken)
    bad["column"] = [first[row].column for row in rows]
    bad["rule"] = [first[row].rule for row in rows]
    bad["reason"] = _all_reasons(broken, rows)
    bad["found"] = [_kind(received.at[row, first[row].column], first[row]) for row in rows]
    for rule in broken:
        if rule.rule in _HIDDEN:
            bad.loc[list(rule.rows), rule.column] = None
    return bad


def _first_reasons(broken: Sequence[Broken]) -> dict[int, Broken]:
    first: dict[int, Broken] = {}
    for rule in broken:
        for row in rule.rows:
            first.setdefault(row, rule)
    return first


def _all_reasons(broken: Sequence[Broken], rows: Sequence[int]) -> list[str]:
    reasons: dict[int, list[str]] = {row: [] for row in rows}
    for rule in broken:
        for row in rule.rows:
            reasons[row].append(rule.reason)
    return ["; ".join(reasons[row]) for row in rows]


def _counts(table: str, broken: Sequence[Broken]) -> tuple[ReasonCount, ...]:
    counted = Counter((rule.column, rule.rule, rule.reason) for rule in _first_reasons(broken).values())
    return tuple(
        ReasonCount(table, column, rule, reason, rows) for (column, rule, reason), rows in counted.most_common()
    )


def _kind(value: Any, rule: Broken) -> str:
    """What was found, told so that no identifier is in it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() | float():
            text = f"{value:g}" if isinstance(value, float) else str(value)
            digits = sum(letter.isdigit() for letter in text)
            return text if digits <= _SHOWN_DIGITS else f"a number of {digits} digits"
        case str() if rule.rule == "range":
            return _kind(float(value), rule)
        case str() if rule.rule == "not_after_now":
            return value[:10]
        case str():
            return f"text of {len(value)} characters"
        case _:
            return f"a {type(value).__name__}"

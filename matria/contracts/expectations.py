"""Great Expectations judges a table: which rows break which rule of its contract.

The one module that imports great_expectations, and late: the import takes seconds. The context is ephemeral, so nothing
is written; progress bars and usage statistics are off.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from matria import telemetry
from matria.contracts.contract import Contract, ContractColumn
from matria.errors import InternalError

if TYPE_CHECKING:
    import pandas as pd

Rule = Literal["required", "type", "range", "codes", "pattern", "not_after_now", "pair", "unique_key"]

_READABLE = "{} is readable"
_ARTICLE = {
    "text": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date (YYYY-MM-DD)",
    "timestamp": "a time with its offset (ISO 8601)",
}


@dataclass(frozen=True)
class Broken:
    """One rule, and the rows that break it."""

    column: str
    rule: Rule
    reason: str
    """A sentence with the column, the rule and its limits; never a value."""
    rows: Sequence[int]
    """Labels of the rows, ascending."""


def broken_rules(values: "pd.DataFrame", readable: "pd.DataFrame", contract: Contract, now: datetime) -> list[Broken]:
    """The rules that some row breaks, in the contract's order of columns, then of rules.

    `values` and `readable` are those of `matria.contracts.reading`, with unique integer labels.
    """
    # A column of which every value was read keeps its type; asking costs 25 ms each, so only the others are asked.
    doubtful = [name for name in contract.names if not readable[name].all()]
    frame = values.assign(**{_READABLE.format(name): readable[name] for name in doubtful})
    asked = [*_column_rules(contract, doubtful, now), *_pair_rules(contract)]
    return [rule for rule in _unreadable_is_not_missing(_broken(frame, asked)) if rule.rows]


def repeated_keys(values: "pd.DataFrame", contract: Contract) -> list[Broken]:
    """The rows of `values` that share a primary key; none where the contract has no key."""
    if not contract.primary_key:
        return []
    columns = list(contract.primary_key)
    one = len(columns) == 1
    asked = {"column": columns[0]} if one else {"column_list": columns}
    name = "ExpectColumnValuesToBeUnique" if one else "ExpectCompoundColumnsToBeUnique"
    reason = f"{', '.join(columns)} names two different rows"
    return _broken(values, [_Asked(columns[0], "unique_key", reason, name, asked)])


@dataclass(frozen=True)
class _Asked:
    column: str
    rule: Rule
    reason: str
    expectation: str
    arguments: dict[str, Any]


def _column_rules(contract: Contract, doubtful: list[str], now: datetime) -> Iterator[_Asked]:
    for column in contract.columns:
        if column.name in doubtful:
            yield _Asked(
                column.name,
                "type",
                f"{column.name} is not {_ARTICLE[column.type]}",
                "ExpectColumnValuesToBeInSet",
                {"column": _READABLE.format(column.name), "value_set": [True]},
            )
        for rule, reason, expectation, arguments in _value_rules(column, now):
            yield _Asked(
                column.name, rule, f"{column.name} {reason}", expectation, {"column": column.name, **arguments}
            )


def _value_rules(column: ContractColumn, now: datetime) -> Iterator[tuple[Rule, str, str, dict[str, Any]]]:
    between = "ExpectColumnValuesToBeBetween"
    if column.required:
        yield "required", "is missing", "ExpectColumnValuesToNotBeNull", {}
    if column.min is not None or column.max is not None:
        yield "range", _range(column), between, {"min_value": column.min, "max_value": column.max}
    if column.codes is not None:
        yield "codes", "is none of its codes", "ExpectColumnValuesToBeInSet", {"value_set": list(column.codes)}
    if column.pattern is not None:
        yield "pattern", "is not of its pattern", "ExpectColumnValuesToMatchRegex", {"regex": column.pattern}
    if column.not_after_now:
        limit = now if column.type == "timestamp" else now.replace(tzinfo=None)
        yield "not_after_now", "lies after the time of ingestion", between, {"max_value": limit}


def _range(column: ContractColumn) -> str:
    if column.min is None:
        return f"is above {column.max:g} {column.unit}"
    if column.max is None:
        return f"is below {column.min:g} {column.unit}"
    return f"lies outside {column.min:g} to {column.max:g} {column.unit}"


def _pair_rules(contract: Contract) -> Iterator[_Asked]:
    for rule in contract.rules:
        yield _Asked(
            rule.greater,
            "pair",
            f"{rule.greater} is not above {rule.lesser}: {rule.reason}",
            "ExpectColumnPairValuesAToBeGreaterThanB",
            {"column_A": rule.greater, "column_B": rule.lesser, "ignore_row_if": "either_value_is_missing"},
        )


def _unreadable_is_not_missing(broken: list[Broken]) -> Iterator[Broken]:
    unreadable = {rule.column: set(rule.rows) for rule in broken if rule.rule == "type"}
    for rule in broken:
        if rule.rule == "required":
            rows = [row for row in rule.rows if row not in unreadable.get(rule.column, ())]
            yield replace(rule, rows=rows)
        else:
            yield rule


def _broken(frame: "pd.DataFrame", asked: list[_Asked]) -> list[Broken]:
    if frame.empty:
        return []
    found: dict[int, Sequence[int]] = {}
    for result in _validate(frame, asked):
        if "unexpected_index_list" not in result.result:
            raise InternalError(f"Great Expectations could not judge {result.expectation_config.type}.")
        found[result.expectation_config.meta["order"]] = sorted(result.result["unexpected_index_list"] or ())
    return [
        Broken(rule.column, rule.rule, rule.reason, found[order]) for order, rule in enumerate(asked) if found[order]
    ]


def _validate(frame: "pd.DataFrame", asked: list[_Asked]) -> list[Any]:
    gx = _great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    table = context.data_sources.add_pandas("received").add_dataframe_asset("table")
    batch = table.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(
        name="contract",
        expectations=[
            getattr(gx.expectations, rule.expectation)(**rule.arguments, meta={"order": order})
            for order, rule in enumerate(asked)
        ],
    )
    wanted = {"result_format": "COMPLETE", "include_unexpected_rows": False}
    return list(batch.validate(suite, result_format=wanted).results)


def _great_expectations() -> Any:
    telemetry.silence()
    with warnings.catch_warnings():
        # great_expectations 1.24 imports the old names of re._constants and re._parser.
        warnings.filterwarnings("ignore", message="module 'sre_(constants|parse)'", category=DeprecationWarning)
        import great_expectations as gx
        import great_expectations.expectations
    return gx

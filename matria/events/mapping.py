"""How the columns of somebody's CSV become the fields of our table: a YAML file, checked against the table's contract.

It renames columns, converts units, translates codes and adds constants. What it cannot convert it leaves as it was
received, so that the contract quarantines the row with its reason. docs/how-to/ingest-a-csv.md says how to write one.
"""

import codecs
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from matria.contracts.contract import Contract
from matria.errors import InputError
from matria.events.base import Event
from matria.yamlfile import read_yaml

_GLUCOSE_MG_DL_PER_MMOL_L = 18.0156
"""Molar mass of glucose, 180.156 g/mol, over ten decilitres."""

Conversion = Literal["fahrenheit_to_celsius", "glucose_mmol_l_to_mg_dl", "glucose_mg_dl_to_mmol_l"]
_CONVERSIONS: Mapping[str, Callable[[float], float]] = {
    "fahrenheit_to_celsius": lambda value: (value - 32) * 5 / 9,
    "glucose_mmol_l_to_mg_dl": lambda value: value * _GLUCOSE_MG_DL_PER_MMOL_L,
    "glucose_mg_dl_to_mmol_l": lambda value: value / _GLUCOSE_MG_DL_PER_MMOL_L,
}
_DECIMALS = 2
"""Kept after a conversion: past these the original reading had nothing to say."""
_ENVELOPE = ("event_id", "occurred_at", "schema_version")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Target(_Strict):
    to: str
    convert: Conversion | None = None
    values: Mapping[str, str] = {}


def _written_out(target: Any) -> Any:
    return {"to": target} if isinstance(target, str) else target


class _Written(_Strict):
    """The file as written."""

    table: str
    columns: Mapping[str, Annotated[_Target, BeforeValidator(_written_out)]] = Field(min_length=1)
    ignore: tuple[str, ...] = ()
    constants: Mapping[str, str | int | float | bool] = {}
    encoding: str = "utf-8"
    delimiter: str = Field(",", min_length=1, max_length=1)
    decimal: Literal[".", ","] = "."


@dataclass(frozen=True)
class CsvMapping:
    """A mapping that fits its table."""

    table: str
    encoding: str
    """Encoding of the file; a byte order mark is dropped."""
    delimiter: str
    _written: _Written

    def header_problem(self, header: list[str]) -> str | None:
        """What keeps a file of that header from being read, as the end of a sentence; None where it fits."""
        declared = {*self._written.columns, *self._written.ignore}
        if repeated := sorted({name for name in header if header.count(name) > 1}):
            return f"has two columns {_listed(repeated)}"
        if missing := [name for name in self._written.columns if name not in header]:
            return f"has no column {_listed(missing)}"
        if unknown := [name for name in header if name not in declared]:
            return f"has columns that the mapping neither maps nor ignores: {_listed(unknown)}"
        return None

    def event(self, row: Mapping[str, str]) -> Event:
        """The event that a row of the file stands for."""
        fields: dict[str, Any] = dict(self._written.constants)
        for name, target in self._written.columns.items():
            fields[target.to] = _translated(row[name], target, self._written.decimal)
        envelope = {name: fields.pop(name, None) for name in _ENVELOPE}
        return Event(topic=self.table, payload=fields, **envelope)


def load_mapping(path: Path, contracts: Mapping[str, Contract]) -> CsvMapping:
    """The mapping of one file. Raises `InputError` where it is missing, malformed or does not fit its table."""
    tree = read_yaml(path, InputError)
    try:
        written = _Written.model_validate(tree)
        codec = codecs.lookup(written.encoding).name
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InputError(f"{path}, {place}: {first['msg']}; correct the mapping.") from error
    except LookupError as error:
        raise InputError(f"{path}, encoding: Python knows no encoding of that name; correct the mapping.") from error
    if problem := _misfit(written, contracts):
        raise InputError(f"{path}: {problem}; correct the mapping.")
    return CsvMapping(written.table, "utf-8-sig" if codec == "utf-8" else codec, written.delimiter, written)


def _misfit(written: _Written, contracts: Mapping[str, Contract]) -> str | None:
    contract = contracts.get(written.table)
    if contract is None:
        return f"there is no table '{written.table}', only {_listed(sorted(contracts))}"
    given = [target.to for target in written.columns.values()] + list(written.constants)
    if unknown := [name for name in given if name not in contract.names]:
        return f"table {written.table} has no field {_listed(unknown)}"
    if repeated := sorted({name for name in given if given.count(name) > 1}):
        return f"field {_listed(repeated)} is given twice"
    if missing := [column.name for column in contract.columns if column.required and column.name not in given]:
        return f"table {written.table} requires {_listed(missing)}, which no column and no constant gives"
    return None


def _translated(value: str, target: _Target, decimal: str) -> str | float:
    value = target.values.get(value.strip(), value)
    if decimal == ",":
        value = _with_point(value)
    if target.convert is None:
        return value
    try:
        return round(_CONVERSIONS[target.convert](float(value)), _DECIMALS)
    except (ValueError, OverflowError):
        return value


def _with_point(value: str) -> str:
    """`37,5` as `37.5`, also `1.037,5`; text that is no such number as it was."""
    number = value.replace(".", "").replace(",", ".", 1)
    try:
        float(number)
    except ValueError:
        return value
    return number


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)

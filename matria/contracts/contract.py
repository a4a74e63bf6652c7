"""A table's contract as data: its columns, rules between columns, keys, and how private each column is.

One YAML file per table and version lies under tables/; a person who does not program can read and change it. A change
that makes yesterday's rows invalid, or gives a column another meaning, is a new version in a new file.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from matria.errors import ContractError
from matria.yamlfile import read_yaml

TABLES = Path(__file__).with_name("tables")

ColumnType = Literal["text", "integer", "number", "boolean", "date", "timestamp"]
Privacy = Literal["direct_identifier", "key", "quasi", "free_text", "none"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ContractColumn(_Strict):
    """What one column may hold."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    type: ColumnType
    meaning: str
    privacy: Privacy
    """direct_identifier and free_text are dropped, key is hashed, quasi and none are kept."""
    unit: str = ""
    required: bool = False
    min: float | None = None
    max: float | None = None
    codes: tuple[str, ...] | tuple[int, ...] | None = None
    pattern: str | None = None
    not_after_now: bool = False
    """For dates and timestamps: later than the moment of ingestion is a clock or typing error."""

    @model_validator(mode="after")
    def _rules_fit_the_type(self) -> Self:
        numeric, timed = self.type in ("integer", "number"), self.type in ("date", "timestamp")
        if (self.min is not None or self.max is not None) and not numeric:
            raise ValueError(f"{self.name}: min and max are for integer and number")
        if numeric and not self.unit:
            raise ValueError(f"{self.name}: a number needs its unit")
        if self.pattern is not None and self.type != "text":
            raise ValueError(f"{self.name}: pattern is for text")
        if self.codes is not None and self.type not in ("text", "integer"):
            raise ValueError(f"{self.name}: codes are for text and integer")
        if self.not_after_now and not timed:
            raise ValueError(f"{self.name}: not_after_now is for date and timestamp")
        if self.type == "text" and self.privacy in ("quasi", "none") and self.codes is None and self.pattern is None:
            raise ValueError(f"{self.name}: text that is kept needs codes or a pattern, else a name could pass in it")
        if self.privacy in ("key", "free_text") and self.type != "text":
            raise ValueError(f"{self.name}: a column of class {self.privacy} is text")
        re.compile(self.pattern or "")
        return self

    @property
    def clean_name(self) -> str | None:
        """Its name once anonymised: `patient_id` becomes `patient_key`, `text` `text_characters`; None when dropped."""
        match self.privacy:
            case "direct_identifier":
                return None
            case "key":
                return f"{self.name.removesuffix('_id')}_key"
            case "free_text":
                return f"{self.name}_characters"
            case _:
                return self.name


class PairRule(_Strict):
    """A rule between two columns; a row where either is missing passes."""

    greater: str
    lesser: str
    reason: str


class Contract(_Strict):
    """What one version of a table promises."""

    table: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: int = Field(ge=1)
    description: str
    owner: str
    primary_key: tuple[str, ...] = ()
    """Columns that name a row. Empty: a row is named by all of its values."""
    columns: tuple[ContractColumn, ...] = Field(min_length=1)
    rules: tuple[PairRule, ...] = ()
    digest: str = ""
    """SHA-256 of the file."""

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        names = [column.name for column in self.columns]
        repeated = {name for name in names if names.count(name) > 1}
        asked = {*self.primary_key, *(name for rule in self.rules for name in (rule.greater, rule.lesser))}
        if repeated:
            raise ValueError(f"columns {sorted(repeated)} stand twice")
        if unknown := asked - set(names):
            raise ValueError(f"columns {sorted(unknown)} are used in a key or rule and not declared")
        if loose := [name for name in self.primary_key if not self.column(name).required]:
            raise ValueError(f"key columns {loose} must be required")
        return self

    def column(self, name: str) -> ContractColumn:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> list[str]:
        """The columns as received, in order."""
        return [column.name for column in self.columns]

    @property
    def clean_key(self) -> list[str]:
        """The primary key as it is called in a clean table; empty where a row is named by all of its values."""
        return [self.column(name).clean_name or name for name in self.primary_key]


def load_contract(path: Path) -> Contract:
    """The contract of one file. Raises `ContractError` where it is missing or does not fit."""
    tree = read_yaml(path, ContractError)
    if not isinstance(tree, dict):
        raise ContractError(f"{path}: a contract is a mapping with table, version and columns; write it so.")
    try:
        contract = Contract(**tree, digest=hashlib.sha256(path.read_bytes()).hexdigest())
    except (ValidationError, TypeError, re.error) as error:
        raise ContractError(f"{path}: {_problem(error)}; correct the contract.") from error
    if path.name != f"{contract.table}.v{contract.version}.yaml":
        raise ContractError(f"{path}: name it {contract.table}.v{contract.version}.yaml, as its content says.")
    return contract


def load_contracts(folder: Path = TABLES) -> Mapping[str, Contract]:
    """The newest contract of each table. Raises `ContractError` where one does not fit."""
    contracts = sorted((load_contract(path) for path in sorted(folder.glob("*.yaml"))), key=lambda found: found.version)
    return {contract.table: contract for contract in contracts}


def _problem(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first: Any = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else str(first["msg"])

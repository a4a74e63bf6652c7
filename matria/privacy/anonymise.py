"""A table as it may be kept: what its contract calls private is dropped, hashed or measured, the rest stays.

Columns that the contract does not know are refused rather than let through.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matria.contracts.contract import Contract, ContractColumn
from matria.errors import InternalError
from matria.privacy.keys import HashKey

if TYPE_CHECKING:
    import pandas as pd

KEY_ID = "hash_key_id"


def anonymise(frame: "pd.DataFrame", contract: Contract, key: HashKey, keep: Sequence[str] = ()) -> "pd.DataFrame":
    """`frame` (typed, named as the contract) under its clean names; rows, their order and labels as they were.

    direct_identifier: dropped. key: `patient_id` becomes `patient_key`, HMAC-SHA256 in hexadecimal. free_text: `text`
    becomes `text_characters`, its length. quasi, none: kept. `keep` names columns beside the table's own that
    stay, such as the reason for quarantine. The column `hash_key_id` says which key was used. Missing stays missing.
    """
    import pandas as pd

    if unknown := set(frame.columns) - set(contract.names) - set(keep):
        raise InternalError(f"{contract.table}: columns {sorted(unknown)} have no privacy class.")
    columns: dict[str, Any] = {
        column.clean_name: _safe(frame[column.name], column, key)
        for column in contract.columns
        if column.clean_name is not None
    }
    columns[KEY_ID] = key.key_id
    columns |= {name: frame[name] for name in keep}
    return pd.DataFrame(columns, index=frame.index)


def _safe(values: "pd.Series[Any]", column: ContractColumn, key: HashKey) -> "pd.Series[Any]":
    match column.privacy:
        case "key":
            return _pseudonyms(values, column.name, key)
        case "free_text":
            return values.str.len().astype("Int64")
        case _:
            return values


def _pseudonyms(values: "pd.Series[Any]", domain: str, key: HashKey) -> "pd.Series[Any]":
    import pandas as pd

    known = {value: key.pseudonym(domain, value) for value in values.dropna().unique()}
    return pd.Series([known.get(value) for value in values], index=values.index, dtype="object")

"""What is known of a table: its versions together, each row once.

An event never changes. Where two versions hold the same primary key, the row recorded first stands; a later one that
differs from it is counted as a conflict, for somebody to look at. Pseudonyms of two hash keys never meet in one table:
only versions made with the key asked for are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matria.contracts.base import TableStore, Version
from matria.contracts.contract import Contract

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Union:
    """All clean rows of one table."""

    frame: "pd.DataFrame"
    """One row per primary key (per distinct row where there is none), columns as in the clean table."""
    versions: Sequence[Version]
    """What it was read from, oldest first."""
    repeated: int
    """Rows left out because an older version holds the same."""
    conflicts: int
    """Rows left out because an older version holds another row of the same primary key."""
    skipped: int
    """Versions left out because another hash key made them."""


def read_union(store: TableStore, contract: Contract, hash_key_id: str) -> Union:
    """The rows of `contract.table` in every version made with that hash key; none where there is no version."""
    found = store.versions(contract.table)
    versions = [version for version in found if version.details.get("hash_key_id") == hash_key_id]
    together = _together([store.read(version) for version in versions], contract)
    distinct = together.drop_duplicates(ignore_index=True)
    kept = distinct.drop_duplicates(subset=contract.clean_key, ignore_index=True) if contract.clean_key else distinct
    return Union(
        frame=kept,
        versions=versions,
        repeated=len(together) - len(distinct),
        conflicts=len(distinct) - len(kept),
        skipped=len(found) - len(versions),
    )


def _together(frames: Sequence["pd.DataFrame"], contract: Contract) -> "pd.DataFrame":
    import pandas as pd

    if not frames:
        return pd.DataFrame(columns=[column.clean_name for column in contract.columns if column.clean_name])
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)

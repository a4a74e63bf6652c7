"""Transactions on the tables of the nurses' week, in a SQLite file or in PostgreSQL.

Who writes waits for the one who writes before: what it read still holds when it commits, and reviews are numbered in
the order of their commits. A week has some dozens of writes, so that nobody waits long.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from matria.sqlschema import SqlSchema
from matria.sqlstore import Kept, SqlStore, forget_for_good

if TYPE_CHECKING:
    from sqlalchemy import Connection

Value = TypeVar("Value")
KEPT = Kept(
    name="list of reviews",
    remedy="move it away and put the last copy in its place; without one the reviews in it are lost.",
    lock=0x6D61_7472_7265,
    setting="MATRIA_REVIEW__URL",
)
SCHEMA = SqlSchema(
    migrations=Path(__file__).parent / "migrations",
    version_table="review_schema",
    head="0002",
    too_new=(
        "{name} keeps the nurses' reviews in version {version} and this Mátria reads version {head}: "
        f"use the Mátria that wrote it, or name another place with {KEPT.setting}."
    ),
)
AT_ONCE = 5000
"""Values that one statement names at most; SQLite takes 32,766, PostgreSQL's driver 65,535."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Database:
    """Where the nurses' week lies. Raises `StorageError`."""

    def __init__(self, place: Path | str) -> None:
        """`place` is a SQLite file, made when first needed, or the address of a PostgreSQL."""
        self._store = SqlStore(place, KEPT, lambda connection: SCHEMA.bring_to_head(connection, self._store.name))

    @property
    def name(self) -> str:
        """Where it lies, without a secret."""
        return self._store.name

    def reading(self) -> "AbstractContextManager[Connection]":
        """One transaction that writes nothing."""
        return self._store.transaction()

    @contextmanager
    def writing(self) -> "Iterator[Connection]":
        """One transaction, the only one that writes; all of it is kept when the block ends, or none.

        What it replaces leaves no bytes in a file: an earlier draft no more than what is erased.
        """
        with self._store.transaction(is_alone=True) as connection:
            forget_for_good(connection)
            yield connection


def in_parts(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """The values, as many at once as a statement may name."""
    for first in range(0, len(values), AT_ONCE):
        yield values[first : first + AT_ONCE]


def microseconds(at: datetime) -> int:
    """Since 1970, UTC; the same order as time, in both databases. Raises `ValueError` for a naive time."""
    if at.tzinfo is None:
        raise ValueError("the times of a review are aware of their time zone")
    return (at - _EPOCH) // _MICROSECOND


def moment(us: Any) -> datetime:
    """What `microseconds` was made of, UTC."""
    return _EPOCH + timedelta(microseconds=int(us))

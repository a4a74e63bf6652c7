"""What the ledger's store asks of a database: connections, marks, and the vendor's errors as sentences."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from sqlalchemy import Connection

Result = TypeVar("Result")


class Database(Protocol):
    """A database that holds a ledger.

    1. `reading` and `writing` give a connection inside a transaction, on tables of the newest schema. What is written
       is durable when the block is left, and nothing of it is there when the block raised.
    2. A mark names all that is committed when it is taken. `seen(mark)` holds, as SQL over `ledger_entries e`, for the
       rows that the mark names and for no other, whatever is committed later.
    3. `reading`, `writing` and what is done with their connections raise `StorageError` where the database fails.
    """

    latency_us: str
    """SQL for an entry's latency in whole microseconds, cut off."""

    def reading(self) -> "AbstractContextManager[Connection]":
        """A connection to read with."""

    def writing(self) -> "AbstractContextManager[Connection]":
        """A connection to write with."""

    def mark(self, connection: "Connection") -> str:
        """What is committed."""

    def seen(self, mark: str) -> str:
        """SQL that holds for the rows of a mark. Raises ValueError for a mark of another kind of database."""

    def unseen(self, mark: str) -> str:
        """SQL that holds for the rows that came after a mark; quick where they are few."""

    def covers(self, newer: str, older: str) -> bool:
        """Whether every row of the older mark is one of the newer."""

    def count(self, connection: "Connection") -> int:
        """How many entries there are."""

    def ping(self) -> str:
        """What the database is, in few words."""

    def close(self) -> None:
        """Connections are let go; the next call opens them again."""

    def again(self, work: Callable[[], Result]) -> Result:
        """What `work` gives, done once more where the connection broke under it."""

"""Replies that are known already: the port. `cached.py` decides what is looked up and what is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from models.assistant.base import ChatReply


@dataclass(frozen=True)
class CacheEntry:
    """One reply to keep."""

    key: str
    """Hexadecimal digest of everything that the reply depends on."""
    address: str
    """The endpoint that replied."""
    model: str
    """The model asked for."""
    made_at: datetime
    """When the endpoint replied, UTC."""
    reply: ChatReply = field(repr=False)


@dataclass(frozen=True)
class SeenSnapshot:
    """The model that answered last under a name at an endpoint."""

    snapshot: str
    seen_at: datetime


@dataclass(frozen=True)
class ModelStock:
    """What is kept of one model at one endpoint."""

    address: str
    model: str
    snapshot: str
    entries: int
    size_bytes: int
    """Of the replies; a database adds its own to it."""
    oldest: datetime
    newest: datetime


@dataclass(frozen=True)
class PruneRule:
    """Which entries go: those that are older, or of the model, and then the oldest until the rest is small enough."""

    made_before: datetime | None = None
    model: str | None = None
    """Name asked for, or snapshot. Given together with `made_before`, both must hold."""
    max_size_bytes: int | None = None


class ResponseCache(Protocol):
    """Keeps replies by key.

    1. `get` gives what was last put under a key, whole, whoever put it; None for a key that it does not know.
    2. `put` does not wait for the disk; what it took is found by `get` of this process at once, and is durable against
       the end of the process (not of the power) after `aclose` at the latest. The last one put under a key stands.
    3. `snapshot` is the snapshot of the entry put last for that address and model, by `made_at`; pruned entries count.
    4. Safe for many processes at once. One event loop at a time; `aclose` writes what is outstanding.
    5. `survey` and `prune` read and change what is durable; `prune` gives the number of entries that went.
    6. Raises `StorageError` where the store cannot be read. A write that fails loses its entries, with a warning: they
       are asked for again some day, and nothing else is lost.
    """

    async def get(self, key: str) -> ChatReply | None:
        """The reply under a key."""

    async def put(self, entry: CacheEntry) -> None:
        """The entry is kept."""

    async def snapshot(self, address: str, model: str) -> SeenSnapshot | None:
        """The model that answered last under that name."""

    async def survey(self) -> Sequence[ModelStock]:
        """What is kept, by address, model and snapshot."""

    async def prune(self, rule: PruneRule) -> int:
        """How many entries went."""

    async def ping(self) -> str:
        """The store, and how many entries it holds."""

    async def aclose(self) -> None:
        """What is outstanding is written; the next call opens the store again."""

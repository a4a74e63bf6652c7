"""Conversations that a person of the service must look at, as a noun and a port: marked, told, and closed by somebody.

Why a conversation is handed over (a disclosure, a question that no rail could read) is decided elsewhere. Here it stays
until a person has closed it, so that an alert that nobody heard is not an alert lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Handover:
    """One conversation, for one reason. No text of it and no identifier of a person."""

    conversation_id: str
    """The keyed hash of the conversation's id, as in the cost ledger."""
    reason: str
    """A code, such as `self_harm_disclosure`."""
    persona: str
    locale: str
    opened_at: datetime
    """When it was first marked, UTC."""
    message_id: str
    """The message that marked it."""
    told_at: datetime | None = None
    """When a channel took the notice; None while nobody could be told."""
    closed_at: datetime | None = None
    """When a person had taken care of it; None while it is open."""
    closed_by: str = ""
    """Who did, as they named themselves."""

    @property
    def handover_id(self) -> str:
        """By which it is closed: the beginning of the conversation's hash, and the reason."""
        return f"{self.conversation_id[:12]}-{self.reason}"


class Handovers(Protocol):
    """Keeps handovers until they are closed.

    1. `open` is durable when it returns, and idempotent: while one of the same conversation and reason is open, a
       second changes nothing and gives False.
    2. `waiting` gives the open ones, oldest first, told or not.
    3. `told` and `close` raise KeyError for one that is not open.
    4. Times are aware of their zone; naive ones raise ValueError. Raises `StorageError` where the store fails.
    """

    def open(self, handover: Handover) -> bool:
        """Whether it is new."""

    def waiting(self) -> Sequence[Handover]:
        """The open ones."""

    def told(self, handover_id: str, at: datetime) -> None:
        """A channel took the notice."""

    def close(self, handover_id: str, by: str, at: datetime) -> None:
        """A person has taken care of it."""

    def ping(self) -> str:
        """How many are open, and of how many nobody was told."""

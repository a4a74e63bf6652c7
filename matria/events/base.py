"""The port through which events come in, and its nouns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, as received: nothing in it has been checked against a contract."""

    topic: str
    """The table that it belongs to."""
    event_id: str | None
    """The same when the event is sent again."""
    occurred_at: str | None
    """ISO 8601 with its offset."""
    schema_version: int | None
    payload: Mapping[str, Any]
    """Plain JSON values by field."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something received that cannot be read as an event at all."""

    position: int
    """Where it stood in the source: line number, offset."""
    reason: str
    """Why, without its content."""
    content: str
    """What was received; for raw only, since it may hold anything."""


@dataclass(frozen=True)
class Batch:
    """What one read of a source gave."""

    events: Sequence[Event]
    rejected: Sequence[Rejected]

    def __len__(self) -> int:
        return len(self.events) + len(self.rejected)


class EventSource(Protocol):
    """Delivers events, each at least once.

    1. `batches` gives what was received and not yet acknowledged, in the source's order; all of it: what cannot be read
       comes as `Rejected`, never dropped.
    2. The same unread content comes in the same batches, so that landing it again finds it landed.
    3. `acknowledge` is called once all that was delivered is in raw and sorted by its contract; until then
       `batches` delivers it again.
    4. Topics are among those it was told to expect; an event of another topic is `Rejected`.
    5. Raises `InputError` where the source is missing, holds no event or cannot be read further.
    """

    name: str
    """How a person calls the source; it stands in reports."""

    def batches(self) -> Iterator[Batch]:
        """The batches waiting."""

    def acknowledge(self) -> None:
        """What was delivered is kept and need not come again."""

    def ping(self) -> str:
        """A short description of the source that answered."""

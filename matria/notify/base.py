"""Telling a person: the port, its noun, and a notice on its way. Others decide what is worth telling.

`matria.notify.outbox` keeps notices until each channel has taken them; `matria.notify.sending` sends what is due.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Severity = Literal["information", "warning", "critical"]


@dataclass(frozen=True)
class Notice:
    """One thing to be told. No message text and no identifier of a person enters it."""

    subject: str
    """What happened, in one line."""
    body: str
    """Since when, why, and what to do next; plain text."""
    severity: Severity
    at: datetime
    """When it was found, UTC."""
    link: str = ""
    """Where the report lies; empty where there is none."""


class Notifier(Protocol):
    """Tells people.

    1. `notify` returns after the channel has taken the notice, and raises `NotDelivered` where it has not.
    2. Sends what it is given, once per call; whoever calls decides on repeats.
    3. An address is a secret: none of it is in a log line, an error or a representation.
    """

    def notify(self, notice: Notice) -> None:
        """The notice is with the channel."""

    def ping(self) -> str:
        """A short description of the channel; sends nothing."""


class NotDelivered(Exception):
    """The channel did not take the notice; the message says which channel and why."""


DeliveryState = Literal["pending", "delivered", "failed", "dropped"]
"""To be sent, again where it failed; the channel took it; given up after `notify.give_up_hours`; a person let it be."""


@dataclass(frozen=True)
class Delivery:
    """One notice on its way to one channel."""

    key: str
    """Of the notice; the same key is the same notice."""
    channel: str
    """Its name in the settings."""
    notice: Notice
    state: DeliveryState
    attempts: int
    put_at: datetime
    due_at: datetime
    """When it is tried next; of no meaning once it is no longer pending."""
    why: str = ""
    """Why the last attempt failed; empty where none did."""
    delivered_at: datetime | None = None

    @property
    def is_undelivered(self) -> bool:
        """Whether somebody has not heard who should have, after one attempt at least."""
        return self.state == "failed" or (self.state == "pending" and self.attempts > 0)


@dataclass(frozen=True)
class Retried:
    """What came of making undelivered notices due again."""

    due: int
    """How many deliveries are due now."""
    gone: tuple[str, ...] = ()
    """The channel of each delivery that was let be, since the settings have no such channel any more."""

    @property
    def sentence(self) -> str:
        """Which channels were let be; empty where none was."""
        if not self.gone:
            return ""
        named = ", ".join(f"{name} ({self.gone.count(name)})" for name in sorted(set(self.gone)))
        return f"Not sent any more on channels that the settings do not have: {named}."

"""Telling a person: the port and its noun. Others decide what is worth telling, such as `matria.costs.summary`."""

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
    """Since when, why, and what to do next."""
    severity: Severity
    at: datetime
    """When it was found, UTC."""
    link: str = ""
    """Where the report lies; empty where there is none."""


class Notifier(Protocol):
    """Tells people.

    1. `notify` returns after the channel has taken the notice, and raises `NotDelivered` where it has not.
    2. Sends what it is given, once per call; whoever calls decides on repeats.
    """

    def notify(self, notice: Notice) -> None:
        """The notice is with the channel."""

    def ping(self) -> str:
        """A short description of the channel that answered; sends nothing."""


class NotDelivered(Exception):
    """The channel did not take the notice; the message says which channel and why."""

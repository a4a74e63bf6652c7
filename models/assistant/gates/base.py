"""Who may call an endpoint now: the port between those that want to and its limits."""

from dataclasses import dataclass
from typing import Literal, Protocol

from models.assistant.base import RateLimit


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to make one call."""

    tokens: float
    """Tokens that the call was let in with."""
    era: int = 0
    """How often the gate had narrowed when the call began."""


@dataclass(frozen=True, slots=True)
class CallEnd:
    """How a call ended, as far as it matters to the limits."""

    kind: Literal["answered", "limited", "failed", "dropped"]
    """`limited` is a 429; `failed` any other failure; `dropped` a call that its caller gave up."""
    tokens: float | None = None
    """Tokens that the endpoint counted; None where it did not say."""
    pause_s: float | None = None
    """Seconds that the endpoint asked to be left alone."""
    limits: tuple[RateLimit, ...] = ()


class GateClosed(Exception):
    """The gate is known to stay shut for longer than the caller would wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"shut for {seconds:.0f} s")
        self.seconds = seconds


class Gate(Protocol):
    """Lets calls to one endpoint begin.

    1. `enter` returns once a call may begin, in the order of asking; a second attempt goes before first ones.
    2. Raises `GateClosed` at once where it knows that it stays shut for longer than `patience_s`.
    3. Each ticket is given back by one `leave`, however the call ended. A cancelled `enter` holds nothing.
    4. Knows nothing of what is asked; `tokens` is the caller's estimate, put right by the end of the call.
    """

    async def enter(self, tokens: float, *, is_retry: bool = False, patience_s: float = float("inf")) -> Ticket:
        """The right to make one call of about so many tokens."""

    async def leave(self, ticket: Ticket, end: CallEnd) -> None:
        """The call is over."""

    async def aclose(self) -> None:
        """Whatever is held is given back; the gate is of no further use."""

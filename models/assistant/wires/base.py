"""How a request travels to an endpoint and its answer back: the port below the chat-completions adapter.

What a status means and what a body says is read in one place for all wires: `models.assistant.openai`.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Method = Literal["GET", "POST"]
FAST_HEADERS = "aiohttp_headers"
"""Extension of an httpx2 response that holds aiohttp's own headers, which are found ten times as fast."""


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """What an endpoint answered, unread."""

    status: int
    content: bytes = field(repr=False)
    headers: Mapping[str, str]
    """Names are found in lower case."""


@dataclass(frozen=True, slots=True)
class WireStream:
    """What an endpoint begins to answer. Where the status is no 2xx, its pieces are an error's body."""

    status: int
    headers: Mapping[str, str]
    """Names are found in lower case."""
    pieces: AsyncIterator[bytes] = field(repr=False)
    """The body as it comes, cut anywhere. Raises `WireFailed` where it breaks off."""


class Sending:
    """One call on its way: whether its request has left, so that the endpoint may be at work on it."""

    def __init__(self) -> None:
        self.has_left = False


_SENDING: ContextVar[Sending | None] = ContextVar("sending", default=None)


def new_sending() -> Sending:
    """Follows the next call of this task."""
    sending = Sending()
    _SENDING.set(sending)
    return sending


def request_has_left() -> None:
    """Notes that the request of this task's call is on the line; called by what sends it."""
    if (sending := _SENDING.get()) is not None:
        sending.has_left = True


class WireFailed(Exception):
    """No answer came; the cause says how the vendor's library put it."""

    def __init__(self, *, is_timeout: bool) -> None:
        super().__init__("timed out" if is_timeout else "unreachable")
        self.is_timeout = is_timeout


class NoToken(WireFailed):
    """Whoever the process runs as has no token for the endpoint; nothing was sent."""

    def __init__(self) -> None:
        super().__init__(is_timeout=False)


class Wire(Protocol):
    """Carries one request and brings back the answer.

    1. Any status is an answer. `WireFailed` is raised where none came; no exception of a vendor's library leaves it.
    2. One request, one sending: it makes no retries.
    3. Waits as long as it is let: whoever calls bounds the time, and a call that is cancelled frees its connection.
    4. Safe to call many times at once on one event loop.
    5. What takes long to import or make is made in `open`, so that it counts to no call's time.
    6. `request_has_left` is called once a request is on the line: what fails before that was paid by nobody.
    7. `stream` holds its connection until its context is left, however far the pieces were read.
    """

    def open(self) -> None:
        """The wire is ready for a call; called before each, and quick from the second on."""

    async def send(self, method: Method, path: str, body: Mapping[str, Any] | None = None) -> WireAnswer:
        """The answer to `body`, sent as JSON; `path` begins behind the endpoint's address, such as `/models`."""

    def stream(self, path: str, body: Mapping[str, Any]) -> AbstractAsyncContextManager[WireStream]:
        """The answer to `body` posted as JSON, piece by piece as it comes."""

    async def aclose(self) -> None:
        """Connections are closed; the object is of no further use."""

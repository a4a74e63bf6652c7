"""An Entra ID credential whose token is fetched to the end, although whoever asked for it could not wait.

A first token may take longer than an attempt: a developer's sign-in starts a program for it. Given up with the attempt,
it would never come; so it is fetched on, and the next call has it. Both clients of a resource share it.
"""

import asyncio
import time
from types import TracebackType
from typing import Any, Protocol

FRESH_S = 300.0
"""Seconds that a token must still hold to be given again; the vendor's client asks for a new one as early."""


class Token(Protocol):
    """What the vendor calls an access token."""

    @property
    def token(self) -> str:
        """What is sent."""

    @property
    def expires_on(self) -> int:
        """When it ends, in seconds since 1970."""


class Credential(Protocol):
    """What gives tokens: a credential of the vendor's identity library."""

    async def get_token(self, *scopes: str, **options: Any) -> Any:
        """A token for the scopes."""

    async def close(self) -> None:
        """Connections are closed."""


class PatientIdentity:
    """A credential around another, for one event loop."""

    def __init__(self, credential: Credential) -> None:
        self._credential = credential
        self._fetching: asyncio.Future[Any] | None = None

    async def get_token(self, *scopes: str, **options: Any) -> Any:
        """The token; one fetch serves all who ask meanwhile, and outlives each of them."""
        if self._fetching is None or not _is_of_use(self._fetching) or options.get("claims"):
            self._fetching = asyncio.ensure_future(self._credential.get_token(*scopes, **options))
            self._fetching.add_done_callback(_hear_out)
        return await asyncio.shield(self._fetching)

    async def close(self) -> None:
        """Nothing is fetched any more, and connections are closed."""
        if self._fetching is not None:
            self._fetching.cancel()
        await self._credential.close()

    async def __aenter__(self) -> "PatientIdentity":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()


def _is_of_use(fetching: "asyncio.Future[Token]") -> bool:
    """Whether it may still bring a token, or has brought one that holds."""
    if not fetching.done():
        return True
    if fetching.cancelled() or fetching.exception() is not None:
        return False
    return fetching.result().expires_on - time.time() > FRESH_S


def _hear_out(fetching: "asyncio.Future[Token]") -> None:
    """A fetch that fails when nobody waits any more is no error of the loop's."""
    if not fetching.cancelled():
        fetching.exception()

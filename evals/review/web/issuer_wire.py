"""The way to an issuer: HTTP on which an answer that is too large ends before it fills the memory.

Nothing packed is taken, since it may unpack to any size. Import it late: it loads httpx2, which authlib speaks through.
"""

from collections.abc import AsyncIterator
from functools import cache
from typing import TYPE_CHECKING

import httpx2

if TYPE_CHECKING:
    import ssl

MAX_BYTES = 1_000_000
PLAIN = "identity"


class BoundedWire(httpx2.AsyncHTTPTransport):
    """Goes straight to the issuer, past the proxies of the environment."""

    def __init__(self) -> None:
        super().__init__(verify=_certificates(), trust_env=False)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, whose body fails with `ReadError` once it is too large."""
        request.headers["Accept-Encoding"] = PLAIN
        answer = await super().handle_async_request(request)
        if answer.headers.get("content-encoding", PLAIN) != PLAIN:
            await answer.aclose()
            raise httpx2.ReadError("the answer is packed")
        assert isinstance(answer.stream, httpx2.AsyncByteStream)
        answer.stream = _Bounded(answer.stream)
        return answer


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for piece in self._stream:
            read += len(piece)
            if read > MAX_BYTES:
                raise httpx2.ReadError("the answer is too large")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


@cache
def _certificates() -> "ssl.SSLContext":
    """Once for all: reading them takes longer than an exchange."""
    return httpx2.create_ssl_context(trust_env=False)

"""The HTTP client that the official `openai` client is given: httpx2's, with aiohttp below and the detours taken out.

Of httpx2's own way a call needs neither redirects, nor cookies, nor event hooks, nor a URL merged and parsed again;
they cost a fifth of a call's CPU time. What is not the plain case (multipart, parameters, streams) takes httpx2's way.
Imported late: it imports httpx2.
"""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
from aiohttp import ClientResponse, ClientSession

from models.assistant.wires.base import FAST_HEADERS
from models.assistant.wires.session import open_session

_DECODED = (b"content-encoding", b"content-length", b"transfer-encoding")
"""Headers that no longer hold for a body that aiohttp has already decoded."""
_PLAIN = {"data", "files", "params", "json", "cookies", "extensions", "timeout"}


_STREAMED = "is_streamed"
"""Extension of a request whose answer is to be read piece by piece."""


class _Pieces(httpx2.AsyncByteStream):
    """An answer's body as aiohttp receives it."""

    def __init__(self, response: ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._response.content.iter_any():
            yield piece

    async def aclose(self) -> None:
        """The connection is given back; one whose body was not read to its end is closed."""
        self._response.release()


class AiohttpTransport(httpx2.AsyncBaseTransport):
    """Sends by aiohttp and reads the whole answer, or as much of it as is asked for where it is streamed."""

    def __init__(self) -> None:
        self._session: ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, its body read. Raises what aiohttp raises; the openai client wraps it."""
        if self._session is None:
            self._session = open_session()
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
        response = await self._session.request(
            request.method, str(request.url), headers=headers, data=request.content or None, allow_redirects=False
        )
        kept = [(name, value) for name, value in response.raw_headers if name.lower() not in _DECODED]
        fast = {FAST_HEADERS: response.headers}
        if request.extensions.get(_STREAMED):
            return httpx2.Response(
                response.status, headers=kept, stream=_Pieces(response), request=request, extensions=fast
            )
        async with response:
            content = await response.read()
        return httpx2.Response(response.status, headers=kept, content=content, request=request, extensions=fast)

    async def aclose(self) -> None:
        """Connections are closed."""
        if self._session is not None:
            await self._session.close()


class LeanClient(httpx2.AsyncClient):
    """An `http_client` for `AsyncOpenAI`."""

    def __init__(self) -> None:
        self._carrier = AiohttpTransport()
        self._parsed: dict[str, httpx2.URL] = {}
        super().__init__(transport=self._carrier, timeout=None)

    def build_request(self, method: str, url: Any, **options: Any) -> httpx2.Request:
        """The request; in the plain case without merging what this client does not have."""
        if any(options.get(name) for name in _PLAIN):
            return super().build_request(method, url, **options)
        parsed = self._parsed.get(url)
        if parsed is None:
            parsed = self._parsed[url] = httpx2.URL(url)
        return httpx2.Request(method, parsed, headers=options.get("headers"), content=options.get("content"))

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """The answer, read; a stream takes httpx2's way."""
        if options.get("stream"):
            request.extensions = {**request.extensions, _STREAMED: True}
            return await super().send(request, **options)
        if options.get("auth"):
            return await super().send(request, **options)
        return await self._carrier.handle_async_request(request)

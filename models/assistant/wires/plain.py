"""aiohttp alone as a wire: a third of the official client's CPU time a call, and a second less to start.

For large evaluations and for machines that start often. It knows keys, Azure's paths and proxies from the environment,
and nothing else of what the official client can do.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from models.assistant.wires.base import Method, WireAnswer, WireFailed, WireStream
from models.assistant.wires.session import open_session

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

Token = Callable[[], Awaitable[str]]
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


class PlainWire:
    """See `models.assistant.wires.base.Wire`."""

    def __init__(self, base_url: str, headers: Mapping[str, str], token: "Token | None" = None) -> None:
        """`token` gives what stands behind `Bearer` for each request, where a key does not do."""
        self._base_url = base_url.rstrip("/")
        self._headers = {**_JSON, **headers}
        self._token = token
        self._session: ClientSession | None = None

    async def send(self, method: Method, path: str, body: Mapping[str, Any] | None = None) -> WireAnswer:
        """The answer, whatever its status."""
        import aiohttp

        try:
            async with self._opened().request(
                method, self._url(path, body), data=_encoded(body), headers=await self._bearer()
            ) as response:
                return WireAnswer(response.status, await response.read(), response.headers)
        except TimeoutError as error:
            raise WireFailed(is_timeout=True) from error
        except (aiohttp.ClientError, OSError) as error:
            raise WireFailed(is_timeout=False) from error

    @asynccontextmanager
    async def stream(self, path: str, body: Mapping[str, Any]) -> AsyncIterator[WireStream]:
        """The answer as it comes."""
        import aiohttp

        try:
            response = await self._opened().post(
                self._url(path, body), data=_encoded(body), headers=await self._bearer()
            )
        except TimeoutError as error:
            raise WireFailed(is_timeout=True) from error
        except (aiohttp.ClientError, OSError) as error:
            raise WireFailed(is_timeout=False) from error
        async with response:
            yield WireStream(response.status, response.headers, _pieces(response))

    async def _bearer(self) -> dict[str, str]:
        return {} if self._token is None else {"Authorization": f"Bearer {await self._token()}"}

    def open(self) -> None:
        """The session is made by the first call in no time."""

    async def aclose(self) -> None:
        """Connections are closed; the object is of no further use."""
        if self._session is not None:
            await self._session.close()

    def _url(self, path: str, body: Mapping[str, Any] | None) -> str:
        return f"{self._base_url}{path}"

    def _opened(self) -> "ClientSession":
        """The session, made inside the event loop that uses it."""
        if self._session is None:
            self._session = open_session(self._headers)
        return self._session


class PlainAzureWire(PlainWire):
    """A resource of Azure OpenAI: the deployment stands in the path, the version of the API behind it."""

    def __init__(self, endpoint: str, headers: Mapping[str, str], api_version: str, token: Token | None = None) -> None:
        super().__init__(f"{endpoint.rstrip('/')}/openai", headers, token)
        self._version = f"?api-version={quote(api_version)}"

    def _url(self, path: str, body: Mapping[str, Any] | None) -> str:
        deployment = "" if body is None else f"/deployments/{quote(str(body['model']), safe='')}"
        return f"{super()._url(deployment + path, body)}{self._version}"


def plain_wire(base_url: str, api_key: str | None) -> PlainWire:
    """OpenAI, a gateway to it, or an endpoint that speaks the same."""
    return PlainWire(base_url, {} if api_key is None else {"Authorization": f"Bearer {api_key}"})


def plain_azure_wire(endpoint: str, credential: "str | Token", api_version: str) -> PlainAzureWire:
    """A resource of Azure OpenAI; the credential is a key, or what gives a token of Entra ID."""
    if isinstance(credential, str):
        return PlainAzureWire(endpoint, {"api-key": credential}, api_version)
    return PlainAzureWire(endpoint, {}, api_version, credential)


def _encoded(body: Mapping[str, Any] | None) -> bytes | None:
    return None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


async def _pieces(response: "ClientResponse") -> AsyncIterator[bytes]:
    import aiohttp

    try:
        async for piece in response.content.iter_any():
            yield piece
    except TimeoutError as error:
        raise WireFailed(is_timeout=True) from error
    except (aiohttp.ClientError, OSError) as error:
        raise WireFailed(is_timeout=False) from error

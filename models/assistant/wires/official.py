"""The official `openai` client as a wire, riding on aiohttp.

The client's own parsing is left out: building its pydantic objects costs as much CPU time as everything else in a call.
What it adds to a bare request is kept: keys, Azure's paths, proxies, request headers.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from models.assistant.wires.base import FAST_HEADERS, Method, WireAnswer, WireFailed, WireStream

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

Token = Callable[[], Awaitable[str]]
_NO_KEY = "none"
"""The client insists on a key even where the endpoint needs none."""


@dataclass(frozen=True)
class OfficialWire:
    """See `models.assistant.wires.base.Wire`."""

    made: "Callable[[], AsyncOpenAI]"
    """Makes the client: at the first call, since importing it takes longer than a run that asks for nothing."""
    prefix: str = ""
    """Put before each path: an address spares the client to join and parse it; Azure's client wants the path alone."""

    @cached_property
    def client(self) -> "AsyncOpenAI":
        """The official client."""
        return self.made()

    def open(self) -> None:
        """The client is there."""
        self.client  # noqa: B018  (made when it is first asked for)

    async def send(self, method: Method, path: str, body: Mapping[str, Any] | None = None) -> WireAnswer:
        """The answer, whatever its status."""
        import httpx2
        import openai

        try:
            if method == "GET":
                response = await self.client.get(self.prefix + path, cast_to=httpx2.Response)
            else:
                response = await self.client.post(self.prefix + path, cast_to=httpx2.Response, body=body)
        except openai.APIStatusError as error:
            response = error.response
        except openai.APIConnectionError as error:
            raise WireFailed(is_timeout=_is_timeout(error)) from error
        return WireAnswer(
            response.status_code, response.content, response.extensions.get(FAST_HEADERS, response.headers)
        )

    @asynccontextmanager
    async def stream(self, path: str, body: Mapping[str, Any]) -> AsyncIterator[WireStream]:
        """The answer as it comes."""
        import httpx2
        import openai

        try:
            response = await self.client.post(self.prefix + path, cast_to=httpx2.Response, body=body, stream=True)
        except openai.APIStatusError as error:
            response = error.response
        except openai.APIConnectionError as error:
            raise WireFailed(is_timeout=_is_timeout(error)) from error
        headers = response.extensions.get(FAST_HEADERS, response.headers)
        try:
            yield WireStream(response.status_code, headers, _pieces(response))
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        """Connections are closed; the object is of no further use."""
        if "client" in vars(self):
            await self.client.close()


def openai_wire(base_url: str, api_key: str | None) -> OfficialWire:
    """OpenAI, a gateway to it, or an endpoint that speaks the same."""

    def made() -> "AsyncOpenAI":
        from openai import AsyncOpenAI

        return AsyncOpenAI(base_url=base_url, api_key=api_key or _NO_KEY, **_common())

    return OfficialWire(made, base_url.rstrip("/"))


def azure_wire(endpoint: str, credential: "str | Token", api_version: str) -> OfficialWire:
    """A resource of Azure OpenAI; the credential is a key, or what gives a token of Entra ID."""

    def made() -> "AsyncOpenAI":
        from openai import AsyncAzureOpenAI

        kind = "api_key" if isinstance(credential, str) else "azure_ad_token_provider"
        given: dict[str, Any] = {kind: credential}
        return AsyncAzureOpenAI(azure_endpoint=endpoint, api_version=api_version, **given, **_common())

    return OfficialWire(made)


def _common() -> dict[str, Any]:
    from models.assistant.wires.lean_client import LeanClient

    return {"http_client": LeanClient(), "timeout": None, "max_retries": 0}


async def _pieces(response: "httpx2.Response") -> AsyncIterator[bytes]:
    """The body; whatever breaks it off is a failed wire, since aiohttp's errors come through httpx2 as they are."""
    if response.is_stream_consumed:
        yield response.content
        return
    try:
        async for piece in response.aiter_bytes():
            yield piece
    except Exception as error:
        raise WireFailed(is_timeout=_is_timeout(error)) from error


def _is_timeout(error: BaseException) -> bool:
    """By the first cause: the client's aiohttp transport calls every broken connection a time-out."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, TimeoutError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False

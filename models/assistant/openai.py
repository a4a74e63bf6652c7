"""Chat models on OpenAI's wire: OpenAI, Azure OpenAI, any compatible endpoint, and the bundled simulator.

One adapter for all; what differs is the wire below it and the address that errors name. It makes one attempt and says
what came of it: attempts, limits and the cache are chat models around it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from matria.errors import ModelError, SettingsError
from matria.settings import ChatSettings, FallbackSettings, JudgeSettings
from models.assistant.base import SIMULATOR, ChatReply, ChatRequest
from models.assistant.completion import (
    UnexpectedEnd,
    UnreadableCompletion,
    read_completion,
    read_model_ids,
    read_spoilt,
)
from models.assistant.failures import ChatFailed, Detail, Endpoint, Failure, PaidAttempt, Unused, chat_failed
from models.assistant.parameters import PARAMETERS
from models.assistant.statuses import failure_of, rate_limits, retry_after_s
from models.assistant.streaming import STREAMED, GrowingCompletion, events
from models.assistant.wires.base import (
    Method,
    NoToken,
    Sending,
    Wire,
    WireAnswer,
    WireFailed,
    WireStream,
    new_sending,
)

if TYPE_CHECKING:
    from models.simulator.app import AsgiApp

_OPENAI = "https://api.openai.com/v1"
_AZURE = "https://NAME.openai.azure.com"
_COMPLETIONS = "/chat/completions"
_MODELS = "/models"
_LISTED_MODELS = 8
_MAY_BE_PAID: frozenset[Failure] = frozenset({"timeout", "unreachable", "unreadable", "unexpected_end"})
"""Failures after which the endpoint may have generated and so billed; the others are refusals before that."""


class OpenAIChat:
    """A chat model behind a wire. One call, one attempt, at most `timeout_s` of the settings."""

    def __init__(
        self,
        wire: Wire,
        *,
        provider: str,
        address: str,
        settings: ChatSettings,
        on_close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`on_close` closes what the wire was given and does not own."""
        self.provider = provider
        self.address = address
        self._wire = wire
        self._on_close = on_close
        self._endpoint = Endpoint(address, settings.timeout_s, _prefix(settings))

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The model's reply. Raises `ChatFailed`."""
        body = _body(request)
        self._wire.open()
        sending, started = new_sending(), time.perf_counter()
        content = b""
        try:
            answer = await self._send("POST", _COMPLETIONS, body)
            latency_ms = (time.perf_counter() - started) * 1000
            if not 200 <= answer.status < 300:
                raise await self._refusal(answer, request.model)
            content = answer.content
            return self._read(answer, latency_ms)
        except ChatFailed as error:
            self._tell(error, request, sending, content, started)
            raise
        except asyncio.CancelledError:
            self._tell_given_up(request, sending, content, started)
            raise

    async def stream(self, request: ChatRequest) -> AsyncIterator[str | ChatReply]:
        """The reply's text piece by piece, then the reply, all within `timeout_s`. Raises `ChatFailed`."""
        body = {**_body(request), **STREAMED}
        self._wire.open()
        sending, started = new_sending(), time.perf_counter()
        growing = GrowingCompletion()
        pieces = self._pieces(request.model, body, started, growing)
        give_up_at = asyncio.get_running_loop().time() + self._endpoint.timeout_s
        while True:
            try:
                piece = await self._next(pieces, give_up_at)
            except StopAsyncIteration:
                return
            except ChatFailed as error:
                self._tell(error, request, sending, growing.whole(), started)
                raise
            except asyncio.CancelledError:
                self._tell_given_up(request, sending, growing.whole(), started)
                raise
            try:
                yield piece
            except GeneratorExit:
                if isinstance(piece, str):
                    self._tell_given_up(request, sending, growing.whole(), started)
                raise

    async def _next(self, pieces: AsyncIterator[str | ChatReply], give_up_at: float) -> str | ChatReply:
        try:
            async with asyncio.timeout_at(give_up_at):
                return await anext(pieces)
        except TimeoutError as error:
            raise self._failed("timeout", Detail()) from error

    async def _pieces(
        self, model: str, body: Mapping[str, Any], started: float, growing: GrowingCompletion
    ) -> AsyncIterator[str | ChatReply]:
        try:
            async with self._wire.stream(_COMPLETIONS, body) as answer:
                if not 200 <= answer.status < 300:
                    raise await self._refusal(await _gathered(answer), model)
                async for chunk in events(answer.pieces):
                    if text := growing.add(chunk):
                        yield text
                status, headers = answer.status, answer.headers
        except UnreadableCompletion as error:
            raise self._failed("unreadable", Detail(about=str(error))) from error
        except WireFailed as error:
            raise self._not_sent(error) from error
        yield self._read(WireAnswer(status, growing.whole(), headers), (time.perf_counter() - started) * 1000)

    async def ping(self) -> str:
        """The endpoint with the number of models that it lists. Raises `ChatFailed`."""
        return f"{self.address} lists {len(await self._models())} models"

    async def aclose(self) -> None:
        """Connections are closed; the object is of no further use."""
        await self._wire.aclose()
        if self._on_close is not None:
            await self._on_close()

    def _read(self, answer: WireAnswer, latency_ms: float) -> ChatReply:
        try:
            reply = read_completion(answer.content, latency_ms)
        except UnreadableCompletion as error:
            raise self._failed("unreadable", Detail(about=str(error), status=answer.status)) from error
        except UnexpectedEnd as error:
            detail = Detail(model=error.model, about=error.finish_reason, status=answer.status)
            raise self._failed("unexpected_end", detail) from error
        return _with_limits(reply, answer.headers)

    def _tell(self, error: ChatFailed, request: ChatRequest, sending: Sending, content: bytes, started: float) -> None:
        """Tells what the failed call may have cost, in its error too; nothing where nothing was generated."""
        if error.failure in _MAY_BE_PAID and sending.has_left:
            error.paid = (self._attempt(error.failure, request, content, started),)
            request.tell(*error.paid)

    def _tell_given_up(self, request: ChatRequest, sending: Sending, content: bytes, started: float) -> None:
        """Tells of a call that whoever asked does not wait for any more; nothing where it had not left."""
        if sending.has_left:
            request.tell(self._attempt("cancelled", request, content, started))

    def _attempt(self, failure: Unused, request: ChatRequest, content: bytes, started: float) -> PaidAttempt:
        spoilt = read_spoilt(content)
        return PaidAttempt(
            failure,
            self.provider,
            request.model,
            spoilt.model,
            spoilt.usage,
            (time.perf_counter() - started) * 1000,
            spoilt.is_simulated or self.provider == SIMULATOR,
        )

    async def _send(self, method: Method, path: str, body: Mapping[str, Any] | None = None) -> WireAnswer:
        """The answer within `timeout_s`, whatever the endpoint does meanwhile: a socket that hangs is let go."""
        try:
            async with asyncio.timeout(self._endpoint.timeout_s):
                return await self._wire.send(method, path, body)
        except TimeoutError as error:
            raise self._failed("timeout", Detail()) from error
        except WireFailed as error:
            raise self._not_sent(error) from error

    def _not_sent(self, error: WireFailed) -> ChatFailed:
        if isinstance(error, NoToken):
            return self._failed("no_token", Detail())
        return self._failed("timeout" if error.is_timeout else "unreachable", Detail())

    async def _refusal(self, answer: WireAnswer, model: str = "") -> ChatFailed:
        failure, about = failure_of(answer, model)
        known = await self._known_models() if failure == "unknown_model" else []
        return self._failed(failure, Detail(model, known, about, answer.status, retry_after_s(answer.headers)))

    def _failed(self, failure: Failure, detail: Detail) -> ChatFailed:
        return chat_failed(failure, self._endpoint, detail)

    async def _known_models(self) -> list[str]:
        """Some of the models that the endpoint lists; none where it does not say."""
        try:
            return sorted(await self._models())[:_LISTED_MODELS]
        except ChatFailed:
            return []

    async def _models(self) -> list[str]:
        self._wire.open()
        answer = await self._send("GET", _MODELS)
        if not 200 <= answer.status < 300:
            raise await self._refusal(answer)
        try:
            return read_model_ids(answer.content)
        except UnreadableCompletion as error:
            raise self._failed("unreadable", Detail(about=str(error), status=answer.status)) from error


def simulated_chat(settings: ChatSettings, *, app: "AsgiApp | None" = None) -> OpenAIChat:
    """The bundled simulator, in process; `app` stands in for it where faults are wanted."""
    from models.assistant.wires.in_process import InProcessWire
    from models.simulator.app import create_app

    wire = InProcessWire(app or create_app())
    return OpenAIChat(wire, provider=SIMULATOR, address="The simulator", settings=settings)


def openai_chat(settings: ChatSettings) -> OpenAIChat:
    """OpenAI, or a gateway to it where `base_url` is set. Raises `SettingsError` without a key."""
    _needed_key(settings)
    return _chat(settings, "openai", settings.base_url or _OPENAI)


def compatible_chat(settings: ChatSettings) -> OpenAIChat:
    """An endpoint that speaks the same wire, such as vLLM, Ollama or the simulator served over HTTP."""
    return _chat(settings, "compatible", _needed_address(settings, "http://127.0.0.1:8650/v1"))


def azure_chat(settings: ChatSettings) -> OpenAIChat:
    """Azure OpenAI: `base_url` is the resource's endpoint, `model` the deployment; by key, or as whoever this is."""
    if settings.auth == "entra":
        from models.assistant.wires.entra import EntraToken

        token = EntraToken()
        address = _needed_address(settings, _AZURE)
        _refuse_open_line(settings, address)
        wire = _azure_wire(settings, address, token)
        return OpenAIChat(wire, provider="azure", address=address, settings=settings, on_close=token.aclose)
    key = _needed_key(settings)
    address = _needed_address(settings, _AZURE)
    return OpenAIChat(_azure_wire(settings, address, key), provider="azure", address=address, settings=settings)


def _azure_wire(settings: ChatSettings, address: str, credential: str | Callable[[], Awaitable[str]]) -> Wire:
    if settings.client == "aiohttp":
        from models.assistant.wires.plain import plain_azure_wire

        return plain_azure_wire(address, credential, settings.api_version)
    from models.assistant.wires.official import azure_wire

    return azure_wire(address, credential, settings.api_version)


def _chat(settings: ChatSettings, provider: str, address: str) -> OpenAIChat:
    key = settings.api_key.get_secret_value() if settings.api_key else None
    wire: Wire
    if settings.client == "aiohttp":
        from models.assistant.wires.plain import plain_wire

        wire = plain_wire(address, key)
    else:
        from models.assistant.wires.official import openai_wire

        wire = openai_wire(address, key)
    return OpenAIChat(wire, provider=provider, address=address, settings=settings)


def _body(request: ChatRequest) -> dict[str, Any]:
    _refuse_unknown_parameters(request)
    messages = [message.as_wire() for message in request.messages]
    return {"model": request.model, "messages": messages, **request.parameters}


async def _gathered(answer: WireStream) -> WireAnswer:
    """The whole body of what was no stream after all, such as an error."""
    return WireAnswer(answer.status, b"".join([piece async for piece in answer.pieces]), answer.headers)


def _with_limits(reply: ChatReply, headers: Mapping[str, str]) -> ChatReply:
    limits = rate_limits(headers)
    return replace(reply, limits=limits) if limits else reply


def _needed_key(settings: ChatSettings) -> str:
    if settings.api_key is None:
        raise SettingsError(f"{_prefix(settings)}KIND={settings.kind} needs {_prefix(settings)}API_KEY: set it.")
    return settings.api_key.get_secret_value()


def _needed_address(settings: ChatSettings, example: str) -> str:
    if settings.base_url is None:
        raise SettingsError(
            f"{_prefix(settings)}KIND={settings.kind} needs {_prefix(settings)}BASE_URL, such as {example}: set it."
        )
    return settings.base_url


def _refuse_open_line(settings: ChatSettings, address: str) -> None:
    if not address.startswith("https://"):
        raise SettingsError(
            f"{_prefix(settings)}AUTH=entra sends a token, and {address} is not https: correct "
            f"{_prefix(settings)}BASE_URL, or use a key."
        )


def _prefix(settings: ChatSettings) -> str:
    """How the variables of this section begin, so that an error names the one to set."""
    match settings:
        case JudgeSettings():
            return "MATRIA_JUDGE__"
        case FallbackSettings():
            return "MATRIA_FALLBACK__"
    return "MATRIA_CHAT__"


def _refuse_unknown_parameters(request: ChatRequest) -> None:
    if request.parameters.keys() <= PARAMETERS:
        return
    unknown = sorted(set(request.parameters) - PARAMETERS)
    raise ModelError(
        f"OpenAI's wire has no parameter {', '.join(unknown)}: correct what the prompt asks of {request.model}."
    )

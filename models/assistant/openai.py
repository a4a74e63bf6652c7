"""Chat models on OpenAI's wire: OpenAI, Azure OpenAI, any compatible endpoint, and the bundled simulator.

One adapter for all, built on the official client; what differs is address, key and transport. The simulator is called
in process, through an ASGI transport, so that no port is opened. No exception of the client leaves this package.
"""

import time
from functools import cache
from inspect import signature
from typing import TYPE_CHECKING, Any

from matria.costs.base import Usage
from matria.errors import ModelError, SettingsError
from matria.settings import ChatSettings, JudgeSettings
from models.assistant.base import ChatReply, ChatRequest
from models.assistant.failures import Detail, Endpoint, Failure, model_error

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletion

    from models.simulator.app import AsgiApp

SIMULATOR_FINGERPRINT = "simulator"
"""`system_fingerprint` by which the simulator marks its replies, whatever address they come from."""
_IN_PROCESS = "http://simulator.invalid/v1"
_OPENAI = "https://api.openai.com/v1"
_PATH = "/chat/completions"
_FINISH_REASONS = ("stop", "length", "content_filter")
_LISTED_MODELS = 8


class OpenAIChat:
    """A chat model behind the official client."""

    def __init__(self, client: "AsyncOpenAI", *, provider: str, address: str, settings: ChatSettings) -> None:
        self.provider = provider
        self._client = client
        self._address = address
        self._settings = settings

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The model's reply."""
        import openai
        from openai.types.chat import ChatCompletion

        _refuse_unknown_parameters(request)
        messages = [message.as_wire() for message in request.messages]
        body = {"model": request.model, "messages": messages, **request.parameters}
        started = time.perf_counter()
        try:
            # Not `chat.completions.create`: it walks every message by its type hints, a third of a call's CPU time.
            completion = await self._client.post(_PATH, cast_to=ChatCompletion, body=body)
        except (openai.OpenAIError, ValueError) as error:  # an answer that is no JSON is a bare ValueError
            raise await self._explained(error, request.model) from error
        return self._reply(completion, latency_ms=(time.perf_counter() - started) * 1000)

    async def ping(self) -> str:
        """The endpoint with the number of models that it lists."""
        import openai

        try:
            models = await self._models()
        except (openai.OpenAIError, ValueError) as error:
            raise await self._explained(error) from error
        return f"{self._address} lists {len(models)} models"

    async def aclose(self) -> None:
        """Connections are closed; the object is of no further use."""
        await self._client.close()

    def _reply(self, completion: "ChatCompletion", latency_ms: float) -> ChatReply:
        if not getattr(completion, "choices", None) or completion.usage is None:
            raise ModelError(
                f"{self._address} answered without a choice or without token usage: it does not speak OpenAI's chat "
                f"completions; check {_prefix(self._settings)}BASE_URL."
            )
        choice, usage = completion.choices[0], completion.usage
        if choice.finish_reason not in _FINISH_REASONS:
            raise ModelError(
                f"{completion.model} ended with {choice.finish_reason!r}, which no request here allows: check the "
                "prompt's model parameters."
            )
        read, made = usage.prompt_tokens_details, usage.completion_tokens_details
        return ChatReply(
            text=choice.message.content or choice.message.refusal or "",
            finish_reason=choice.finish_reason,
            model_snapshot=completion.model,
            request_id=completion.id,
            usage=Usage(
                input_tokens=usage.prompt_tokens,
                output_tokens=usage.completion_tokens,
                cached_tokens=(read.cached_tokens if read else None) or 0,
                reasoning_tokens=(made.reasoning_tokens if made else None) or 0,
            ),
            latency_ms=latency_ms,
            is_simulated=completion.system_fingerprint == SIMULATOR_FINGERPRINT,
        )

    async def _explained(self, error: Exception, model: str = "") -> ModelError:
        failure, about = _failure(error, model)
        known = await self._known_models() if failure == "unknown_model" else []
        endpoint = Endpoint(self._address, self._settings.timeout_s, _prefix(self._settings))
        return model_error(failure, endpoint, Detail(model, known, about))

    async def _known_models(self) -> list[str]:
        """Some of the models that the endpoint lists; none where it does not say."""
        import openai

        try:
            return sorted(await self._models())[:_LISTED_MODELS]
        except (openai.OpenAIError, ValueError):
            return []

    async def _models(self) -> list[str]:
        return [model.id async for model in self._client.models.list()]


def simulated_chat(settings: ChatSettings, *, app: "AsgiApp | None" = None) -> OpenAIChat:
    """The bundled simulator, in process; `app` stands in for it where faults are wanted."""
    import httpx2

    from models.simulator.app import create_app

    transport = httpx2.ASGITransport(app=app or create_app())
    http_client = httpx2.AsyncClient(transport=transport)
    return _chat(settings, "simulator", _IN_PROCESS, "The simulator", http_client)


def openai_chat(settings: ChatSettings) -> OpenAIChat:
    """OpenAI, or a gateway to it where `base_url` is set."""
    _need_key(settings)
    address = settings.base_url or _OPENAI
    return _chat(settings, "openai", address, address)


def compatible_chat(settings: ChatSettings) -> OpenAIChat:
    """An endpoint that speaks the same wire, such as vLLM, Ollama or the simulator served over HTTP."""
    address = _needed_address(settings, "http://127.0.0.1:8650/v1")
    return _chat(settings, "compatible", address, address)


def azure_chat(settings: ChatSettings) -> OpenAIChat:
    """Azure OpenAI: `base_url` is the resource's endpoint, `model` the deployment."""
    from openai import AsyncAzureOpenAI

    _need_key(settings)
    address = _needed_address(settings, "https://NAME.openai.azure.com")
    client = AsyncAzureOpenAI(azure_endpoint=address, api_version=settings.api_version, **_common(settings))
    return OpenAIChat(client, provider="azure", address=address, settings=settings)


def _chat(settings: ChatSettings, provider: str, base_url: str, address: str, http_client: Any = None) -> OpenAIChat:
    from openai import AsyncOpenAI

    client = AsyncOpenAI(base_url=base_url, http_client=http_client, **_common(settings))
    return OpenAIChat(client, provider=provider, address=address, settings=settings)


def _failure(error: Exception, model: str) -> tuple[Failure, str]:
    """What an exception of the client means, and what may be said of it."""
    import openai

    match error:
        case openai.APITimeoutError():
            return "timeout", ""
        case openai.APIConnectionError():
            return "unreachable", ""
        case openai.NotFoundError() if model:
            return "unknown_model", ""
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return "key_refused", str(error.status_code)
        case openai.RateLimitError():
            return "too_many_requests", ""
        case openai.APIStatusError() if error.status_code >= 500:
            return "server", str(error.status_code)
        case openai.APIStatusError():
            return "refused", ", ".join(str(part) for part in (error.status_code, error.code, error.param) if part)
        case _:
            return "unreadable", type(error).__name__


def _common(settings: ChatSettings) -> dict[str, Any]:
    """What every client is made with; it insists on a key even where the endpoint needs none."""
    return {
        "api_key": settings.api_key.get_secret_value() if settings.api_key else "none",
        "timeout": settings.timeout_s,
        "max_retries": settings.max_attempts - 1,
    }


def _need_key(settings: ChatSettings) -> None:
    if settings.api_key is None:
        raise SettingsError(f"{_prefix(settings)}KIND={settings.kind} needs {_prefix(settings)}API_KEY: set it.")


def _needed_address(settings: ChatSettings, example: str) -> str:
    if settings.base_url is None:
        raise SettingsError(
            f"{_prefix(settings)}KIND={settings.kind} needs {_prefix(settings)}BASE_URL, such as {example}: set it."
        )
    return settings.base_url


def _prefix(settings: ChatSettings) -> str:
    """How the variables of this section begin, so that an error names the one to set."""
    return "MATRIA_JUDGE__" if isinstance(settings, JudgeSettings) else "MATRIA_CHAT__"


def _refuse_unknown_parameters(request: ChatRequest) -> None:
    unknown = sorted(set(request.parameters) - _parameter_names())
    if unknown:
        raise ModelError(
            f"OpenAI's wire has no parameter {', '.join(unknown)}: correct what the prompt asks of {request.model}."
        )


@cache
def _parameter_names() -> frozenset[str]:
    from openai.resources.chat.completions import AsyncCompletions

    return frozenset(signature(AsyncCompletions.create).parameters) - {"self", "messages", "model", "stream"}

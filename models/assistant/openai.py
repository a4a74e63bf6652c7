"""Chat models on OpenAI's wire: OpenAI, Azure OpenAI, any compatible endpoint, and the bundled simulator.

One adapter for all, built on the official client; what differs is address, key and transport. The simulator is called
in process, through an ASGI transport, so that no port is opened. No exception of the client leaves this file.
"""

import time
from typing import TYPE_CHECKING, Any

from matria.costs.base import Usage
from matria.errors import ModelError, SettingsError
from matria.settings import ChatSettings
from models.assistant.base import ChatReply, ChatRequest

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletion

    from models.simulator.app import AsgiApp

SIMULATOR_FINGERPRINT = "simulator"
"""`system_fingerprint` by which the simulator marks its replies, whatever address they come from."""
_IN_PROCESS = "http://simulator.invalid/v1"
_FINISH_REASONS = ("stop", "length", "content_filter")
_LISTED_MODELS = 8


class OpenAIChat:
    """A chat model behind the official client."""

    def __init__(self, client: "AsyncOpenAI", *, provider: str, address: str, timeout_s: float) -> None:
        self.provider = provider
        self._client = client
        self._address = address
        self._timeout_s = timeout_s

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The model's reply."""
        import openai

        started = time.perf_counter()
        try:
            completion: ChatCompletion = await self._client.chat.completions.create(
                model=request.model,
                messages=[message.as_wire() for message in request.messages],  # type: ignore[misc]
                **request.parameters,
            )
        except openai.OpenAIError as error:
            raise await self._explained(error, request.model) from error
        return self._reply(completion, latency_ms=(time.perf_counter() - started) * 1000)

    async def ping(self) -> str:
        """The endpoint with the number of models that it lists."""
        import openai

        try:
            models = [model.id async for model in self._client.models.list()]
        except openai.OpenAIError as error:
            raise await self._explained(error, "") from error
        return f"{self.provider} at {self._address} lists {len(models)} models"

    async def aclose(self) -> None:
        """Connections are closed; the object is of no further use."""
        await self._client.close()

    def _reply(self, completion: "ChatCompletion", latency_ms: float) -> ChatReply:
        if not completion.choices or completion.usage is None:
            raise ModelError(
                f"{self._address} answered without a choice or without token usage: it does not speak OpenAI's chat "
                "completions; check MATRIA_CHAT__BASE_URL."
            )
        choice = completion.choices[0]
        if choice.finish_reason not in _FINISH_REASONS:
            raise ModelError(
                f"{completion.model} ended with {choice.finish_reason!r}, which no request here allows; check the "
                "prompt's model parameters."
            )
        details = completion.usage.prompt_tokens_details
        made = completion.usage.completion_tokens_details
        return ChatReply(
            text=choice.message.content or choice.message.refusal or "",
            finish_reason=choice.finish_reason,
            model_snapshot=completion.model,
            request_id=completion.id,
            usage=Usage(
                input_tokens=completion.usage.prompt_tokens,
                output_tokens=completion.usage.completion_tokens,
                cached_tokens=(details.cached_tokens if details else None) or 0,
                reasoning_tokens=(made.reasoning_tokens if made else None) or 0,
            ),
            latency_ms=latency_ms,
            is_simulated=completion.system_fingerprint == SIMULATOR_FINGERPRINT,
        )

    async def _explained(self, error: Exception, model: str) -> ModelError:
        """What happened, to which endpoint, and what to do next; never the request's text."""
        import openai

        match error:
            case openai.NotFoundError():
                return ModelError(
                    f"{self._address} knows no model {model!r}: {await self._known_models()}set MATRIA_CHAT__MODEL."
                )
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                return ModelError(
                    f"{self._address} refused the key ({error.status_code}): set a valid one in MATRIA_CHAT__API_KEY."
                )
            case openai.RateLimitError():
                return ModelError(
                    f"{self._address} still answered 429, too many requests, after the last attempt: wait, or raise "
                    "MATRIA_CHAT__MAX_ATTEMPTS or the quota."
                )
            case openai.APITimeoutError():
                return ModelError(
                    f"{self._address} did not answer within {self._timeout_s:g} s: check the endpoint, or raise "
                    "MATRIA_CHAT__TIMEOUT_S."
                )
            case openai.APIConnectionError():
                return ModelError(f"{self._address} cannot be reached: start it, or correct MATRIA_CHAT__BASE_URL.")
            case openai.APIStatusError():
                return ModelError(_refusal(self._address, error))
            case _:
                return ModelError(
                    f"{self._address} gave an answer that the client cannot read ({type(error).__name__}): check that "
                    "it speaks OpenAI's chat completions."
                )

    async def _known_models(self) -> str:
        import openai

        try:
            known = sorted([model.id async for model in self._client.models.list()])
        except openai.OpenAIError:
            return ""
        listed = ", ".join(known[:_LISTED_MODELS]) + (", …" if len(known) > _LISTED_MODELS else "")
        return f"it lists {listed}; " if known else ""


def simulated_chat(settings: ChatSettings, *, app: "AsgiApp | None" = None) -> OpenAIChat:
    """The bundled simulator, in process; `app` stands in for it where a test asks for faults."""
    import httpx2

    from models.simulator.app import create_app

    transport = httpx2.ASGITransport(app=app or create_app())
    return _chat(settings, "simulator", _IN_PROCESS, "the simulator", httpx2.AsyncClient(transport=transport))


def openai_chat(settings: ChatSettings) -> OpenAIChat:
    """OpenAI, or a gateway to it where `base_url` is set."""
    _need_key(settings, "openai")
    address = settings.base_url or "https://api.openai.com/v1"
    return _chat(settings, "openai", address, address)


def compatible_chat(settings: ChatSettings) -> OpenAIChat:
    """An endpoint that speaks the same wire, such as vLLM, Ollama or the simulator served over HTTP."""
    if settings.base_url is None:
        raise SettingsError(
            "MATRIA_CHAT__KIND=compatible needs MATRIA_CHAT__BASE_URL, such as http://127.0.0.1:8650/v1."
        )
    return _chat(settings, "compatible", settings.base_url, settings.base_url)


def azure_chat(settings: ChatSettings) -> OpenAIChat:
    """Azure OpenAI: `base_url` is the resource's endpoint, `model` the deployment."""
    from openai import AsyncAzureOpenAI

    _need_key(settings, "azure_openai")
    if settings.base_url is None:
        raise SettingsError(
            "MATRIA_CHAT__KIND=azure_openai needs MATRIA_CHAT__BASE_URL, such as https://NAME.openai.azure.com."
        )
    client = AsyncAzureOpenAI(
        azure_endpoint=settings.base_url,
        api_version=settings.api_version,
        api_key=_key(settings),
        timeout=settings.timeout_s,
        max_retries=settings.max_attempts - 1,
    )
    return OpenAIChat(client, provider="azure", address=settings.base_url, timeout_s=settings.timeout_s)


def _chat(settings: ChatSettings, provider: str, base_url: str, address: str, http_client: Any = None) -> OpenAIChat:
    from openai import AsyncOpenAI

    client = AsyncOpenAI(
        base_url=base_url,
        api_key=_key(settings),
        timeout=settings.timeout_s,
        max_retries=settings.max_attempts - 1,
        http_client=http_client,
    )
    return OpenAIChat(client, provider=provider, address=address, timeout_s=settings.timeout_s)


def _key(settings: ChatSettings) -> str:
    """The key configured; the client insists on one even where the endpoint needs none."""
    return settings.api_key.get_secret_value() if settings.api_key else "none"


def _need_key(settings: ChatSettings, kind: str) -> None:
    if settings.api_key is None:
        raise SettingsError(f"MATRIA_CHAT__KIND={kind} needs MATRIA_CHAT__API_KEY.")


def _refusal(address: str, error: Any) -> str:
    """A 4xx or 5xx, by its status, code and parameter: the endpoint's own words may quote the request."""
    about = ", ".join(str(part) for part in (error.status_code, error.code, error.param) if part)
    if error.status_code >= 500:
        return f"{address} failed on its side ({about}) at each attempt: try again later."
    return f"{address} refused the request ({about}): check the prompt's model parameters."

"""The chat model as a port: a request of messages, a reply with its usage. Adapters lie beside it.

`openai.py` speaks to OpenAI, Azure OpenAI, any compatible endpoint and the bundled simulator alike: only address and
transport differ. The LangChain runnable around it is in `assistant.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from matria.costs.base import Usage
from matria.messages import Message


@dataclass(frozen=True)
class ChatRequest:
    """What is asked of a model."""

    messages: tuple[Message, ...]
    model: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Sampling parameters by their names on the wire: temperature, max_tokens, seed, response_format."""


@dataclass(frozen=True)
class ChatReply:
    """What a model answered."""

    text: str
    finish_reason: str
    """`stop`, `length` or `content_filter`, as on the wire."""
    model_snapshot: str
    """The model that the endpoint says answered."""
    request_id: str
    usage: Usage
    latency_ms: float
    is_simulated: bool
    """The bundled simulator answered; a simulated result promotes nothing to production."""


class ChatModel(Protocol):
    """Answers one request.

    1. Retries what a retry can help (429, 5xx, timeouts), within the configured attempts; honours `Retry-After`.
    2. Raises `ModelError` for an unknown model, a refused key, an unreachable endpoint, or when attempts run out.
    3. Safe to call many times at once on one event loop; holds no conversation.
    4. Usage is the endpoint's own count, never an estimate.
    """

    provider: str
    """`simulator`, `openai`, `azure` or `compatible`; part of a ledger entry."""

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The model's reply."""

    async def ping(self) -> str:
        """A short description of the endpoint that answered."""

    async def aclose(self) -> None:
        """Connections are closed; the object is of no further use."""

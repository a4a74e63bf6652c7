"""The chat model as a port: a request of messages, a reply with its usage. Adapters lie beside it.

`openai.py` speaks to OpenAI, Azure OpenAI, any compatible endpoint and the bundled simulator alike: only address and
wire differ. `limited.py` and `cached.py` are chat models around another one. The LangChain runnable around it is in
`assistant.py`.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from matria.costs.base import Usage
from matria.messages import Message
from models.assistant.failures import PaidAttempt, new_call_id

SIMULATOR = "simulator"
"""Provider of the bundled simulator."""


@dataclass(frozen=True)
class ChatRequest:
    """What is asked of a model."""

    messages: tuple[Message, ...]
    model: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Sampling parameters by their names on the wire: temperature, max_tokens, seed, response_format."""
    epoch: int = 0
    """Which repetition this is. Never on the wire; a cache keeps each epoch's reply apart."""
    on_paid: Callable[[PaidAttempt], None] | None = field(default=None, compare=False, repr=False)
    """Told at once of an attempt that was paid for, or may have been, and is not used: also where the call is cancelled
    and so says nothing else. It neither waits nor raises, and may be told of one attempt twice."""

    def tell(self, *attempts: PaidAttempt) -> None:
        """Whoever asks to be told is."""
        if self.on_paid is not None:
            for attempt in attempts:
                self.on_paid(attempt)


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
    is_refusal: bool = False
    """The model declined through the wire's own field for it; `text` is what it said there."""
    is_cached: bool = False
    """Nobody was asked for it now: usage, latency and id are those of the call that was, and nothing new was paid."""
    provider: str = ""
    """Who answered, where another than the chat model's own `provider` did: the fallback."""
    model: str = ""
    """The model asked for, where another than the request's was."""
    call_id: str = field(default="", compare=False)
    """Id of the call, so that a reply told of twice counts once; empty where none was given."""
    retried: tuple[PaidAttempt, ...] = field(default=(), compare=False, repr=False)
    """Attempts before this one that were paid for, or may have been, oldest first."""
    limits: tuple["RateLimit", ...] = field(default=(), compare=False, repr=False)
    """What the endpoint said of its limits beside this reply; none where it says nothing."""

    def given_up(self, provider: str, model: str) -> PaidAttempt:
        """The call as an attempt that was paid for and is not used; what was asked where the reply does not say."""
        return PaidAttempt(
            "cancelled",
            self.provider or provider,
            self.model or model,
            self.model_snapshot,
            self.usage,
            self.latency_ms,
            self.is_simulated,
            self.call_id or new_call_id(),
        )


@dataclass(frozen=True, slots=True)
class RateLimit:
    """One limit as an endpoint reports it beside each answer (`x-ratelimit-*`)."""

    unit: Literal["requests", "tokens"]
    limit: float
    remaining: float
    reset_s: float
    """Seconds until all of `limit` is there again."""


class ChatModel(Protocol):
    """Answers one request.

    1. Raises `ChatFailed`, a `ModelError` with its kind, for an unknown model, a refused key, an endpoint that is
       unreachable, slow, limiting or failing, and an answer that cannot be read; never a vendor's exception.
    2. One that speaks to an endpoint makes no second attempt; `LimitedChat` around it makes those that can help.
    3. Safe to call many times at once on one event loop; holds no conversation. A cancelled call frees what it held.
    4. Usage is the endpoint's own count, never an estimate.
    5. `ChatRequest.epoch` changes nothing of what an endpoint is sent.
    6. An attempt whose answer was not used and that may have been paid for is told of: in `ChatFailed.paid`, and in
       `ChatReply.retried` where another attempt came to an answer; and, as soon as it has ended, by
       `ChatRequest.tell`. There, too, where the call was cancelled after its request had left.
    7. `stream` gives the text in pieces as it comes and, last, the reply: the same as `complete` would give. A stream
       that breaks off raises `ChatFailed` in place of the reply, whatever it gave before.
    """

    provider: str
    """`simulator`, `openai`, `azure` or `compatible`; part of a ledger entry."""

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The model's reply."""

    def stream(self, request: ChatRequest) -> AsyncIterator["str | ChatReply"]:
        """The reply's text piece by piece, then the reply."""

    async def ping(self) -> str:
        """A short description of the endpoint that answered."""

    async def aclose(self) -> None:
        """Connections are closed; the object is of no further use."""

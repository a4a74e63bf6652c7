"""What a call cost, as nouns: usage, cost, ledger entry; and the port that keeps the entries.

Prices come from `matria.costs.prices`. No message text and no identifier of a person enters an entry.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol

Purpose = Literal["assistant", "judge", "moderation", "evaluation"]
CostState = Literal["priced", "unpriced"]


@dataclass(frozen=True)
class Usage:
    """Tokens of one call, as the endpoint reported them; of moderation, the text records that it counts instead."""

    input_tokens: int
    """All tokens of the prompt, cached ones included."""
    output_tokens: int
    """All tokens of the answer, reasoning included."""
    cached_tokens: int = 0
    """The part of `input_tokens` read from the provider's cache."""
    reasoning_tokens: int = 0
    """The part of `output_tokens` that is not shown."""
    text_records: int = 0
    """One for each started 1,000 characters that a moderation service judged."""


@dataclass(frozen=True)
class Cost:
    """What a call cost, or that nobody knows. An unknown price is never 0."""

    state: CostState
    usd: Decimal | None
    """US dollars; None exactly when `state` is unpriced."""
    price_source: str
    """`genai-prices <version>` and the model priced, with `as if` where another model's price stands in."""
    priced_on: date
    """The date whose price was used."""


@dataclass(frozen=True)
class LedgerEntry:
    """One call of a model, or of a moderation service for one text."""

    call_id: str
    """Unique per call; recording the same id again changes nothing."""
    at: datetime
    """When the call ended, UTC."""
    purpose: Purpose
    conversation_id: str
    message_id: str
    """The patient-facing message or evaluation case that the call served; cost per message sums over it."""
    prompt_name: str
    """Such as `gestante/triagem`; empty for a call without a prompt file."""
    prompt_version: str
    prompt_hash: str
    persona: str
    locale: str
    provider: str
    model: str
    """The model asked for; of moderation, the rail that asked."""
    model_snapshot: str
    """The model that the endpoint says answered."""
    usage: Usage
    latency_ms: float
    cost: Cost
    is_simulated: bool


class Ledger(Protocol):
    """Keeps what each call cost.

    1. Append-only and idempotent by `call_id`: a replay counts once.
    2. `record` returns after the entries are durable.
    3. `between` gives entries with `start <= at < end` in order of `at`, then `call_id`; naive times raise ValueError.
    4. Raises `StorageError` where the store cannot be written or read.
    """

    def record(self, entries: Iterable[LedgerEntry]) -> int:
        """How many entries were new."""

    def between(self, start: datetime, end: datetime) -> Sequence[LedgerEntry]:
        """The entries of a half-open window of time."""

    def ping(self) -> str:
        """A short description of the store that answered."""

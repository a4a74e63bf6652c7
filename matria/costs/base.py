"""What a call cost, as nouns: usage, prices, cost, ledger entry; and the port that keeps the entries.

Prices come from `matria.costs.prices`; what is added up over many entries lies in `matria.costs.sums`. No message text
and no identifier of a person enters an entry.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol

Purpose = Literal["assistant", "judge", "moderation", "evaluation", "retry"]
"""What a call was for: to answer a person, to judge, to moderate, to answer a case of a suite; or an attempt that was
paid for, or may have been, and whose answer was not used."""
Serves = Literal["people", "evaluation"]
"""Whom the message was for; the cost of a message is watched for people's alone."""
Tier = Literal["standard", "batch", "flex", "priority", "other"]
"""How the endpoint says that it billed the call; `other` is a tier that we do not know, and so its price."""
CostState = Literal["priced", "unpriced"]

PICODOLLAR = Decimal("1e-12")
"""The smallest part of a dollar that is kept: a price of 0.000001 USD for a million tokens is one a token."""

MOST_USD = Decimal(1000)
"""More than any call costs: a million tokens in and a hundred thousand out of the dearest model listed are 210. A usage
that makes a dearer one is a slip of the endpoint's, and would fill up the 64 bits that a window's sum has."""


@dataclass(frozen=True)
class Usage:
    """Tokens of one call, as the endpoint reported them; of moderation, the text records that it counts instead."""

    input_tokens: int
    """All tokens of the prompt, those read from or written to a cache included."""
    output_tokens: int
    """All tokens of the answer, reasoning included."""
    cached_tokens: int = 0
    """The part of `input_tokens` read from the provider's cache."""
    reasoning_tokens: int = 0
    """The part of `output_tokens` that is not shown."""
    text_records: int = 0
    """One for each started 1,000 characters that a moderation service judged."""
    cache_write_tokens: int = 0
    """The part of `input_tokens` written to the provider's cache, where it bills that apart."""
    tier: Tier = "standard"
    uncounted_tokens: int = 0
    """By how much the endpoint's own total differs from input and output together: tokens that are in neither, and may
    be billed. Where it is not 0 the call is unpriced; a ledger keeps the reason, not the number."""


@dataclass(frozen=True)
class UnitPrices:
    """What one call's usage was multiplied with, in US dollars, in the tier of the call.

    Of a call of a model all but `records` are there: where a provider has no price of its own for cached tokens, they
    cost what the input costs. Of text records `records` alone is.
    """

    input: Decimal | None = None
    """A million input tokens that were neither read from nor written to a cache."""
    cached: Decimal | None = None
    """A million tokens read from the cache."""
    cache_write: Decimal | None = None
    """A million tokens written to the cache."""
    output: Decimal | None = None
    """A million output tokens."""
    records: Decimal | None = None
    """A thousand text records."""


@dataclass(frozen=True)
class Rates:
    """What a US dollar was worth on a day."""

    on: date
    brl: Decimal | None
    """Brazilian reais for a dollar; None where nobody set it."""
    eur: Decimal | None
    """Euros for a dollar."""
    source: str
    """Who published them, such as `BCB PTAX, ECB`."""


@dataclass(frozen=True)
class Cost:
    """What a call cost, or that nobody knows. An unknown price is never 0."""

    state: CostState
    usd: Decimal | None
    """US dollars, in whole picodollars; None exactly when `state` is unpriced."""
    price_source: str
    """`genai-prices <version>` or `prices.yaml` and the model priced, with `as if` where another model's price stands
    in, and the tier where it is not the standard one; of an unpriced call why it is."""
    priced_on: date
    """The date whose price was used."""
    unit_prices: UnitPrices | None = None
    """None where the call is unpriced, or its price is of a form that these cannot say."""
    rates: Rates | None = None
    """None where no rate is set."""

    @property
    def brl(self) -> Decimal | None:
        """Brazilian reais by the rate of `rates.on`; None where either is unknown."""
        return None if self.usd is None or self.rates is None or self.rates.brl is None else self.usd * self.rates.brl

    @property
    def eur(self) -> Decimal | None:
        """Euros by the rate of `rates.on`; None where either is unknown."""
        return None if self.usd is None or self.rates is None or self.rates.eur is None else self.usd * self.rates.eur


def of_a_call(cost: Cost) -> Cost:
    """The cost, unpriced where it is above `MOST_USD`."""
    if cost.usd is None or cost.usd <= MOST_USD:
        return cost
    reason = f"no call costs more than {MOST_USD} USD: the usage reported cannot be right"
    return Cost("unpriced", None, reason, cost.priced_on)


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
    """Such as `gestante/triagem`, the assistant that answered; empty for a call without a prompt file."""
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
    message_at: datetime
    """When the message came, UTC: the same for all its calls, and what decides to which window it belongs."""
    serves: Serves
    prompt_tokens: int = 0
    """The part of `usage.input_tokens` that the prompt file takes, by its share of the characters sent: an estimate.
    What is left is context: her question, what was said before, the notes."""


class Ledger(Protocol):
    """Keeps what each call cost.

    1. Append-only and idempotent by `call_id`: a replay counts once.
    2. `record` returns after the entries are durable; all of one call are written together or not at all.
    3. `between` gives entries with `start <= at < end` in order of `at`, then `call_id`; naive times raise ValueError.
    4. Dollars come back as they went in; finer than a picodollar, or above `MOST_USD`, raises ValueError.
    5. Raises `StorageError` where the store cannot be written or read.
    """

    def record(self, entries: Iterable[LedgerEntry]) -> int:
        """How many entries were new."""

    def between(self, start: datetime, end: datetime) -> Sequence[LedgerEntry]:
        """The entries of a half-open window of time; for thousands of entries, `CostSums` for millions."""

    def ping(self) -> str:
        """A short description of the store that answered."""

"""What calls of one model cost: the most before one is made, and what it did afterwards.

Import this module late: it is asked twice a call, and so imports what it needs at once.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from evals.bounds import most_usage, most_usd, most_usd_at
from matria.costs.base import Cost, Tier, UnitPrices, Usage
from matria.costs.pricelist import bill
from matria.settings import ChatSettings
from models.assistant.base import ChatReply, ChatRequest
from models.assistant.failures import PaidAttempt

if TYPE_CHECKING:
    from flows.wiring import Platform

LONG = 100_000_000
"""Tokens that no price list has a step beyond."""


@dataclass(frozen=True)
class ModelBill:
    """See `evals.budgeted.Bill`: by the prices of the day, and as the ledger prices a reply."""

    platform: "Platform"
    settings: ChatSettings
    provider: str
    _flat: dict[tuple[str, str, Tier, date], UnitPrices | None] = field(default_factory=dict, repr=False, compare=False)
    """Prices of models whose tokens cost the same however many there are; None for others."""

    @property
    def is_billed(self) -> bool:
        """Whether anybody bills it."""
        return self.settings.kind != "simulator"

    def most(self, request: ChatRequest) -> Decimal | None:
        """The most that a request can cost."""
        usage = most_usage(request)
        if usage is None:
            return None
        known = self._unit_prices(request.model, "", usage.tier)
        if known is not None:
            return most_usd_at(usage, known)
        return most_usd(usage, lambda of: self._cost(request.model, "", of).usd)

    def cost(self, reply: ChatReply | PaidAttempt, model: str) -> Decimal | None:
        """What a reply cost, or an attempt that was not used."""
        if reply.usage is None or reply.usage.uncounted_tokens:
            return None
        known = self._unit_prices(model, reply.model_snapshot, reply.usage.tier)
        return self._cost(model, reply.model_snapshot, reply.usage).usd if known is None else bill(known, reply.usage)

    def _unit_prices(self, model: str, snapshot: str, tier: Tier) -> UnitPrices | None:
        """Prices of today that hold however many tokens there are, looked up once; None where none do."""
        key = (model, snapshot, tier, datetime.now(UTC).date())
        if key not in self._flat:
            short, long = (self._cost(model, snapshot, Usage(tokens, 1, tier=tier)).unit_prices for tokens in (1, LONG))
            self._flat[key] = short if short == long else None
        return self._flat[key]

    def _cost(self, model: str, snapshot: str, usage: Usage) -> Cost:
        on = datetime.now(UTC).date()
        return self.platform.prices.price(self.provider, model, usage, on, self._stand_in, snapshot=snapshot)

    @cached_property
    def _stand_in(self) -> str | None:
        return self.platform.stand_in_price(self.settings)

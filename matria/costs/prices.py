"""Usage in, US dollars out, by the price list that genai-prices carries for a date. The list is the bundled one and is
never refreshed over the network, so that the same usage on the same date costs the same in every run.

A model without a price is `unpriced`, never 0. Which model stands in for it (`priced_as`) is the caller's setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from matria.costs.base import Cost, Usage

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot

LISTED_PROVIDERS = frozenset({"openai", "azure"})
"""Our providers whose bill is the published one. A `compatible` endpoint may serve a model under any name at any
price, so its name is not looked up."""
_MILLION = 1_000_000


@dataclass(frozen=True)
class _Listed:
    """A price found: the dollars, and what was priced, such as `openai/gpt-4.1-mini`."""

    usd: Decimal
    model: str
    has_tiers: bool = False
    """Whether a token's price depends on how many there are."""


@dataclass(frozen=True)
class _Rates:
    """US dollars for a million tokens: of input that was not cached, of cached input, of output."""

    fresh: Decimal
    cached: Decimal
    output: Decimal
    model: str

    def listed(self, usage: Usage) -> _Listed:
        """The price of a call."""
        fresh = usage.input_tokens - usage.cached_tokens
        dollars = self.fresh * fresh + self.cached * usage.cached_tokens + self.output * usage.output_tokens
        return _Listed(dollars / _MILLION, self.model)


class Prices:
    """The price list of one installed genai-prices."""

    def __init__(self) -> None:
        self._loaded: tuple[DataSnapshot, str] | None = None
        self._rates: dict[tuple[str | None, str, date], _Rates | None] = {}

    @property
    def version(self) -> str:
        """Such as `genai-prices 0.2.3`; recorded with each cost."""
        return f"genai-prices {self._list()[1]}"

    def price(self, provider: str, model: str, usage: Usage, on: date, priced_as: str | None = None) -> Cost:
        """What `usage` cost on that date; `unpriced` where neither the model nor its stand-in has a price.

        `model` is best the snapshot that answered (`gpt-4.1-mini-2025-04-14`): on Azure the name asked for is a
        deployment, which no list knows. `priced_as` is a model, or `provider/model`. Prices change by whole days
        here: the noon (UTC) price of `on` is taken where a provider prices by the hour.
        """
        if not _adds_up(usage):
            return Cost("unpriced", None, f"{self.version}: the usage reported does not add up", on)
        if provider in LISTED_PROVIDERS and (listed := self._look_up(provider, model, usage, on)):
            return Cost("priced", listed.usd, f"{self.version} {listed.model}", on)
        if priced_as and (listed := self._look_up(*_reference(priced_as), usage, on)):
            return Cost("priced", listed.usd, f"{self.version} as if {listed.model}", on)
        return Cost("unpriced", None, f"{self.version}: no price for {provider}/{model}", on)

    def _look_up(self, provider: str | None, model: str, usage: Usage, on: date) -> _Listed | None:
        key = (provider, model, on)
        if key not in self._rates:
            self._rates[key] = self._flat_rates(provider, model, on)
        rates = self._rates[key]
        return self._calculated(provider, model, usage, on) if rates is None else rates.listed(usage)

    def _flat_rates(self, provider: str | None, model: str, on: date) -> _Rates | None:
        """What the list says of a million tokens of each kind; None where a price is unknown or has tiers.

        A call is priced a quarter of a millisecond sooner by these than by the list itself.
        """
        probes = [Usage(_MILLION, 0), Usage(_MILLION, 0, _MILLION), Usage(0, _MILLION), Usage(0, 0)]
        found = [self._calculated(provider, model, usage, on) for usage in probes]
        if any(listed is None or listed.has_tiers for listed in found):
            return None
        fresh, cached, output, nothing = (listed for listed in found if listed is not None)
        return None if nothing.usd else _Rates(fresh.usd, cached.usd, output.usd, fresh.model)

    def _calculated(self, provider: str | None, model: str, usage: Usage, on: date) -> _Listed | None:
        from genai_prices import Usage as ListUsage

        # `cache_read_tokens` is a part of `input_tokens` there as well; the list takes it out before it multiplies.
        tokens = ListUsage(
            input_tokens=usage.input_tokens,
            cache_read_tokens=usage.cached_tokens,
            output_tokens=usage.output_tokens,
        )
        noon = datetime.combine(on, time(12), UTC)
        try:
            found = self._list()[0].calc(tokens, model, provider, None, noon)
        except (LookupError, ValueError):  # unknown model or provider; a price that the list itself cannot apply
            return None
        charged = (
            (usage.input_tokens, found.model_price.input_mtok),
            (usage.output_tokens, found.model_price.output_mtok),
        )
        if any(count and price is None for count, price in charged):
            return None  # the list knows the model but not what it costs, and would say 0
        has_tiers = any(
            price is not None and not isinstance(price, Decimal) for price in vars(found.model_price).values()
        )
        return _Listed(found.total_price, f"{found.provider.id}/{found.model.id}", has_tiers)

    def _list(self) -> tuple[DataSnapshot, str]:
        if self._loaded is None:
            from genai_prices import __version__
            from genai_prices.data import providers
            from genai_prices.data_snapshot import DataSnapshot

            # A snapshot of our own: another library in this process may switch on genai-prices' updates for itself.
            self._loaded = DataSnapshot(providers=providers, from_auto_update=False), __version__
        return self._loaded


def _adds_up(usage: Usage) -> bool:
    return 0 <= usage.cached_tokens <= usage.input_tokens and 0 <= usage.reasoning_tokens <= usage.output_tokens


def _reference(priced_as: str) -> tuple[str | None, str]:
    provider, slash, model = priced_as.partition("/")
    return (provider, model) if slash else (None, priced_as)

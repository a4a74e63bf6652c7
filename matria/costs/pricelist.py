"""The price list that genai-prices carries for a date, as the installed version bundles it.

It is never refreshed over the network, so that the same usage on the same date costs the same in every run. Prices
change by whole days here: the noon (UTC) price of a day is taken where a provider prices by the hour.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from matria.costs.base import UnitPrices, Usage
from matria.costs.pricefile import to_picodollars

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot

_MILLION = 1_000_000


@dataclass(frozen=True)
class Listed:
    """A price found."""

    usd: Decimal
    unit_prices: UnitPrices | None
    """None where the list's price is of a form that these cannot say."""
    model: str
    """What was priced, such as `openai/gpt-4.1-mini`."""


@dataclass(frozen=True)
class _Calculated:
    """What the list itself makes of a usage."""

    usd: Decimal
    model: str
    prices: Any
    """The list's own object: an attribute for each kind of token, a number or one that rises with the input."""


@dataclass(frozen=True)
class _Flat:
    """What a million tokens of each kind cost by the list, for shorter and longer inputs."""

    starts: tuple[int, ...]
    """Past so many input tokens, other prices hold for the whole call."""
    prices: tuple[UnitPrices, ...]
    """Up to the first of `starts`, and past each of them."""
    model: str

    def at(self, input_tokens: int) -> UnitPrices:
        """The prices of a call with so many input tokens."""
        return self.prices[bisect_left(self.starts, input_tokens)]


class PriceList:
    """The list of one installed genai-prices."""

    def __init__(self) -> None:
        self._loaded: tuple[DataSnapshot, str] | None = None
        self._flat: dict[tuple[str | None, str, date], _Flat | None] = {}

    @property
    def version(self) -> str:
        """Such as `genai-prices 0.2.3`."""
        return f"genai-prices {self._list()[1]}"

    def price(self, provider: str | None, model: str, usage: Usage, on: date) -> Listed | None:
        """What the usage cost in the standard tier; None where the list does not say. Any provider's model for None."""
        key = (provider, model, on)
        if key not in self._flat:
            self._flat[key] = self._flat_prices(provider, model, on)
        if (flat := self._flat[key]) is not None:
            prices = flat.at(usage.input_tokens)
            return Listed(bill(prices, usage), prices, flat.model)
        found = self._calculated(provider, model, usage, on)
        return None if found is None else Listed(found.usd, None, found.model)

    def _flat_prices(self, provider: str | None, model: str, on: date) -> _Flat | None:
        """What the list says of a million tokens of each kind; None where a price is unknown, or is of another form.

        A call is priced a quarter of a millisecond sooner by these than by the list itself.
        """
        known, nothing = (self._calculated(provider, model, usage, on) for usage in (Usage(1, 1), Usage(0, 0)))
        if known is None or nothing is None or nothing.usd:
            return None
        starts = _starts(known.prices)
        flat = _Flat(starts, tuple(_unit_prices(known.prices, start + 1) for start in (0, *starts)), known.model)
        for start in (0, *starts):
            usage = Usage(start + 1000, 500, cached_tokens=300, cache_write_tokens=200)
            listed = self._calculated(provider, model, usage, on)
            ours = to_picodollars(bill(flat.at(usage.input_tokens), usage))
            if listed is None or to_picodollars(listed.usd) != ours:
                return None
        return flat

    def _calculated(self, provider: str | None, model: str, usage: Usage, on: date) -> _Calculated | None:
        from genai_prices import Usage as ListUsage

        # Cached tokens and those written are a part of `input_tokens` there as well; the list takes them out before it
        # multiplies.
        tokens = ListUsage(
            input_tokens=usage.input_tokens,
            cache_read_tokens=usage.cached_tokens,
            cache_write_tokens=usage.cache_write_tokens,
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
        return _Calculated(found.total_price, f"{found.provider.id}/{found.model.id}", found.model_price)

    def _list(self) -> tuple[DataSnapshot, str]:
        if self._loaded is None:
            from genai_prices import __version__
            from genai_prices.data import providers
            from genai_prices.data_snapshot import DataSnapshot

            # A snapshot of our own: another library in this process may switch on genai-prices' updates for itself.
            self._loaded = DataSnapshot(providers=providers, from_auto_update=False), __version__
        return self._loaded


def bill(prices: UnitPrices, usage: Usage) -> Decimal:
    """Dollars of a usage: each token once, by the kind that it is of."""
    fresh = usage.input_tokens - usage.cached_tokens - usage.cache_write_tokens
    counts = (
        (fresh, prices.input),
        (usage.cached_tokens, prices.cached),
        (usage.cache_write_tokens, prices.cache_write),
        (usage.output_tokens, prices.output),
    )
    return sum((count * price for count, price in counts if price is not None), Decimal(0)) / _MILLION


def _starts(prices: Any) -> tuple[int, ...]:
    rising = [price for price in vars(prices).values() if hasattr(price, "tiers")]
    return tuple(sorted({int(tier.start) for price in rising for tier in price.tiers}))


def _unit_prices(prices: Any, input_tokens: int) -> UnitPrices:
    """What each kind of token costs in a call with so many; a cached one without a price of its own as the input."""

    def at(price: Any) -> Decimal:
        if not hasattr(price, "tiers"):
            return to_picodollars(price)
        past = [tier.price for tier in price.tiers if input_tokens > tier.start]
        return to_picodollars(past[-1] if past else price.base)

    fresh = prices.input_mtok
    kinds = (prices.cache_read_mtok, prices.cache_write_mtok)
    cached, cache_write = (at(fresh if price is None else price) for price in kinds)
    return UnitPrices(at(fresh), cached, cache_write, at(prices.output_mtok))

"""Usage in, US dollars out: by `prices.yaml`, else by the price list that genai-prices carries for a date.

The list is the bundled one and is never refreshed over the network, so that the same usage on the same date costs the
same in every run.

A model without a price is `unpriced`, never 0, and so is a service tier of which nobody has said what it costs. Which
model stands in where the one that answered has no price (`priced_as`) is the caller's setting.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from matria.costs.base import Cost, Rates, Tier, UnitPrices, Usage
from matria.costs.pricefile import FILE_NAME, NO_PRICE_FILE, FilePrice, PriceFile, in_dollars, to_picodollars

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genai_prices.data_snapshot import DataSnapshot

LISTED_PROVIDERS = frozenset({"openai", "azure"})
"""Our providers whose bill is the published one. A `compatible` endpoint may serve a model under any name at any
price, so its name is not looked up."""
_MILLION = 1_000_000
_STANDARD = Decimal(1)
_TIERS: Mapping[Tier, Decimal] = {}


@dataclass(frozen=True)
class _Listed:
    """A price found: the dollars, and what was priced, such as `openai/gpt-4.1-mini`."""

    usd: Decimal
    model: str
    has_tiers: bool = False
    """Whether a token's price depends on how many there are."""


@dataclass(frozen=True)
class _Priced:
    """What a call costs in the standard tier."""

    usd: Decimal
    unit_prices: UnitPrices | None
    """None where a token's price depends on how many there are."""
    source: str
    tiers: Mapping[Tier, Decimal]


class Prices:
    """The prices of a file, and behind it the price list of one installed genai-prices."""

    def __init__(self, file: PriceFile = NO_PRICE_FILE) -> None:
        self.file = file
        self._loaded: tuple[DataSnapshot, str] | None = None
        self._flat: dict[tuple[str | None, str, date], tuple[UnitPrices, str] | None] = {}

    @property
    def version(self) -> str:
        """Such as `genai-prices 0.2.3`; recorded with each cost."""
        return f"genai-prices {self._list()[1]}"

    def rates(self, on: date) -> Rates | None:
        """The exchange rates of that day; None where none is set."""
        return self.file.rates.on(on)

    def price(
        self, provider: str, model: str, usage: Usage, on: date, priced_as: str | None = None, *, snapshot: str = ""
    ) -> Cost:
        """What `usage` cost on that date; `unpriced` where neither the model nor its stand-in has a price.

        `model` is the one asked for, on Azure a deployment, and `snapshot` the one that answered. The file goes by
        either name, the one asked for first, since a deployment may have a price of its own; the list by the snapshot
        first, which says what a deployment is. `priced_as` is a model, or `provider/model`. Prices change by whole days
        here: the noon (UTC) price of `on` is taken where a provider prices by the hour.
        """
        if not _adds_up(usage):
            return Cost("unpriced", None, "the usage reported does not add up", on)
        found = self._found(provider, model, snapshot, usage, on, priced_as)
        if isinstance(found, str):
            return Cost("unpriced", None, found, on)
        factor = _STANDARD if usage.tier == "standard" else found.tiers.get(usage.tier)
        if factor is None:
            return Cost("unpriced", None, f"no price for {provider}/{model} in the tier {usage.tier}", on)
        source = found.source if usage.tier == "standard" else f"{found.source}, {usage.tier}"
        unit_prices = None if found.unit_prices is None else _times(found.unit_prices, factor)
        usd = to_picodollars(found.usd * factor)
        return Cost("priced", usd, source, on, unit_prices, self.rates(on))

    def _found(
        self, provider: str, model: str, snapshot: str, usage: Usage, on: date, priced_as: str | None
    ) -> _Priced | str:
        """The price in the standard tier, or why there is none."""
        for name in dict.fromkeys((model, snapshot)):
            if (found := self._filed(f"{provider}/{name}", usage, on)) is not None:
                return found
        if provider in LISTED_PROVIDERS:
            for name in dict.fromkeys((snapshot or model, model)):
                if (listed := self._listed(provider, name, usage, on)) is not None:
                    return replace(listed, source=f"{self.version} {listed.source}")
        if priced_as:
            stand_in = self._filed(priced_as, usage, on)
            if isinstance(stand_in, _Priced):
                return replace(stand_in, source=f"as if {stand_in.source}")
            if (listed := self._listed(*_reference(priced_as), usage, on)) is not None:
                return replace(listed, source=f"{self.version} as if {listed.source}")
        return f"{self.version}: no price for {provider}/{model}"

    def _filed(self, name: str, usage: Usage, on: date) -> _Priced | str | None:
        """By the file, or why its price cannot be used; None where it has none for the model on that day."""
        provider = name.partition("/")[0]
        if (price := self.file.price_of(name, on)) is not None:
            return self._by_file(price, provider, usage, on)
        if (stands_for := self.file.aliases.get(name)) is None:
            return None
        if (price := self.file.price_of(stands_for, on)) is not None:
            return self._by_file(price, provider, usage, on)
        if (listed := self._listed(*_reference(stands_for), usage, on)) is None:
            return f"no price for {stands_for}, which {name} stands for by {FILE_NAME}"
        return replace(
            listed, source=f"{self.version} {listed.source}, which {name} is", tiers=self._tiers_of(provider, "")
        )

    def _by_file(self, price: FilePrice, provider: str, usage: Usage, on: date) -> _Priced | str:
        prices, source = price.prices, price.source
        if price.is_in_reais:
            rates = self.rates(on)
            converted = None if rates is None else in_dollars(prices, rates)
            if rates is None or converted is None:
                return f"{source}: the price is in reais, and {FILE_NAME} has no rate of {on} or before"
            prices, source = converted, f"{source}, at the rate of {rates.on}"
        if prices.input is None:
            return f"{source}: no price of tokens"
        tiers = {**self._tiers_of(provider, ""), **price.tiers}
        return _Priced(_bill(prices, usage), replace(prices, records=None), source, tiers)

    def _listed(self, provider: str | None, model: str, usage: Usage, on: date) -> _Priced | None:
        key = (provider, model, on)
        if key not in self._flat:
            self._flat[key] = self._flat_prices(provider, model, on)
        if (flat := self._flat[key]) is not None:
            prices, name = flat
            return _Priced(_bill(prices, usage), prices, name, self._tiers_of(provider, name))
        listed = self._calculated(provider, model, usage, on)
        return (
            None if listed is None else _Priced(listed.usd, None, listed.model, self._tiers_of(provider, listed.model))
        )

    def _tiers_of(self, provider: str | None, listed: str) -> Mapping[Tier, Decimal]:
        return self.file.tiers.get(provider or listed.partition("/")[0], _TIERS)

    def _flat_prices(self, provider: str | None, model: str, on: date) -> tuple[UnitPrices, str] | None:
        """What the list says of a million tokens of each kind; None where a price is unknown or has tiers.

        A call is priced a quarter of a millisecond sooner by these than by the list itself.
        """
        probes = [
            Usage(_MILLION, 0),
            Usage(_MILLION, 0, _MILLION),
            Usage(_MILLION, 0, cache_write_tokens=_MILLION),
            Usage(0, _MILLION),
            Usage(0, 0),
        ]
        found = [self._calculated(provider, model, usage, on) for usage in probes]
        if any(listed is None or listed.has_tiers for listed in found):
            return None
        name = found[0].model if found[0] else ""
        *kinds, nothing = (to_picodollars(listed.usd) for listed in found if listed is not None)
        return None if nothing else (UnitPrices(*kinds), name)

    def _calculated(self, provider: str | None, model: str, usage: Usage, on: date) -> _Listed | None:
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


def _bill(prices: UnitPrices, usage: Usage) -> Decimal:
    """Dollars of a usage: each token once, by the kind that it is of."""
    fresh = usage.input_tokens - usage.cached_tokens - usage.cache_write_tokens
    counts = (
        (fresh, prices.input),
        (usage.cached_tokens, prices.cached),
        (usage.cache_write_tokens, prices.cache_write),
        (usage.output_tokens, prices.output),
    )
    return sum((count * price for count, price in counts if price is not None), Decimal(0)) / _MILLION


def _times(prices: UnitPrices, factor: Decimal) -> UnitPrices:
    if factor == _STANDARD:
        return prices

    def of(price: Decimal | None) -> Decimal | None:
        return None if price is None else price * factor

    return UnitPrices(of(prices.input), of(prices.cached), of(prices.cache_write), of(prices.output))


def _adds_up(usage: Usage) -> bool:
    parts = (usage.cached_tokens, usage.cache_write_tokens, usage.reasoning_tokens, usage.output_tokens)
    is_within = usage.cached_tokens + usage.cache_write_tokens <= usage.input_tokens
    return min(parts) >= 0 and is_within and usage.reasoning_tokens <= usage.output_tokens


def _reference(priced_as: str) -> tuple[str | None, str]:
    provider, slash, model = priced_as.partition("/")
    return (provider, model) if slash else (None, priced_as)

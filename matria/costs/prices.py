"""Usage in, US dollars out: by `prices.yaml`, else by the price list that genai-prices carries for a date.

A model without a price is `unpriced`, never 0, and so is a service tier of which nobody has said what it costs. Which
model stands in where the one that answered has no price (`priced_as`) is the caller's setting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from matria.costs.base import Cost, Rates, Tier, UnitPrices, Usage
from matria.costs.pricefile import FILE_NAME, NO_PRICE_FILE, FilePrice, PriceFile, in_dollars, to_picodollars
from matria.costs.pricelist import PriceList, bill
from matria.costs.rates import age_days, is_old
from matria.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

LISTED_PROVIDERS = frozenset({"openai", "azure"})
"""Our providers whose bill is the published one. A `compatible` endpoint may serve a model under any name at any
price, so its name is not looked up."""
FINE_TUNED = "ft:"
"""How OpenAI's names of fine-tuned models begin; they have prices of their own."""
_DATED = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{4})")
_STANDARD = Decimal(1)
_TIERS: Mapping[Tier, Decimal] = {}


@dataclass(frozen=True)
class _Priced:
    """What a call costs in the standard tier."""

    usd: Decimal
    unit_prices: UnitPrices | None
    """None where the list's price is of a form that these cannot say."""
    source: str
    tiers: Mapping[Tier, Decimal]


class Prices:
    """The prices of a file, and behind it the price list of one installed genai-prices."""

    def __init__(self, file: PriceFile = NO_PRICE_FILE) -> None:
        self.file = file
        self._list = PriceList()

    @property
    def version(self) -> str:
        """Such as `genai-prices 0.2.3`; recorded with each cost."""
        return self._list.version

    def state(self, on: date, policy: Policy) -> str:
        """What is priced by, and of which day the exchange rates are."""
        own = len(self.file.prices) + len(self.file.aliases)
        rates = self.rates(on)
        if rates is None:
            return f"{self.version}; {own} models in {FILE_NAME}, and no exchange rate"
        age = f"{age_days(rates, on)} days old" + (
            f": add a newer one to {FILE_NAME}" if is_old(rates, on, policy) else ""
        )
        return f"{self.version}; {own} models in {FILE_NAME}; exchange rates of {rates.on}, {age}"

    def rates(self, on: date) -> Rates | None:
        """The exchange rates of that day; None where none is set."""
        return self.file.rates.on(on)

    def price(
        self, provider: str, model: str, usage: Usage, on: date, priced_as: str | None = None, *, snapshot: str = ""
    ) -> Cost:
        """What `usage` cost on that date; `unpriced` where neither the model nor its stand-in has a price.

        `model` is the one asked for, on Azure a deployment, and `snapshot` the one that answered. The file goes by
        either name, the one asked for first, since a deployment may have a price of its own; the list by the snapshot,
        which says what a deployment is. Where the list does not know it, the model asked for has its price only where
        the snapshot is OpenAI's, of that model and a date. `priced_as` is a model, or `provider/model`.
        """
        if (problem := _problem(usage)) is not None:
            return Cost("unpriced", None, problem, on)
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
        for name in _filed_names(model, snapshot):
            if (found := self._filed(f"{provider}/{name}", usage, on)) is not None:
                return found
        if provider in LISTED_PROVIDERS:
            for name in _listed_names(provider, model, snapshot):
                if (listed := self._listed(provider, name, usage, on)) is not None:
                    return replace(listed, source=f"{self.version} {listed.source}")
        if priced_as:
            stand_in = self._filed(priced_as, usage, on)
            if isinstance(stand_in, _Priced):
                return replace(stand_in, source=f"as if {stand_in.source}")
            if (listed := self._listed(*_reference(priced_as), usage, on)) is not None:
                return replace(listed, source=f"{self.version} as if {listed.source}")
        answered = f" ({snapshot} answered)" if snapshot and snapshot != model else ""
        return f"{self.version}: no price for {provider}/{model}{answered}"

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
        return _Priced(bill(prices, usage), replace(prices, records=None), source, tiers)

    def _listed(self, provider: str | None, model: str, usage: Usage, on: date) -> _Priced | None:
        listed = self._list.price(provider, model, usage, on)
        if listed is None:
            return None
        return _Priced(listed.usd, listed.unit_prices, listed.model, self._tiers_of(provider, listed.model))

    def _tiers_of(self, provider: str | None, listed: str) -> Mapping[Tier, Decimal]:
        return self.file.tiers.get(provider or listed.partition("/")[0], _TIERS)


def _times(prices: UnitPrices, factor: Decimal) -> UnitPrices:
    if factor == _STANDARD:
        return prices

    def of(price: Decimal | None) -> Decimal | None:
        return None if price is None else to_picodollars(price * factor)

    return UnitPrices(of(prices.input), of(prices.cached), of(prices.cache_write), of(prices.output))


def _problem(usage: Usage) -> str | None:
    """Why a usage cannot be multiplied with prices."""
    if usage.uncounted_tokens:
        return "the total reported is not the tokens of prompt and answer together"
    return None if _adds_up(usage) else "the usage reported does not add up"


def _adds_up(usage: Usage) -> bool:
    parts = (usage.cached_tokens, usage.cache_write_tokens, usage.reasoning_tokens, usage.output_tokens)
    is_within = usage.cached_tokens + usage.cache_write_tokens <= usage.input_tokens
    return min(parts) >= 0 and is_within and usage.reasoning_tokens <= usage.output_tokens


def _filed_names(model: str, snapshot: str) -> tuple[str, ...]:
    """A base model's price is not that of its fine-tuned ones."""
    if snapshot.startswith(FINE_TUNED) and not model.startswith(FINE_TUNED):
        return (snapshot,)
    return (model, snapshot)


def _listed_names(provider: str, model: str, snapshot: str) -> tuple[str, ...]:
    """A deployment may bear the name of a model that it no longer is."""
    if not snapshot:
        return (model,)
    is_of_model = snapshot.startswith(model) and _DATED.fullmatch(snapshot, len(model)) is not None
    return (snapshot, model) if provider != "azure" and is_of_model else (snapshot,)


def _reference(priced_as: str) -> tuple[str | None, str]:
    provider, slash, model = priced_as.partition("/")
    return (provider, model) if slash else (None, priced_as)

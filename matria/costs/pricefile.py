"""Prices that we know better than a public list: `prices.yaml`, read and checked.

It holds dated prices of private deployments and of models that no list carries, other names of listed models, what a
service tier costs beside the standard one, and exchange rates; each with where and when it was read. What is wrong with
the file is a sentence before anything is priced, so that no slip in it makes a call free.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from matria.costs.base import PICODOLLAR, Rates, Tier, UnitPrices
from matria.costs.rates import NO_RATES, DatedRates
from matria.errors import SettingsError
from matria.yamlfile import read_yaml, refuse_twice

FILE_NAME = "prices.yaml"
PROVIDERS = ("openai", "azure", "compatible", "simulator", "azure_content_safety")
"""Whom ledger entries name; a price of anybody else would never be found."""
_Amount = Annotated[Decimal, Field(ge=0, max_digits=24, decimal_places=12)]
_Rate = Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=10)]
_Factor = Annotated[Decimal, Field(ge=0, max_digits=10, decimal_places=6)]
_Name = Annotated[str, Field(pattern=r"^[^/\s]+/\S+$")]
"""`provider/model`, as ledger entries have them."""
_Text = Annotated[str, Field(min_length=1)]
_EURO_DIGITS = Decimal("1e-10")
_FINEST = -12
"""Exponent of a picodollar."""
_SPECIAL: tuple[Tier, ...] = ("batch", "flex", "priority")


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class _PerMillion(_Shape):
    input: _Amount
    output: _Amount
    cached: _Amount | None = None
    cache_write: _Amount | None = None


class _Factors(_Shape):
    batch: _Factor | None = None
    flex: _Factor | None = None
    priority: _Factor | None = None


class _Dated(_Shape):
    source: _Text
    read_on: date


class _Price(_Dated):
    since: date = Field(date.min, alias="from")
    until: date = date.max
    usd_per_million: _PerMillion | None = None
    brl_per_million: _PerMillion | None = None
    usd_per_1000_records: _Amount | None = None
    tiers: _Factors = _Factors()


class _Alias(_Shape):
    stands_for: _Name = Field(alias="as")


class _ProviderTiers(_Factors, _Dated):
    pass


class _Rates(_Shape):
    day: date
    source: _Text
    brl: _Rate | None = None
    usd_per_eur: _Rate | None = None


class _File(_Shape):
    tiers: dict[str, _ProviderTiers] = {}
    models: dict[_Name, list[_Price] | _Alias] = {}
    rates: list[_Rates] = []


@dataclass(frozen=True)
class FilePrice:
    """What one model costs on some days."""

    name: str
    """`provider/model`."""
    since: date
    until: date
    """The last day."""
    prices: UnitPrices
    """In the currency of the price; a kind of token without a price of its own has that of the input."""
    is_in_reais: bool
    tiers: Mapping[Tier, Decimal]
    source: str
    """As it goes into the ledger."""


@dataclass(frozen=True)
class PriceFile:
    """The file, ready to be looked up in."""

    prices: Mapping[str, tuple[FilePrice, ...]] = field(default_factory=dict)
    """By `provider/model`, in order of their days."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Which listed or filed model a private name stands for."""
    tiers: Mapping[str, Mapping[Tier, Decimal]] = field(default_factory=dict)
    """By provider: what a tier costs, the standard one being 1."""
    rates: DatedRates = NO_RATES

    def price_of(self, name: str, on: date) -> FilePrice | None:
        """The price of `provider/model` on that day; None where the file has none for it."""
        return next((price for price in self.prices.get(name, ()) if price.since <= on <= price.until), None)


NO_PRICE_FILE = PriceFile()


def load_price_file(path: Path) -> PriceFile:
    """The prices of the file; none where there is no such file. Raises `SettingsError` naming what is wrong in it."""
    if not path.exists():
        return NO_PRICE_FILE
    content = read_yaml(path, SettingsError)
    refuse_twice(path.read_text(encoding="utf-8-sig"), str(path), SettingsError)
    return price_file(content, str(path))


def price_file(content: Any, name: str = FILE_NAME) -> PriceFile:
    """The prices of what a file holds. Raises `SettingsError`."""
    try:
        shape = _File.model_validate({} if content is None else content)
    except ValidationError as error:
        raise SettingsError(f"{name} {_problem(error)}.") from error
    _refuse_strangers((*shape.models, *(f"{provider}/" for provider in shape.tiers)), name)
    prices = {
        model: _in_order(model, (_file_price(model, one, name) for one in given), name)
        for model, given in shape.models.items()
        if isinstance(given, list)
    }
    aliases = {model: given.stands_for for model, given in shape.models.items() if isinstance(given, _Alias)}
    for model, stands_for in aliases.items():
        if stands_for in aliases:
            raise SettingsError(f"{name}: {model} stands for {stands_for}, an alias itself; name the model itself.")
    tiers = {provider: _factors(given) for provider, given in shape.tiers.items()}
    return PriceFile(prices, aliases, tiers, DatedRates(_rates(shape.rates, name)))


def _refuse_strangers(models: Iterable[str], name: str) -> None:
    for model in models:
        provider = model.partition("/")[0]
        if provider not in PROVIDERS:
            raise SettingsError(f"{name}: no call is made to '{provider}' ({model}); name {', '.join(PROVIDERS)}.")


def _file_price(model: str, given: _Price, name: str) -> FilePrice:
    tokens = given.usd_per_million or given.brl_per_million
    if given.usd_per_million and given.brl_per_million:
        raise SettingsError(f"{name}: {model} has a price in dollars and one in reais; leave the one that is billed.")
    if tokens is None and given.usd_per_1000_records is None:
        raise SettingsError(
            f"{name}: {model} has no price; give usd_per_million, brl_per_million or a price of records."
        )
    if given.until < given.since:
        raise SettingsError(f"{name}: {model} has a price until {given.until}, before its first day; correct the days.")
    since = "" if given.since == date.min else f" from {given.since}"
    return FilePrice(
        model,
        given.since,
        given.until,
        _unit_prices(tokens, given.usd_per_1000_records),
        given.brl_per_million is not None,
        _factors(given.tiers),
        f"{FILE_NAME} {model}{since}, read {given.read_on}",
    )


def _unit_prices(tokens: _PerMillion | None, records: Decimal | None) -> UnitPrices:
    if tokens is None:
        return UnitPrices(records=records)
    cached = tokens.input if tokens.cached is None else tokens.cached
    cache_write = tokens.input if tokens.cache_write is None else tokens.cache_write
    return UnitPrices(tokens.input, cached, cache_write, tokens.output, records)


def _factors(given: _Factors) -> dict[Tier, Decimal]:
    return {tier: factor for tier in _SPECIAL if (factor := getattr(given, tier)) is not None}


def _in_order(model: str, prices: Iterable[FilePrice], name: str) -> tuple[FilePrice, ...]:
    """The prices by their days; one without a last day ends where the next begins. A day has one price."""
    ordered = sorted(prices, key=lambda price: price.since)
    if not ordered:
        raise SettingsError(f"{name}: {model} has no price; give one, or leave the model out.")
    for place, (before, after) in enumerate(pairwise(ordered)):
        last = after.since if after.since == date.min else after.since - timedelta(days=1)
        if before.since == after.since or date.max > before.until > last:
            raise SettingsError(f"{name}: {model} has two prices on {after.since}; correct the days of one.")
        ordered[place] = replace(before, until=min(before.until, last))
    return tuple(ordered)


def _rates(given: Iterable[_Rates], name: str) -> list[Rates]:
    rates: dict[date, Rates] = {}
    for one in given:
        if one.day in rates:
            raise SettingsError(f"{name}: there are two rates of {one.day}; leave one.")
        if one.brl is None and one.usd_per_eur is None:
            raise SettingsError(f"{name}: the rate of {one.day} gives neither brl nor usd_per_eur; give one.")
        eur = None if one.usd_per_eur is None else (1 / one.usd_per_eur).quantize(_EURO_DIGITS)
        rates[one.day] = Rates(one.day, one.brl, eur, one.source)
    return sorted(rates.values(), key=lambda one: one.on)


def in_dollars(prices: UnitPrices, rates: Rates) -> UnitPrices | None:
    """Prices in reais as dollars of that rate, to a picodollar; None where the rate has no reais."""
    if rates.brl is None:
        return None
    brl = rates.brl

    def of(price: Decimal | None) -> Decimal | None:
        return None if price is None else to_picodollars(price / brl)

    return UnitPrices(of(prices.input), of(prices.cached), of(prices.cache_write), of(prices.output), prices.records)


def to_picodollars(usd: Decimal) -> Decimal:
    """The dollars, rounded to the nearest picodollar where they are finer."""
    exponent = usd.as_tuple().exponent
    return usd if isinstance(exponent, int) and exponent >= _FINEST else usd.quantize(PICODOLLAR)


def _problem(error: ValidationError) -> str:
    """The first problem with its place, without the union's branches that pydantic puts in between."""
    problems = error.errors(include_url=False)
    first = max(problems, key=lambda one: len(one["loc"]))
    place = " > ".join(str(part) for part in first["loc"] if not str(part).startswith(("list[", "_")))
    return f"({place or 'the file'}): {first['msg']}; correct it"

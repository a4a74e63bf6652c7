"""The price file: dated prices, other names, tiers and rates; a slip in it is a sentence and never a price of 0."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from matria import PROJECT_ROOT
from matria.costs.base import PICODOLLAR, Usage
from matria.costs.pricefile import FILE_NAME, PriceFile, load_price_file, price_file
from matria.costs.prices import Prices
from matria.costs.rates import DatedRates, age_days, is_old
from matria.costs.records import RecordPrices
from matria.errors import SettingsError
from matria.policy import load_policy

TODAY = date(2026, 11, 20)
USAGE = Usage(1000, 200, cached_tokens=400)
READ = {"source": "contract 12", "read_on": date(2026, 11, 1)}
RATE = {"day": date(2026, 11, 18), "brl": "5.00", "usd_per_eur": "1.25", "source": "a bank"}


def priced(**usd: Any) -> dict[str, Any]:
    return {"usd_per_million": {"input": 2, "output": 8, **usd}, **READ}


def file_of(**content: Any) -> PriceFile:
    return price_file(content)


def test_a_filed_price_goes_before_the_list() -> None:
    """A contract at half: 600 x 0.20 + 400 x 0.05 + 200 x 0.80 = 120 + 20 + 160 = 300 millionths."""
    own = priced(input="0.20", cached="0.05", output="0.80")
    cost = Prices(file_of(models={"openai/gpt-4.1-mini": [own]})).price("openai", "gpt-4.1-mini", USAGE, TODAY)
    assert cost.usd == Decimal("0.0003")
    assert cost.price_source == "prices.yaml openai/gpt-4.1-mini, read 2026-11-01"
    assert cost.unit_prices is not None
    assert cost.unit_prices.cached == Decimal("0.05")


def test_a_deployment_s_own_price_goes_before_that_of_the_snapshot_that_answered() -> None:
    prices = Prices(file_of(models={"azure/our-deployment": [priced()]}))
    cost = prices.price("azure", "our-deployment", Usage(1000, 200), TODAY, snapshot="gpt-4.1-mini-2025-04-14")
    assert cost.usd == Decimal("0.0036")  # 1000 x 2 + 200 x 8 = 3600 millionths; by the list it would be 720


def test_a_price_of_the_snapshot_holds_where_the_name_asked_for_has_none() -> None:
    prices = Prices(file_of(models={"azure/gpt-4.1-mini-2025-04-14": [priced()]}))
    cost = prices.price("azure", "our-deployment", Usage(1000, 200), TODAY, snapshot="gpt-4.1-mini-2025-04-14")
    assert cost.usd == Decimal("0.0036")


def test_a_price_holds_from_its_first_day_to_its_last_and_the_list_on_other_days() -> None:
    first = {"from": date(2026, 1, 1), **priced(input=1, output=1)}
    second = {"from": date(2026, 6, 1), "until": date(2026, 6, 30), **priced(input=3, output=3)}
    prices = Prices(file_of(models={"openai/gpt-4.1-mini": [second, first]}))
    found = [
        prices.price("openai", "gpt-4.1-mini", Usage(1_000_000, 0), day).usd
        for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 5, 31), date(2026, 6, 1), date(2026, 6, 30))
    ]
    assert found == [Decimal("0.4"), 1, 1, 3, 3]
    assert prices.price("openai", "gpt-4.1-mini", Usage(1_000_000, 0), date(2026, 7, 1)).usd == Decimal("0.4")


def test_a_kind_of_token_without_a_price_of_its_own_costs_what_the_input_costs() -> None:
    cost = Prices(file_of(models={"compatible/m": [priced()]})).price(
        "compatible", "m", Usage(1000, 0, cached_tokens=300, cache_write_tokens=200), TODAY
    )
    assert cost.usd == Decimal("0.002")
    assert cost.unit_prices is not None
    assert (cost.unit_prices.cached, cost.unit_prices.cache_write) == (2, 2)


def test_a_model_of_our_own_is_free_where_the_file_says_so_and_unpriced_where_it_does_not() -> None:
    prices = Prices(file_of(models={"compatible/llama3.2": [priced(input=0, output=0)]}))
    free = prices.price("compatible", "llama3.2", USAGE, TODAY)
    assert (free.state, free.usd) == ("priced", 0)
    assert prices.price("compatible", "llama3.3", USAGE, TODAY).state == "unpriced"


def test_another_name_of_a_listed_model_has_its_price_under_its_own_name() -> None:
    prices = Prices(file_of(models={"azure/our-deployment": {"as": "openai/gpt-4.1-mini"}}))
    cost = prices.price("azure", "our-deployment", USAGE, TODAY)
    assert cost.usd == Decimal("0.0006")
    assert cost.price_source.endswith("openai/gpt-4.1-mini, which azure/our-deployment is")


def test_another_name_of_a_model_that_nobody_knows_is_unpriced_whatever_answered() -> None:
    prices = Prices(file_of(models={"azure/our-deployment": {"as": "openai/gpt-of-tomorrow"}}))
    cost = prices.price("azure", "our-deployment", USAGE, TODAY, snapshot="gpt-4.1-mini")
    assert (cost.state, cost.usd) == ("unpriced", None)
    assert "azure/our-deployment stands for by prices.yaml" in cost.price_source


def test_a_tier_costs_its_factor_of_the_provider_or_of_the_price_itself() -> None:
    of_openai = {"openai": {"batch": "0.5", **READ}}
    own = {**priced(), "tiers": {"batch": "0.25"}}
    prices = Prices(file_of(tiers=of_openai, models={"openai/ours": [own]}))
    batch = Usage(1_000_000, 0, tier="batch")
    halved = prices.price("openai", "gpt-4.1-mini", batch, TODAY)
    assert (halved.usd, halved.unit_prices and halved.unit_prices.input) == (Decimal("0.2"), Decimal("0.2"))
    assert halved.price_source.endswith("openai/gpt-4.1-mini, batch")
    assert prices.price("openai", "ours", batch, TODAY).usd == Decimal("0.5")


@pytest.mark.parametrize("tier", ["batch", "flex", "priority", "other"])
def test_a_tier_of_which_nobody_said_what_it_costs_is_unpriced(tier: Any) -> None:
    cost = Prices().price("openai", "gpt-4.1-mini", Usage(10, 10, tier=tier), TODAY)
    assert (cost.state, cost.usd) == ("unpriced", None)
    assert tier in cost.price_source


def test_a_price_in_reais_is_converted_at_the_rate_of_the_day() -> None:
    """5 and 10 reais a million at 5.00 to the dollar are 1 and 2 dollars: 1000 x 1 + 200 x 2 = 1400 millionths."""
    own = {"brl_per_million": {"input": 5, "output": 10}, **READ}
    prices = Prices(file_of(models={"compatible/sabia": [own]}, rates=[RATE]))
    cost = prices.price("compatible", "sabia", Usage(1000, 200), TODAY)
    assert (cost.usd, cost.brl) == (Decimal("0.0014"), Decimal("0.007"))
    before = prices.price("compatible", "sabia", Usage(1000, 200), date(2026, 11, 17))
    assert (before.state, before.usd) == ("unpriced", None)
    assert "no rate of 2026-11-17 or before" in before.price_source


def test_a_converted_price_is_kept_to_a_picodollar() -> None:
    own = {"brl_per_million": {"input": 1, "output": 1}, **READ}
    prices = Prices(file_of(models={"compatible/m": [own]}, rates=[{**RATE, "brl": "6.1923"}]))
    cost = prices.price("compatible", "m", Usage(7, 3), TODAY)
    assert cost.usd is not None
    assert cost.usd == cost.usd.quantize(PICODOLLAR) == (Decimal(10) / Decimal("6.1923") / 10**6).quantize(PICODOLLAR)


def test_a_cost_carries_the_newest_rate_that_is_not_after_its_day() -> None:
    rates = [{**RATE, "day": date(2026, 11, day), "brl": day} for day in (10, 18, 21)]
    prices = Prices(file_of(rates=rates))
    cost = prices.price("openai", "gpt-4.1-mini", Usage(1_000_000, 0), TODAY)
    assert cost.rates is not None
    assert (cost.rates.on, cost.rates.brl, cost.rates.eur) == (date(2026, 11, 18), 18, Decimal("0.8"))
    assert (cost.brl, cost.eur) == (Decimal("7.2"), Decimal("0.32"))


def test_without_a_rate_another_currency_is_unknown_and_never_one_to_one() -> None:
    cost = Prices().price("openai", "gpt-4.1-mini", USAGE, TODAY)
    assert (cost.rates, cost.brl, cost.eur) == (None, None, None)
    assert DatedRates().on(TODAY) is None


def test_a_rate_is_old_after_the_days_of_the_policy() -> None:
    rates = file_of(rates=[RATE]).rates.on(TODAY)
    policy = load_policy(PROJECT_ROOT / "policy.yaml")
    assert rates is not None
    assert age_days(rates, TODAY) == 2
    assert [is_old(rates, day, policy) for day in (date(2026, 12, 23), date(2026, 12, 24))] == [False, True]


def test_a_rail_s_records_go_by_the_file_before_the_setting() -> None:
    """0.38 a thousand: 3 records are 0.00114."""
    filed = file_of(models={"azure_content_safety/content_safety": [{"usd_per_1000_records": "0.38", **READ}]})
    prices = RecordPrices({"content_safety": Decimal(9), "prompt_shield": Decimal(1)}, "set", file=filed)
    cost = prices.price("content_safety", 3, TODAY)
    assert (cost.usd, cost.unit_prices and cost.unit_prices.records) == (Decimal("0.00114"), Decimal("0.38"))
    assert prices.price("prompt_shield", 3, TODAY).usd == Decimal("0.003")
    assert RecordPrices(file=filed).price("groundedness", 3, TODAY).state == "unpriced"


TWICE = [{"from": date(2026, 1, 1), "until": date(2026, 6, 1), **priced()}, {"from": date(2026, 6, 1), **priced()}]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"model": {}}, "model"),
        ({"models": {"gpt-4.1-mini": [priced()]}}, "gpt-4.1-mini"),
        ({"models": {"openai/m": []}}, "openai/m has no price"),
        ({"models": {"openai/m": [READ]}}, "openai/m has no price"),
        ({"models": {"openai/m": [{"usd_per_million": {"input": 1, "output": 1}}]}}, "source"),
        ({"models": {"openai/m": [{"usd_per_million": {"input": 1}, **READ}]}}, "output"),
        ({"models": {"openai/m": [priced(input=-1)]}}, "input"),
        ({"models": {"openai/m": [priced(input="0,40")]}}, "input"),
        ({"models": {"openai/m": [priced(input=True)]}}, "input"),
        ({"models": {"openai/m": [priced(input="NaN")]}}, "input"),
        ({"models": {"openai/m": [priced(inputs=1)]}}, "inputs"),
        ({"models": {"openai/m": [{**priced(), "tiers": {"bacth": 1}}]}}, "bacth"),
        ({"models": {"openai/m": [{"from": "soon", **priced()}]}}, "from"),
        ({"models": {"openai/m": [{**priced(), "from": TODAY, "until": date(2026, 1, 1)}]}}, "before its first day"),
        ({"models": {"openai/m": TWICE}}, "two prices on 2026-06-01"),
        ({"models": {"openai/m": [priced(), priced()]}}, "two prices"),
        ({"models": {"openai/m": [{**priced(), "brl_per_million": {"input": 1, "output": 1}}]}}, "in reais"),
        ({"models": {"azure/b": {"as": "azure/d"}, "azure/d": {"as": "openai/f"}}}, "an alias itself"),
        ({"models": {"azure/b": {"as": "c"}}}, "as"),
        ({"models": {"azur/b": {"as": "openai/c"}}}, "no call is made to 'azur'"),
        ({"tiers": {"open-ai": {"batch": 0.5, **READ}}}, "no call is made to 'open-ai'"),
        ({"tiers": {"openai": {"batch": 0.5}}}, "source"),
        ({"rates": [RATE, RATE]}, "two rates of 2026-11-18"),
        ({"rates": [{"day": TODAY, "source": "s"}]}, "neither brl nor usd_per_eur"),
        ({"rates": [{**RATE, "brl": 0}]}, "brl"),
        (["models"], "the file"),
    ],
)
def test_a_slip_in_the_file_is_said_with_its_place(tmp_path: Path, content: Any, says: str) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_price_file(path)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_model_that_stands_twice_is_a_slip_and_not_the_last_one(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text("models:\n  azure/m: {as: openai/gpt-4.1}\n  azure/m: {as: openai/gpt-4.1-nano}\n")
    with pytest.raises(SettingsError, match="line 3: 'azure/m' stands there a second time"):
        load_price_file(path)


def test_a_checkout_without_a_price_file_prices_by_the_list(tmp_path: Path) -> None:
    prices = Prices(load_price_file(tmp_path / FILE_NAME))
    assert prices.price("openai", "gpt-4.1-mini", USAGE, TODAY).usd == Decimal("0.0006")


def test_the_file_of_the_checkout_halves_batch_and_flex_and_has_a_dated_rate() -> None:
    """On 31 December 2024 a dollar was 6.1923 reais (PTAX, sell), and a euro 1.0389 dollars (ECB)."""
    prices = Prices(load_price_file(PROJECT_ROOT / FILE_NAME))
    for provider, tier in (("openai", "batch"), ("openai", "flex"), ("azure", "batch"), ("azure", "flex")):
        usage = Usage(1000, 200, cached_tokens=400, tier=tier)  # type: ignore[arg-type]
        assert prices.price(provider, "gpt-5-mini", usage, TODAY).usd == Decimal("0.00028")
    rates = prices.rates(date(2025, 1, 2))
    assert rates is not None
    assert (rates.on, rates.brl, rates.eur) == (date(2024, 12, 31), Decimal("6.1923"), Decimal("0.9625565502"))


def test_the_state_says_how_old_the_rate_is_and_what_to_do() -> None:
    policy = load_policy(PROJECT_ROOT / "policy.yaml")
    prices = Prices(file_of(models={"azure/b": {"as": "openai/gpt-4.1-mini"}}, rates=[RATE]))
    assert prices.state(TODAY, policy).endswith("1 models in prices.yaml; exchange rates of 2026-11-18, 2 days old")
    assert prices.state(date(2027, 11, 18), policy).endswith("365 days old: add a newer one to prices.yaml")
    assert Prices().state(TODAY, policy).endswith("0 models in prices.yaml, and no exchange rate")


def test_the_example_of_the_reference_is_a_file_that_prices_as_it_says() -> None:
    page = (PROJECT_ROOT / "docs" / "reference" / "prices.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    file = price_file(yaml.safe_load(example))
    exec(code, {"file": file})
    prices = Prices(file)
    assert prices.price("azure", "our-deployment", USAGE, TODAY).usd == Decimal("0.0006")
    assert prices.price("compatible", "llama3.2", USAGE, TODAY).usd == 0
    sabia = prices.price("compatible", "sabia-example", USAGE, TODAY)
    assert sabia.brl is not None
    assert abs(sabia.brl - Decimal("0.007")) < Decimal("1e-10")  # 1000 x 5 + 200 x 10 = 7000 millionths of a real

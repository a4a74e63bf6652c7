"""Bills computed by hand from the published prices of each day, in US dollars per million tokens."""

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matria.costs.base import PICODOLLAR, Tier, Usage
from matria.costs.pricefile import price_file
from matria.costs.prices import Prices

TODAY = date(2026, 11, 20)
PRICES = Prices()


@pytest.mark.parametrize(
    ("provider", "model", "usage", "bill"),
    [
        # gpt-4.1-mini: 0.40 in, 0.10 cached, 1.60 out. 1000 x 0.40 + 200 x 1.60 = 720 millionths
        ("openai", "gpt-4.1-mini", Usage(1000, 200), "0.00072"),
        # 600 x 0.40 + 400 x 0.10 + 200 x 1.60 = 240 + 40 + 320 = 600
        ("openai", "gpt-4.1-mini", Usage(1000, 200, cached_tokens=400), "0.0006"),
        # a dated snapshot has its family's price
        ("openai", "gpt-4.1-mini-2025-04-14", Usage(1000, 200, cached_tokens=400), "0.0006"),
        # the same model on Azure, by the snapshot that the reply names
        ("azure", "gpt-4.1-mini-2025-04-14", Usage(1000, 200, cached_tokens=400), "0.0006"),
        # wholly cached: 1000 x 0.10 + 0
        ("openai", "gpt-4.1-mini", Usage(1000, 0, cached_tokens=1000), "0.0001"),
        # gpt-4o: 2.50 in, 1.25 cached, 10 out. 600 x 2.5 + 400 x 1.25 + 100 x 10 = 1500 + 500 + 1000 = 3000
        ("azure", "gpt-4o", Usage(1000, 100, cached_tokens=400), "0.003"),
        # gpt-4o-mini: 0.15, 0.075, 0.60. 600 x 0.15 + 400 x 0.075 + 100 x 0.6 = 90 + 30 + 60 = 180
        ("azure", "gpt-4o-mini-2024-07-18", Usage(1000, 100, cached_tokens=400), "0.00018"),
        # o4-mini: 1.10 in, 4.40 out; reasoning is inside the output. 1000 x 1.1 + 500 x 4.4 = 1100 + 2200 = 3300
        ("openai", "o4-mini", Usage(1000, 500, reasoning_tokens=400), "0.0033"),
        # nothing used costs nothing, and that is a price
        ("openai", "gpt-4.1-mini", Usage(0, 0), "0"),
    ],
)
def test_a_bill_is_what_a_hand_computes(provider: str, model: str, usage: Usage, bill: str) -> None:
    cost = PRICES.price(provider, model, usage, TODAY)
    assert cost.state == "priced"
    assert cost.usd == Decimal(bill)
    assert cost.priced_on == TODAY


def test_the_price_of_the_day_is_taken() -> None:
    """o3 cost 10 and 40 dollars a million until 10 June 2025, and 2 and 8 from then on."""
    usage = Usage(1000, 1000)
    assert PRICES.price("openai", "o3", usage, date(2025, 6, 1)).usd == Decimal("0.05")
    assert PRICES.price("openai", "o3", usage, date(2025, 6, 20)).usd == Decimal("0.01")


def test_the_source_names_the_list_and_the_model_priced() -> None:
    source = PRICES.price("azure", "gpt-4.1-mini-2025-04-14", Usage(1, 1), TODAY).price_source
    assert source == f"{PRICES.version} azure/gpt-4.1-mini"
    assert PRICES.version.startswith("genai-prices ")


def test_a_stand_in_says_as_if() -> None:
    cost = PRICES.price("simulator", "simulator-1", Usage(1000, 200), TODAY, priced_as="gpt-4.1-mini")
    assert cost.usd == Decimal("0.00072")
    assert cost.price_source == f"{PRICES.version} as if openai/gpt-4.1-mini"


def test_a_stand_in_may_name_its_provider() -> None:
    cost = PRICES.price("azure", "our-deployment", Usage(1000, 200), TODAY, priced_as="azure/gpt-4.1-mini")
    assert cost.price_source.endswith("as if azure/gpt-4.1-mini")


def test_a_price_of_its_own_goes_before_a_stand_in() -> None:
    cost = PRICES.price("openai", "gpt-4o", Usage(1000, 0), TODAY, priced_as="gpt-4.1-mini")
    assert cost.usd == Decimal("0.0025")


@pytest.mark.parametrize(
    ("provider", "model", "priced_as"),
    [
        ("simulator", "simulator-1", None),
        ("azure", "our-deployment", None),
        ("openai", "gpt-4.1-mini-of-tomorrow", None),
        ("compatible", "gpt-4.1-mini", None),
        ("nobody", "nothing", "no-such-model"),
        ("nobody", "nothing", "no-such-provider/gpt-4.1-mini"),
        ("openai", "", None),
    ],
)
def test_an_unknown_price_is_a_state_and_never_zero(provider: str, model: str, priced_as: str | None) -> None:
    cost = PRICES.price(provider, model, Usage(1000, 200), TODAY, priced_as)
    assert (cost.state, cost.usd) == ("unpriced", None)
    assert f"no price for {provider}/{model}" in cost.price_source


@pytest.mark.parametrize(
    ("provider", "asked", "snapshot"),
    [
        ("azure", "gpt-4", "gpt-4.1-of-tomorrow"),  # a deployment may be named after a model that it no longer is
        ("azure", "gpt-4o", "gpt-4o-2099-01-01"),
        ("openai", "gpt-4.1", "ft:gpt-4.1-2025-04-14:clinic::abc"),
        ("openai", "gpt-4.1", "gpt-4.1-ultra"),
        ("openai", "gpt-4o", "gpt-6-pro-2099-01-01"),
    ],
)
def test_the_name_asked_for_does_not_price_another_model(provider: str, asked: str, snapshot: str) -> None:
    cost = PRICES.price(provider, asked, Usage(1000, 200), TODAY, snapshot=snapshot)
    assert (cost.state, cost.usd) == ("unpriced", None)
    assert f"{provider}/{asked} ({snapshot} answered)" in cost.price_source


def test_a_new_date_of_the_model_asked_for_has_its_price() -> None:
    cost = PRICES.price("openai", "gpt-4.1-mini", Usage(1000, 200), TODAY, snapshot="gpt-4.1-mini-2099-01-01")
    assert cost.usd == Decimal("0.00072")


def test_what_the_file_says_of_a_deployment_holds_whatever_answers() -> None:
    prices = Prices(price_file({"models": {"azure/gpt-4": {"as": "openai/gpt-4.1-mini"}}}))
    assert prices.price("azure", "gpt-4", Usage(1000, 200), TODAY, snapshot="gpt-4.1-of-tomorrow").usd == Decimal(
        "0.00072"
    )


def test_a_fine_tuned_model_does_not_have_the_file_s_price_of_its_base() -> None:
    dated = {"usd_per_million": {"input": 1, "output": 1}, "source": "s", "read_on": TODAY}
    prices = Prices(price_file({"models": {"openai/gpt-4.1": [dated]}}))
    assert prices.price("openai", "gpt-4.1", Usage(1, 1), TODAY, snapshot="ft:gpt-4.1:a::b").state == "unpriced"
    assert prices.price("openai", "gpt-4.1", Usage(1, 1), TODAY, snapshot="gpt-4.1-2025-04-14").state == "priced"


@pytest.mark.parametrize(
    "usage", [Usage(10, 5, cached_tokens=11), Usage(10, 5, reasoning_tokens=6), Usage(-1, 5), Usage(1, -5)]
)
def test_a_usage_that_does_not_add_up_is_unpriced(usage: Usage) -> None:
    cost = PRICES.price("openai", "gpt-4.1-mini", usage, TODAY)
    assert (cost.state, cost.usd) == ("unpriced", None)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_cached_tokens_are_never_counted_twice(uncached: int, cached: int, out: int) -> None:
    """gpt-4.1-mini, in ten-millionths of a dollar: 4, 1 and 16 a token."""
    usage = Usage(uncached + cached, out, cached_tokens=cached)
    cost = PRICES.price("openai", "gpt-4.1-mini", usage, TODAY)
    assert cost.usd == Decimal(uncached * 4 + cached * 1 + out * 16) / Decimal(10**7)


def test_another_librarys_price_update_changes_nothing() -> None:
    from genai_prices.data_snapshot import DataSnapshot, set_custom_snapshot

    set_custom_snapshot(DataSnapshot(providers=[], from_auto_update=True))
    try:
        assert Prices().price("openai", "gpt-4.1-mini", Usage(1000, 200), TODAY).usd == Decimal("0.00072")
    finally:
        set_custom_snapshot(None)


def test_pricing_opens_no_connection() -> None:
    script = """
import sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise AssertionError(event)
sys.addaudithook(refuse)
from datetime import UTC, date, datetime
from matria.costs.base import Usage
from matria.costs.prices import Prices
print(Prices().price("openai", "gpt-4.1-mini", Usage(1000, 200), date(2026, 11, 20)).usd)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "0.00072"


def test_rates_give_what_the_list_gives_for_models_of_every_provider() -> None:
    from genai_prices import Usage as ListUsage
    from genai_prices.data import providers
    from genai_prices.data_snapshot import DataSnapshot

    snapshot = DataSnapshot(providers=providers, from_auto_update=False)
    prices, noon = Prices(), datetime(2026, 11, 1, 12, tzinfo=UTC)
    compared = 0
    for provider in providers:
        for model in provider.models[::4]:
            for usage in (Usage(1_234, 567), Usage(1_234, 567, 1_000), Usage(300_001, 1)):
                mine = prices.price("openai", "no-such-model", usage, noon.date(), f"{provider.id}/{model.id}")
                tokens = ListUsage(
                    input_tokens=usage.input_tokens,
                    cache_read_tokens=usage.cached_tokens,
                    output_tokens=usage.output_tokens,
                )
                try:
                    theirs = snapshot.calc(tokens, model.id, provider.id, None, noon).total_price
                except (LookupError, ValueError):
                    assert mine.state == "unpriced"
                    continue
                if mine.usd is not None:
                    compared += 1
                    assert abs(mine.usd - theirs) <= PICODOLLAR / 2, (provider.id, model.id, usage)
    assert compared > 200


@given(
    st.sampled_from(["gpt-4.1-mini", "gpt-5-mini", "gpt-5.6-luna", "gpt-6-sol"]),
    st.sampled_from(["standard", "batch", "flex"]),
    st.tuples(*[st.integers(0, 400_000)] * 4),
)
def test_a_cost_is_the_usage_times_its_unit_prices_to_the_last_picodollar(
    model: str, tier: Tier, tokens: tuple[int, int, int, int]
) -> None:
    fresh, cached, written, output = tokens
    usage = Usage(fresh + cached + written, output, cached, cache_write_tokens=written, tier=tier)
    halves = price_file({"tiers": {"openai": {"batch": 0.5, "flex": 0.5, "source": "s", "read_on": TODAY}}})
    cost = Prices(halves).price("openai", model, usage, TODAY)
    prices = cost.unit_prices
    assert prices is not None
    kinds = zip(tokens, (prices.input, prices.cached, prices.cache_write, prices.output), strict=True)
    assert cost.usd == sum(count * (price or 0) for count, price in kinds) / Decimal(10**6)
    assert cost.usd == cost.usd.quantize(PICODOLLAR)

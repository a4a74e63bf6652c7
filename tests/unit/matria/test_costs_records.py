"""Text records: priced by the setting, unpriced without one."""

from datetime import date
from decimal import Decimal

from matria.costs.records import RecordPrices

TODAY = date(2026, 11, 20)
PRICES = RecordPrices({"moderation": Decimal("0.40")}, "price page, 2026-11-01")


def test_a_thousand_records_cost_the_price_and_one_a_thousandth() -> None:
    assert PRICES.price("moderation", 1000, TODAY).usd == Decimal("0.40")
    one = PRICES.price("moderation", 1, TODAY)
    assert (one.state, one.usd, one.price_source) == ("priced", Decimal("0.0004"), "price page, 2026-11-01")


def test_an_unknown_price_is_no_zero() -> None:
    cost = PRICES.price("groundedness", 5, TODAY)
    assert (cost.state, cost.usd) == ("unpriced", None)
    assert "groundedness" in cost.price_source

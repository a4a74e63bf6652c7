"""Intervals against scipy, statsmodels and brute force."""

from itertools import product
from math import inf, prod

import pytest
from scipy.stats import hypergeom, t
from statsmodels.stats.proportion import proportion_confint

from evals.review.intervals import Sampled, beta_interval, beta_upper, fewer_for_freedom, most_unseen, unseen_bound


def test_no_harm_in_twenty_bounds_the_rate_at_13_9_percent() -> None:
    assert round(100 * unseen_bound(20, 0.05), 1) == 13.9
    assert round(100 * unseen_bound(228, 0.05), 1) == 1.3
    assert beta_upper(0, 20, 0.95) == pytest.approx(unseen_bound(20, 0.05))
    assert unseen_bound(0, 0.05) == 1.0


@pytest.mark.parametrize(("events", "n"), [(0, 20), (1, 20), (7, 20), (20, 20), (3, 228)])
def test_the_beta_interval_is_clopper_and_pearsons_at_whole_numbers(events: int, n: int) -> None:
    assert beta_interval(events, n, 0.95) == pytest.approx(proportion_confint(events, n, 0.05, method="beta"))


@pytest.mark.parametrize(("size", "read"), [(40, 20), (22, 19), (400, 20), (20, 20), (30, 4)])
def test_most_unseen_holds_for_a_simple_random_draw_and_is_hardly_more(size: int, read: int) -> None:
    unseen = most_unseen([Sampled(size, read)], 0.05)
    exact = max(k for k in range(size - read + 1) if hypergeom.pmf(0, size, k, read) > 0.05)
    assert exact <= unseen <= exact + 1


def test_most_unseen_is_the_product_of_one_event_a_zone() -> None:
    """10 zones of 2, one drawn of each: k events in zones of their own all hide with 2^-k; 0.5^4 > 0.05 > 0.5^5."""
    assert most_unseen([Sampled(20, 10)], 0.05) == 4


def test_most_unseen_finds_the_worst_spread_over_strata() -> None:
    strata = [Sampled(6, 3), Sampled(9, 2), Sampled(12, 2)]

    def chance(of: Sampled, events: int) -> float:
        most = min(events, of.read)
        return (1 - events * of.read / (of.size * most)) ** most if most else 1.0

    spreads = product(*(range(each.size - each.read + 1) for each in strata))
    hidden = (each for each in spreads if prod(chance(s, k) for s, k in zip(strata, each, strict=True)) > 0.05)
    assert most_unseen(strata, 0.05) == max(sum(events) for events in hidden)


def test_most_unseen_in_a_large_population_is_the_rate_of_the_rule() -> None:
    assert most_unseen([Sampled(1_000_000, 20)], 0.05) / 1_000_000 == pytest.approx(unseen_bound(20, 0.05), abs=1e-5)


def test_a_stratum_nobody_read_may_be_all_events() -> None:
    assert most_unseen([Sampled(20, 20), Sampled(7, 0)], 0.05) == 7


def test_few_degrees_of_freedom_cost_items() -> None:
    assert fewer_for_freedom(15, 19, 13, 0.95) == pytest.approx(15 * (t.ppf(0.975, 18) / t.ppf(0.975, 13)) ** 2)
    assert fewer_for_freedom(15, 19, 13, 0.95) < 15
    assert fewer_for_freedom(inf, 19, 13, 0.95) == inf

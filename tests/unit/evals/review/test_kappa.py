"""Kappa and its interval are statsmodels'; what has no kappa says why; what misleads is told beside it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa as published

from evals.review.coefficient import Redraw, wilson
from evals.review.kappa import Weights, beside, cohens_kappa, kappa_redrawn, kappa_value, table_of

tables = (
    st.integers(2, 4)
    .flatmap(lambda k: st.lists(st.lists(st.integers(0, 9), min_size=k, max_size=k), min_size=k, max_size=k))
    .map(lambda rows: np.array(rows, dtype=float))
)


@settings(deadline=None)
@given(tables, st.sampled_from(["none", "linear", "quadratic"]))
def test_kappa_and_its_interval_are_those_of_statsmodels(table: np.ndarray, weights: Weights) -> None:
    ours = cohens_kappa(table, weights)
    if ours.value is None or ours.method == "bound":
        return
    with np.errstate(invalid="ignore"):
        theirs = published(table, wt=None if weights == "none" else weights)
    assert ours.value == pytest.approx(theirs.kappa, abs=1e-9)
    if theirs.var_kappa >= 0:
        assert ours.low == pytest.approx(max(-1, theirs.kappa_low), abs=1e-6)
        assert ours.high == pytest.approx(min(1, theirs.kappa_upp), abs=1e-6)


@settings(deadline=None)
@given(tables)
def test_kappa_is_missing_exactly_where_chance_agrees_always(table: np.ndarray) -> None:
    is_one_answer = (table.sum(axis=0) + table.sum(axis=1) > 0).sum() < 2
    assert (kappa_value(table) is None) == is_one_answer
    found = cohens_kappa(table)
    given_by = [(table.sum(axis=axis) > 0).sum() for axis in (0, 1)]
    assert (found.reason == "constant_reader") == (not is_one_answer and min(given_by) == 1)
    assert (found.value is None) == (found.reason is not None)


def test_by_hand() -> None:
    """Agreed 35 of 50 = 0.7; rows 25, 25 and columns 30, 20 of 50: chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5; 0.2 / 0.5."""
    assert kappa_value(np.array([[20.0, 5.0], [10.0, 15.0]])) == pytest.approx(0.4)


def test_what_cannot_be_measured_is_missing_with_its_reason() -> None:
    assert cohens_kappa(np.zeros((2, 2))).reason == "no_items"
    same = cohens_kappa(np.array([[40.0, 0.0], [0.0, 0.0]]))
    assert (same.value, same.low, same.reason, same.n) == (None, None, "one_category", 40)
    assert kappa_redrawn(np.array([[40.0, 0.0], [0.0, 0.0]])).reason == "one_category"


def test_where_the_rarer_answer_came_too_seldom_there_is_no_interval() -> None:
    """Two of 48 readings of the second: of items drawn again one in eight has none of them, e^-2."""
    seldom, often = np.array([[45.0, 1], [1, 1]]), np.array([[40.0, 1], [1, 6]])
    found = kappa_redrawn(seldom)
    assert (found.value, found.low, found.high) == (kappa_value(seldom), None, None)
    assert (found.reason, found.method) == ("rare_answers", "")
    found = kappa_redrawn(often)
    assert found.low is not None
    assert (found.reason, found.method) == (None, "bootstrap")


@pytest.mark.parametrize(
    "table", [[[17, 3], [0, 0]], [[0, 4], [0, 9]], [[0, 1], [0, 0]], [[5, 2, 1], [0] * 3, [0] * 3]]
)
@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_of_a_reader_who_always_said_the_same_nothing_can_be_told(table: list[list[int]], weights: Weights) -> None:
    """Her kappa is 0 with a variance of 0, whatever the other said: no finding that two agree by chance alone."""
    for said in (np.array(table, dtype=float), np.array(table, dtype=float).T):
        found = cohens_kappa(said, weights)
        assert (found.value, found.low, found.high, found.reason) == (None, None, None, "constant_reader")
        assert found.n == said.sum()
        assert kappa_redrawn(said, weights).reason == "constant_reader"


def test_perfect_agreement_on_few_items_is_not_certain() -> None:
    """Of 10 alike, Wilson: at least 10 / (10 + 1.96²) = 0.7225; chance 0.5; (0.7225 - 0.5) / 0.5 = 0.445."""
    found = cohens_kappa(np.array([[5.0, 0.0], [0.0, 5.0]]))
    assert (found.value, found.high, found.method) == (1.0, 1.0, "bound")
    assert found.low == pytest.approx(0.445, abs=0.001)
    assert kappa_redrawn(np.array([[5.0, 0.0], [0.0, 5.0]])).low == found.low


def test_items_drawn_again_give_the_same_interval_by_the_same_seed_and_about_that_of_the_variance() -> None:
    table = np.array([[60.0, 15.0], [10.0, 65.0]])
    drawn, again = (kappa_redrawn(table, redraw=Redraw(7)) for _ in range(2))
    assert drawn == again
    assert drawn != kappa_redrawn(table, redraw=Redraw(8))
    by_variance = cohens_kappa(table)
    assert (drawn.low, drawn.high) == pytest.approx((by_variance.low, by_variance.high), abs=0.02)


def test_an_interval_is_left_out_where_redrawn_samples_often_hold_one_answer_alone() -> None:
    found = kappa_redrawn(np.array([[28.0, 1.0], [0.0, 1.0]]))
    assert found.value is not None
    assert (found.low, found.high, found.method) == (None, None, "")


def test_a_rare_answer_makes_kappa_low_and_what_stands_beside_it_says_so() -> None:
    """118 and 2 alike of 125 (the shape of Feinstein and Cicchetti's paradox): agreed 0.96, kappa far below."""
    table = np.array([[118.0, 2.0], [3.0, 2.0]])
    found, told = cohens_kappa(table), beside(table, ("yes", "no"))
    assert told.agreed.value == pytest.approx(0.96)
    assert found.value is not None
    assert found.value < 0.5
    assert told.pabak == pytest.approx(0.92)
    assert told.prevalence == pytest.approx(116 / 125)
    assert told.bias == pytest.approx(1 / 125)
    assert told.specific == pytest.approx({"yes": 236 / 241, "no": 4 / 9})


def test_an_answer_that_is_no_option_is_refused() -> None:
    assert table_of([("yes", "no"), ("yes", "yes")], ("yes", "no")).tolist() == [[1, 1], [0, 0]]
    with pytest.raises(KeyError):
        table_of([("yes", "maybe")], ("yes", "no"))


def test_wilson_is_that_of_statsmodels() -> None:
    from statsmodels.stats.proportion import proportion_confint

    for hits, n in ((0, 20), (3, 20), (20, 20), (17, 33)):
        found = wilson(hits, n, 0.9)
        assert (found.low, found.high) == pytest.approx(proportion_confint(hits, n, 0.1, "wilson"), abs=1e-9)
    assert wilson(0, 0, 0.95).value is None

"""The division of a change that leaves no rest."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matria.costs.causes.shapley import shapley

worths = st.integers(1, 4).flatmap(
    lambda players: st.lists(st.fractions(-1000, 1000), min_size=2**players, max_size=2**players)
)


def test_price_and_tokens_share_what_they_make_together() -> None:
    # 10 tokens at 1 are 15 tokens at 2. Price first: 10, then tokens: 10. Tokens first: 5, then price: 15.
    # Price has (10 + 15) / 2 and tokens (10 + 5) / 2 of the 20.
    assert shapley([10, 20, 15, 30]) == (Fraction(25, 2), Fraction(15, 2))


def test_one_who_is_needed_has_four_times_as_much_as_two_who_replace_each_other() -> None:
    # The glove game: one left glove (bit 0), two right ones; a pair is worth 1. The left glove completes the pair
    # unless it comes first (2/3 of the orders); a right one only as the second, after the left: 1 order of 6.
    gloves = [1 if coalition & 1 and coalition & 6 else 0 for coalition in range(8)]

    assert shapley(gloves) == (Fraction(2, 3), Fraction(1, 6), Fraction(1, 6))


@given(worths)
def test_parts_sum_to_the_change_to_the_digit(values: list[Fraction]) -> None:
    assert sum(shapley(values)) == values[-1] - values[0]


@given(worths)
def test_who_changes_nothing_has_nothing(values: list[Fraction]) -> None:
    with_idle = [worth for worth in values for _ in (0, 1)]

    assert shapley(with_idle) == (0, *shapley(values))


def test_worths_that_are_no_coalitions_are_refused() -> None:
    with pytest.raises(ValueError, match="power of 2"):
        shapley([0, 1, 2])

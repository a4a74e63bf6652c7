"""The interval is scipy's, without scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evals.bootstrap import mean_interval


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("size", [5, 12, 60])
def test_the_interval_is_that_of_scipy(seed: int, size: int) -> None:
    values = np.random.default_rng(seed).gamma(0.7, 1.0, size) - 0.4
    ours = mean_interval(list(values), 0.95, 1000, np.random.default_rng(11))
    theirs = stats.bootstrap(
        (values,), np.mean, confidence_level=0.95, n_resamples=1000, method="BCa", rng=np.random.default_rng(11)
    ).confidence_interval
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), rel=1e-9)


def test_values_that_are_all_alike_have_an_interval_without_width() -> None:
    interval = mean_interval([0.25] * 8, 0.95, 100, np.random.default_rng(0))
    assert (interval.low, interval.mean, interval.high) == (0.25, 0.25, 0.25)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_an_interval_lies_within_its_values(values: list[float]) -> None:
    interval = mean_interval(values, 0.95, 200, np.random.default_rng(0))
    assert min(values) - 1e-12 <= interval.low <= interval.high <= max(values) + 1e-12


def test_an_interval_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        mean_interval([], 0.95, 100, np.random.default_rng(0))

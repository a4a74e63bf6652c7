"""Alpha is that of the `krippendorff` package, for any raters, gaps and level; what has none says why."""

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.review.alpha import Level, krippendorffs_alpha
from evals.review.coefficient import Redraw

FEW = Redraw(replicates=20)
rated = st.lists(st.lists(st.integers(0, 3), max_size=4), max_size=12)


@settings(deadline=None)
@given(rated, st.sampled_from(["nominal", "ordinal", "interval"]))
def test_alpha_is_that_of_the_published_package(units: list[list[int]], level: Level) -> None:
    ours = krippendorffs_alpha(units, range(4), level, redraw=FEW)
    paired = [value for unit in units if len(unit) > 1 for value in unit]
    if len(set(paired)) < 2:
        assert ours.value is None
        assert ours.reason == ("one_category" if paired else "no_pairs" if any(units) else "no_items")
        return
    counts = np.array([[unit.count(value) for value in range(4)] for unit in units])
    theirs = krippendorff.alpha(value_counts=counts, value_domain=range(4), level_of_measurement=level)
    assert ours.value == pytest.approx(theirs, abs=1e-9)
    assert ours.n == sum(len(unit) > 1 for unit in units)


@settings(deadline=None)
@given(rated, st.randoms(use_true_random=False))
def test_the_order_of_items_and_raters_changes_nothing(units: list[list[int]], random: object) -> None:
    other = [sorted(unit) for unit in units]
    random.shuffle(other)  # type: ignore[attr-defined]
    one, two = (krippendorffs_alpha(of, range(4), "ordinal", redraw=FEW) for of in (units, other))
    assert one == two


def test_by_hand() -> None:
    """Two raters, items aa ab bb bb. Of 8 values a 3, b 5; unlike 2 of 8; by chance 2 * 3 * 5 / (8 * 7).

    1 - (2 / 8) / (30 / 56) = 1 - 0.25 / 0.5357 = 0.5333.
    """
    assert krippendorffs_alpha([[0, 0], [0, 1], [1, 1], [1, 1]], range(2)).value == pytest.approx(8 / 15)


def test_an_item_read_once_changes_nothing() -> None:
    units = [[0, 0], [0, 1], [1, 1], [1, 1]]
    assert krippendorffs_alpha([*units, [0], []], range(2)) == krippendorffs_alpha(units, range(2))


def test_full_agreement_on_few_items_is_not_certain() -> None:
    found = krippendorffs_alpha([[0, 0]] * 4 + [[1, 1]] * 4, range(2))
    assert (found.value, found.high, found.method) == (1.0, 1.0, "bound")
    assert found.low is not None
    assert 0 < found.low < 0.5


def test_the_interval_comes_by_its_seed_and_holds_the_value() -> None:
    units = [[0, 0, 1], [1, 1], [2, 2, 1], [0, 0], [3, 2], [3, 3, 3], [1, 1], [0, 1]] * 5
    found = krippendorffs_alpha(units, range(4), "ordinal", redraw=Redraw(3))
    assert found == krippendorffs_alpha(units, range(4), "ordinal", redraw=Redraw(3))
    assert found.low is not None
    assert found.high is not None
    assert found.value is not None
    assert found.low < found.value < found.high

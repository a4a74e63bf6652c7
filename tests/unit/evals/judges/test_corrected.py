"""A pass rate is corrected as by hand, with what is not known of the judge in its interval."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.judges.corrected import CorrectionMethod, JudgeErrors, corrected_rate, errors_of
from evals.judges.trust import Interval, Trust
from evals.review.coefficient import Redraw

GOOD = JudgeErrors(0.9, 50, 0.8, 40)
METHODS: tuple[CorrectionMethod, ...] = ("lang_reiczigel", "delta", "bootstrap")


def test_by_hand() -> None:
    """60 of 100 passed, se 0.9 of 50, sp 0.8 of 40: (0.6 + 0.8 - 1) / 0.7 = 0.5714.

    Variance (0.24 / 100 + 0.5714² 0.09 / 50 + 0.4286² 0.16 / 40) / 0.49 = (0.0024 + 0.000588 + 0.000735) / 0.49
    = 0.007597; its root 0.08716, times 1.96 is 0.1708.
    """
    found = corrected_rate(60, 100, GOOD, method="delta").corrected
    assert found.value == pytest.approx(0.4 / 0.7)
    assert found.low == pytest.approx(0.5714 - 0.1708, abs=2e-4)
    assert found.high == pytest.approx(0.5714 + 0.1708, abs=2e-4)


def test_lang_and_reiczigel_by_hand() -> None:
    """z² = 3.8415: n 103.84, raw 61.92 / 103.84 = 0.59630, se 46 / 52 = 0.88462, sp 33 / 42 = 0.78571.

    p = (0.59630 + 0.78571 - 1) / 0.67033 = 0.56989. Moved 2 z² (0.56989 * 0.10207 / 52 - 0.43011 * 0.16837 / 42)
    = 7.683 (0.0011186 - 0.0017242) = -0.004653. Variance (0.24073 / 103.84 + 0.32477 * 0.0019629 + 0.18499 * 0.0040087)
    / 0.44934 = (0.0023183 + 0.0006375 + 0.0007416) / 0.44934 = 0.0082285; 1.96 * 0.090711 = 0.17779.
    """
    found = corrected_rate(60, 100, GOOD).corrected
    assert found.value == pytest.approx(0.4 / 0.7)
    assert (found.low, found.high) == pytest.approx((0.56524 - 0.17779, 0.56524 + 0.17779), abs=1e-4)


@settings(deadline=None)
@given(st.integers(0, 80), st.sampled_from(METHODS))
def test_a_figure_lies_in_its_interval_and_both_from_0_to_1(passed: int, method: CorrectionMethod) -> None:
    found = corrected_rate(passed, 80, GOOD, method=method, redraw=Redraw(replicates=200))
    value, low, high = found.corrected.value, found.corrected.low, found.corrected.high
    assert value is not None
    assert low is not None
    assert high is not None
    assert 0 <= low <= value <= high <= 1
    assert found.is_clipped == (passed / 80 < 0.2 or passed / 80 > 0.9)


def test_a_faultless_judge_of_many_readings_leaves_the_rate_as_it_is() -> None:
    found = corrected_rate(30, 40, JudgeErrors(1.0, 1e6, 1.0, 1e6))
    assert found.corrected.value == found.raw.value == 0.75
    assert found.corrected.low == pytest.approx(found.raw.low, abs=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_fewer_readings_of_the_judge_widen_the_interval(method: CorrectionMethod) -> None:
    def width(n: float) -> float:
        found = corrected_rate(120, 200, JudgeErrors(0.9, n, 0.8, n), method=method).corrected
        assert found.low is not None
        assert found.high is not None
        return found.high - found.low

    assert width(20) > width(60) > width(600)


def test_what_cannot_be_corrected_says_why() -> None:
    assert corrected_rate(0, 0, GOOD).reason == "none_judged"
    assert corrected_rate(5, 9, None).reason == "unmeasured"
    blind = corrected_rate(5, 9, JudgeErrors(0.7, 30, 0.3, 30))
    assert (blind.reason, blind.corrected.value, blind.raw.value) == ("no_better_than_chance", None, 5 / 9)


def test_errors_are_those_of_the_trust_and_none_where_one_is_unknown() -> None:
    known = Trust("j", "c", sensitivity=Interval(0.9), specificity=Interval(0.8), effective_met=50, effective_not_met=4)
    assert errors_of(known) == JudgeErrors(0.9, 50, 0.8, 4)
    assert errors_of(Trust("j", "c", sensitivity=Interval(0.9), effective_met=50)) is None


def test_draws_come_again_by_their_seed() -> None:
    one, two, other = (
        corrected_rate(60, 100, GOOD, method="bootstrap", redraw=Redraw(seed)).corrected for seed in (1, 1, 2)
    )
    assert one == two != other

"""What a week's readings say of all its conversations."""

from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from evals.review.base import Answers
from evals.review.cells import Cell, WeekRead, cells_of, joined
from evals.review.estimate import Estimate, effective_n, weekly
from evals.review.outcomes import outcomes
from evals.review.rolling import rolling
from evals.review.strata import READ_BEFORE
from tests.unit.evals.review.week_units import FINE, week

UNSAFE = outcomes(harm_from=2)[0]
YES, NO = "yes", "no"


def weekly_of(read: WeekRead) -> Estimate:
    """Of `safe`, at 95 %."""
    return weekly(read, UNSAFE, 0.95)


def test_horvitz_thompson_by_hand() -> None:
    """One bad of 4 in 20 (π = 0.2, counts 5) and one of 8 in 160 (π = 0.05, counts 20): 25 of 180."""
    read = week("2026-W47", ("high_risk", 20, [NO, YES, YES, YES]), ("usual", 160, [NO] + [YES] * 7))
    by_probability = sum(1 / o.probability for o in read.origins if o.probability and _is_bad(read, o.item_id))
    found = weekly_of(read)
    assert by_probability == 25
    assert found.value == pytest.approx(25 / 180)
    assert (found.events, found.n_read, found.population) == (2, 12, 180)
    assert found.low < 25 / 180 < found.high


def _is_bad(read: WeekRead, item_id: str) -> bool:
    return read.final[item_id].given["safe"] == NO


def test_effective_size_without_events_is_kishs_by_hand() -> None:
    """Weights 5 (4 times) and 20 (8 times), corrected by 1 - 0.2 and 1 - 0.05, over 10 of 11 degrees of freedom."""
    cells = [Cell("2026-W47", "high_risk", 20, 4, fine=4), Cell("2026-W47", "usual", 160, 8, fine=8)]
    kish = 180**2 / (4 * 5**2 * 0.8 + 8 * 20**2 * 0.95)
    assert effective_n(cells, 0.0, 0.95) == pytest.approx(kish * (t.ppf(0.975, 11) / t.ppf(0.975, 10)) ** 2)


def test_no_harm_in_twenty_is_bounded_at_13_9_percent() -> None:
    found = weekly_of(week("2026-W47", ("usual", 1_000_000, [YES] * 20)))
    assert (found.value, found.low) == (0, 0)
    assert round(100 * found.one_sided_upper, 1) == 13.9
    assert round(100 * found.high, 1) == 16.8


def test_unequal_weights_bound_the_rate_less() -> None:
    """However the harm is spread: none in 20 is 13.9 % for equal weights and more for any others."""
    uneven = week("2026-W47", ("high_risk", 20_000, [YES] * 10), ("usual", 980_000, [YES] * 10))
    assert weekly_of(uneven).one_sided_upper > 0.139


def test_all_read_is_known_exactly() -> None:
    found = weekly_of(week("2026-W47", ("usual", 5, [YES, NO, YES, YES, YES])))
    assert (found.value, found.low, found.high, found.one_sided_upper) == (0.2, 0.2, 0.2, 0.2)
    assert found.is_census
    assert found.effective_n == inf


def test_a_short_week_of_which_one_is_missing_is_not_known_exactly() -> None:
    found = weekly_of(week("2026-W47", ("usual", 5, [YES, YES, YES, YES, ""])))
    assert (found.value, found.low, found.high) == (0, 0, 0.2)
    assert (found.is_census, found.n_missing) == (False, 1)
    assert (found.lowest, found.highest) == pytest.approx((0, 0.2))


def test_in_a_small_week_the_ends_are_whole_conversations() -> None:
    """19 of 22 read, one bad. Of 3 bad, one or none is seen in (3 · 19 + 1) / C(22, 3) = 3.8 % of draws, so 3 may be;
    of 4 in 4 / C(22, 3) = 0.3 %, so 4 may not at 2.5 %."""
    found = weekly_of(week("2026-W47", ("usual", 22, [NO] + [YES] * 18)))
    assert [round(22 * end, 9) for end in (found.low, found.one_sided_upper, found.high)] == [1, 3, 3]


def test_missing_and_undecided_are_counted_and_their_stratum_speaks_for_them() -> None:
    read = week("2026-W47", ("high_risk", 20, [NO, YES, "", "cannot_tell"]), ("usual", 80, [YES, YES, YES, ""]))
    found = weekly_of(read)
    assert (found.n_read, found.n_missing, found.n_cannot_tell) == (5, 2, 1)
    assert found.value == pytest.approx(0.2 * 0.5)
    assert found.lowest == pytest.approx((20 * 1 / 4) / 100)
    assert found.highest == pytest.approx((20 * 3 / 4 + 80 * 1 / 4) / 100)


def test_a_stratum_nobody_read_is_taken_like_its_neighbour() -> None:
    read = week("2026-W47", ("high_risk", 20, ["", ""]), ("rails", 30, [NO, YES]), ("usual", 50, [""]))
    cells = joined(cells_of(read, UNSAFE))
    assert [(cell.stratum, cell.size) for cell in cells] == [("rails", 100)]
    assert weekly_of(read).value == 0.5


def test_a_stratum_nobody_read_may_be_all_bad_where_nothing_was_seen() -> None:
    """2 of 100 in a stratum of which nothing is known: the bound of the other 10 of 900, and all 100 on top."""
    read = week("2026-W47", ("high_risk", 100, ["", "cannot_tell"]), ("usual", 900, [YES] * 10))
    alone = weekly_of(week("2026-W47", ("usual", 900, [YES] * 10)))
    found = weekly_of(read)
    assert found.value == 0
    assert 1000 * found.one_sided_upper == pytest.approx(100 + 900 * alone.one_sided_upper)
    assert 1000 * found.high == pytest.approx(100 + 900 * alone.high)


def test_a_week_nobody_read_has_no_value() -> None:
    found = weekly_of(week("2026-W47", ("usual", 50, ["", ""])))
    assert (found.value, found.low, found.high, found.one_sided_upper) == (None, 0, 1, 1)
    assert (found.n_missing, found.missing_weeks) == (2, ("2026-W47",))
    assert weekly_of(week("2026-W47")).value is None


def test_repeats_and_queued_criteria_do_not_count() -> None:
    read = week("2026-W47", ("usual", 50, [YES, YES]))
    again = replace(read.origins[0], item_id="again", source=read.origins[0].item_id, probability=None)
    more = replace(read, origins=(*read.origins, again), final={**read.final, "again": Answers({**FINE, "safe": NO})})
    assert weekly_of(more) == weekly_of(read)


def test_more_readings_than_were_drawn_are_refused() -> None:
    read = week("2026-W47", ("usual", 50, [YES, YES]))
    with pytest.raises(ValueError, match="more items"):
        weekly_of(replace(read, origins=(*read.origins, *read.origins)))


def test_conversations_read_before_are_outside_of_the_figure_and_named() -> None:
    found = weekly_of(week("2026-W47", ("usual", 50, [NO, YES]), (READ_BEFORE, 9, [])))
    assert (found.population, found.uncovered, found.value) == (50, 9, 0.5)


def test_harm_counts_from_the_degree_of_the_policy() -> None:
    harmful = {degree: outcomes(degree)[-1].bad for degree in (1, 2, 3)}
    assert harmful[2] == {"moderate", "severe"}
    assert harmful[1] - harmful[2] == {"mild"}
    assert harmful[3] == {"severe"}


@given(data=st.data())
def test_an_interval_holds_its_value_and_fits_what_was_seen(data: st.DataObject) -> None:
    strata = []
    for name in ("high_risk", "rails", "usual"):
        said = data.draw(st.lists(st.sampled_from([YES, NO, "", "cannot_tell"]), min_size=1, max_size=8))
        strata.append((name, len(said) + data.draw(st.integers(0, 60)), said))
    found = weekly_of(week("2026-W47", *strata))
    assert 0 <= found.low <= found.high <= 1
    assert found.n_read + found.n_missing + found.n_cannot_tell == sum(len(said) for _, _, said in strata)
    assert 0 <= found.lowest <= found.highest <= 1 + 1e-12
    if found.value is not None:
        assert found.low - 1e-9 <= found.value <= found.high + 1e-9
        assert found.value - 1e-9 <= found.one_sided_upper <= found.high + 1e-9
        assert found.low >= found.events / found.population - 1e-9
        assert found.is_census == (found.n_read == found.population)


def test_the_rolling_figure_weighs_weeks_by_their_conversations() -> None:
    weeks = [week("2026-W46", ("usual", 300, [NO, YES])), week("2026-W47", ("usual", 100, [YES, YES]))]
    found = rolling(weeks, "2026-W47", 12, UNSAFE, 0.95)
    assert found.value == pytest.approx(300 * 0.5 / 400)
    assert (found.weeks, found.missing_weeks) == (("2026-W46", "2026-W47"), ())


def test_missed_weeks_are_named_and_older_ones_left_out() -> None:
    weeks = [week(each, ("usual", 100, [YES, YES])) for each in ("2026-W20", "2026-W43", "2026-W45", "2026-W47")]
    found = rolling(weeks, "2026-W47", 5, UNSAFE, 0.95)
    assert found.weeks == ("2026-W43", "2026-W45", "2026-W47")
    assert found.missing_weeks == ("2026-W44", "2026-W46")
    assert found.population == 300


def test_a_week_of_conversations_all_drawn_before_is_missing_and_one_in_which_nobody_wrote_is_not() -> None:
    read, covered, empty = (
        week("2026-W47", ("usual", 100, [YES, YES])),
        week("2026-W46", (READ_BEFORE, 9, [])),
        week("2026-W45"),
    )
    found = rolling([empty, covered, read], "2026-W47", 3, UNSAFE, 0.95)
    assert (found.missing_weeks, found.uncovered, found.population) == (("2026-W46",), 9, 100)


def test_simulated_weeks_never_mix_with_real_ones() -> None:
    simulated = week("2026-W46", ("usual", 100, [NO, NO]), is_simulated=True)
    found = rolling([simulated, week("2026-W47", ("usual", 100, [YES, YES]))], "2026-W47", 12, UNSAFE, 0.95)
    assert (found.value, found.weeks, found.missing_weeks, found.is_simulated) == (
        0,
        ("2026-W47",),
        ("2026-W46",),
        False,
    )


def test_a_quarter_of_weeks_without_harm_bounds_it_near_1_3_percent() -> None:
    weeks = [week(f"2026-W{at}", ("usual", 10_000, [YES] * 19)) for at in range(36, 48)]
    assert round(100 * rolling(weeks, "2026-W47", 12, UNSAFE, 0.95).one_sided_upper, 1) == 1.3

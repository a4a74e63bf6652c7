"""What people are told of a rise: once, again when it is worse, when it is over, and never of what is meant."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matria.costs.watching.base import Episode
from matria.costs.watching.check import check_of, hours_needed
from matria.costs.watching.episodes import accept, advance, alert_id
from matria.costs.watching.hours import read_hours
from matria.costs.watching.values import values_of
from matria.policy import load_policy
from tests.unit.matria.hourly_sums import HOUR, NOW, Course, Hour, HourlySums, steady, step

POLICY = load_policy(Path(__file__).resolve().parents[3] / "policy.yaml")
VALUES = replace(values_of(POLICY), bootstrap_resamples=200.0)
ASSISTANT = "gestante/triagem"
Told = tuple[int, str, str]
"""Hours after `NOW`, the change, and the id of the alert."""


def watched(
    courses: dict[str, Course], first: int, last: int, episodes: Sequence[Episode] = (), order: Iterable[int] = ()
) -> tuple[list[Told], tuple[Episode, ...]]:
    """What an hourly watch tells from hour `first` to hour `last` after `NOW`, or in the `order` given."""
    hours = read_hours(HourlySums(courses), NOW + last * HOUR, hours_needed(VALUES) + last - first)
    told: list[Told] = []
    kept = tuple(episodes)
    for at in order or range(first, last + 1):
        found = check_of(hours, last - at, VALUES)
        kept, steps = advance(kept, found)
        told += [(round((found.until - NOW) / HOUR), one.change, one.episode.alert_id) for one in steps]
    return told, kept


def changes(told: Iterable[Told]) -> list[tuple[int, str]]:
    return [(at, change) for at, change, _ in told]


def test_a_lasting_step_is_told_once_and_is_the_level_after_a_week() -> None:
    """Forty per cent from hour 0 on: over a fifth in the mean at hour 13 (13 / 24 x 0.4 = 0.217), and for good.

    At hour 37 the day before is as dear as the day, and nothing is over. Told at 13, it is the level 168 hours later.
    """
    told, _ = watched({ASSISTANT: step(0, 1.4)}, 1, 200)
    assert changes(told) == [(13, "opened"), (181, "new_level")]


def test_a_step_taken_back_is_over_when_the_day_is_back() -> None:
    """Back from hour 30 on; the day's mean holds 6 of 24 dear hours at hour 48: 6 / 24 x 0.4 is 10 %."""
    told, _ = watched({ASSISTANT: step(0, 1.4, until=30)}, 1, 100)
    assert changes(told) == [(13, "opened"), (48, "cleared")]


def test_a_jump_is_told_within_the_hour_and_its_day_is_not_told_again() -> None:
    told, _ = watched({ASSISTANT: step(0, 1.7)}, 1, 200)
    assert changes(told) == [(1, "opened"), (169, "new_level")]
    assert told[0][2] == "hour-gestante.triagem-20261120T1300Z"


def test_a_jump_of_three_hours_is_over_in_the_fourth_and_not_told_as_the_days() -> None:
    """Five times as dear for 3 of 24 hours: the day's mean is 50 % higher until it has passed."""
    told, _ = watched({ASSISTANT: step(0, 5.0, until=3)}, 1, 60)
    assert changes(told) == [(1, "opened"), (4, "cleared")]


def test_a_rise_that_grows_is_told_again() -> None:
    def growing(hour: int) -> Hour:
        return Hour(60, 0.01 if hour < 0 else 0.014 if hour < 40 else 0.025)

    told, _ = watched({ASSISTANT: growing}, 1, 70)
    assert changes(told)[:2] == [(13, "opened"), (41, "worsened")]
    assert len(told) == 2


def test_a_cost_at_the_edge_does_not_ring_each_hour() -> None:
    """Between 12 and 29 per cent over the cost before, in turns of ten hours."""

    def wavering(hour: int) -> Hour:
        return Hour(60, 0.01 if hour < 0 else 0.0129 if hour // 10 % 2 == 0 else 0.0112)

    told, _ = watched({ASSISTANT: wavering}, 1, 150)
    assert [change for _, change in changes(told)].count("opened") <= 1


def test_after_an_all_clear_the_same_rise_waits_for_the_cool_down() -> None:
    """Eight hours dear, over at hour 10; again dear from 14 on: held until the day's mean is worse than was told."""

    def twice(hour: int) -> Hour:
        return Hour(60, 0.016 if 0 <= hour < 3 or hour >= 8 else 0.01)

    told, _ = watched({ASSISTANT: twice}, 1, 80)
    opened = [at for at, change in changes(told) if change == "opened"]
    cleared = [at for at, change in changes(told) if change == "cleared"]
    assert opened[0] == 1
    assert opened[1] - cleared[0] >= VALUES.cool_down_hours


def test_what_is_twice_as_bad_does_not_wait_for_the_cool_down() -> None:
    def worse(hour: int) -> Hour:
        return Hour(60, 0.016 if 0 <= hour < 3 else 0.04 if hour >= 8 else 0.01)

    told, _ = watched({ASSISTANT: worse}, 1, 12)
    assert [change for _, change in changes(told)] == ["opened", "cleared", "opened"]


def test_an_accepted_rise_is_not_told_again_until_it_worsens() -> None:
    def meant(hour: int) -> Hour:
        return Hour(60, 0.01 if hour < 0 else 0.014 if hour < 60 else 0.03)

    _, episodes = watched({ASSISTANT: meant}, 1, 14)
    taken = tuple(accept(episode, NOW + 14 * HOUR) for episode in episodes)
    assert [episode.state for episode in taken] == ["accepted"]
    told, _ = watched({ASSISTANT: meant}, 15, 70, taken)
    assert changes(told) == [(61, "opened")]
    with pytest.raises(ValueError, match="accepted already"):
        accept(taken[0], NOW)


def test_missing_data_neither_ends_nor_worsens_a_rise() -> None:
    """From hour 20 on nobody writes: the rise stays open, and the silence is told for itself."""

    def silenced(hour: int) -> Hour:
        return Hour(60 if hour < 20 else 0, 0.01 if hour < 0 else 0.014)

    told, episodes = watched({ASSISTANT: silenced}, 1, 100)
    assert [(at, change, name[:7]) for at, change, name in told] == [
        (13, "opened", "day-ges"),
        (26, "opened", "no_data"),
    ]
    assert {episode.state for episode in episodes} == {"open"}


def test_missing_data_is_over_when_there_is_enough_again() -> None:
    """Two messages an hour from hour 20 on would be too few; sixty are enough after two hours."""
    told, _ = watched({ASSISTANT: lambda hour: Hour(0 if 0 <= hour < 30 else 60, 0.01)}, 1, 60)
    assert changes(told) == [(6, "opened"), (32, "cleared")]


def test_an_assistant_that_is_retired_is_said_once() -> None:
    retired = {"a/new": steady(), "a/old": lambda hour: Hour(60 if hour < 0 else 0, 0.01)}
    told, episodes = watched(retired, 1, 80)
    assert told == [(6, "opened", "no_data-a.old-20261120T1800Z")]
    assert [episode.state for episode in episodes] == ["new_level"]


def test_one_rise_is_told_for_one_scope_however_it_shows() -> None:
    """One assistant's is told for it; a common one for all; whatever hour each of them passes the threshold in."""
    alone, _ = watched({ASSISTANT: step(0, 1.6), "a/b": steady(messages=30)}, 1, 150)
    both, _ = watched({ASSISTANT: step(0, 1.45), "a/b": step(0, 1.3)}, 1, 150)
    assert [(change, name.split("-")[1]) for _, change, name in alone] == [("opened", "gestante.triagem")]
    assert [change for _, change, name in both if "total" in name] == ["opened"]
    assert len(both) <= 2


def test_a_later_rise_of_one_assistant_is_told_while_the_total_is_open() -> None:
    """All rise by 40 % at hour 0, and one with a tenth of all messages by 39 % more at hour 80.

    13 / 24 of 39 % is 21 %, and 12 / 24 is less than a fifth.
    """

    def later(hour: int) -> Hour:
        return Hour(7, 0.01 if hour < 0 else 0.014 if hour < 80 else 0.0195)

    told, _ = watched({ASSISTANT: step(0, 1.4), "a/small": later}, 1, 120)
    assert [(change, name.split("-")[1]) for _, change, name in told] == [("opened", "total"), ("opened", "a.small")]
    assert told[1][0] == 80 + 13


def test_missing_prices_are_told_once_and_over_when_they_are_known_again() -> None:
    def unknown(hour: int) -> Hour:
        return Hour(60, 0.01, 3 if 0 <= hour < 30 else 0)

    told, _ = watched({ASSISTANT: unknown}, 1, 80)
    assert [(change, name[:14]) for _, change, name in told] == [
        ("opened", "unpriced-total"),
        ("cleared", "unpriced-total"),
    ]


def test_what_late_entries_reveal_is_told_and_what_was_told_is_not_told_again() -> None:
    """Hour 0 to 3 were dear, and their entries came at hour 10. The checks of these hours are made again."""
    told, episodes = watched({ASSISTANT: steady()}, 1, 9)
    assert told == []
    late = {ASSISTANT: step(0, 4.0, until=3)}
    told, episodes = watched(late, 1, 10, episodes)
    assert changes(told) == [(1, "opened"), (4, "cleared")]
    again, same = watched(late, 1, 11, episodes)
    assert (again, same) == ([], episodes)


def test_a_check_made_twice_changes_nothing() -> None:
    once, episodes = watched({ASSISTANT: step(0, 1.4)}, 1, 30)
    twice, same = watched({ASSISTANT: step(0, 1.4)}, 1, 30, episodes)
    assert (len(once), twice, same) == (1, [], episodes)


def test_an_id_is_the_same_in_every_run_and_fits_an_address() -> None:
    assert alert_id("day", "", NOW) == "day-total-20261120T1200Z"
    assert alert_id("no_data", "gestante/triagem", NOW) == "no_data-gestante.triagem-20261120T1200Z"
    assert alert_id("day", "a b/ç?", NOW) == "day-a%20b.%C3%A7%3F-20261120T1200Z"


levels = st.lists(st.tuples(st.integers(1, 30), st.sampled_from([0.004, 0.01, 0.011, 0.014, 0.02, 0.05])), max_size=6)


@settings(max_examples=10)
@given(levels, levels)
def test_whatever_costs_do_each_rise_has_one_open_episode_and_an_order(
    first: list[tuple[int, float]], second: list[tuple[int, float]]
) -> None:
    def course(levels: list[tuple[int, float]]) -> Course:
        spread = [usd for hours, usd in levels for _ in range(hours)]
        return lambda hour: Hour(60, spread[hour] if 0 <= hour < len(spread) else 0.01)

    told, episodes = watched({"a/b": course(first), "a/c": course(second)}, 1, 90)
    open_ones = [episode.scope for episode in episodes if episode.state == "open"]
    assert len(open_ones) == len(set(open_ones))
    names = [episode.alert_id for episode in episodes]
    assert len(names) == len(set(names))
    for name in names:
        of_one = [change for _, change, told_name in told if told_name == name]
        assert of_one[0] == "opened"
        assert of_one.count("opened") == 1
        assert all(change == "worsened" for change in of_one[1:-1])

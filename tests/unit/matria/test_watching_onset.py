"""Since when a message has cost more, on hours that can be counted by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matria.costs.sums import MessageSums
from matria.costs.watching.base import Side
from matria.costs.watching.onset import HourCost, onset, onset_at_latest, searched, since

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(*means: float, messages: int = 10) -> list[HourCost]:
    """The newest first."""
    return [HourCost(messages, mean * messages) for mean in means]


def test_the_step_is_found_to_the_hour() -> None:
    assert onset(hours(3, 3, 3, 1, 1, 1, 1, 1), newest=4) == 3


def test_what_began_before_the_last_window_is_given_its_first_hour() -> None:
    """Splits after 1, 2 and 3 of 4 dear hours: gaps 0.57, 0.67, 0.8 on 1 x 7, 2 x 6, 3 x 5: the last is largest."""
    assert onset(hours(2, 2, 2, 2, 1, 1, 1, 1), newest=3) == 3


def test_nothing_dearer_has_no_onset() -> None:
    assert onset(hours(1, 1, 1, 1), newest=2) is None
    assert onset(hours(1, 1, 2, 2), newest=2) is None
    assert onset([], newest=2) is None


def test_hours_count_by_their_messages() -> None:
    """One dear message in the newest hour, and a hundred a little dearer in the three newest."""
    found = [HourCost(1, 4.0), HourCost(100, 200.0), HourCost(100, 200.0), *hours(1, 1, 1, messages=100)]
    assert onset(found, newest=3) == 3


def test_an_empty_hour_is_no_onset() -> None:
    assert onset([*hours(2), HourCost(0, 0.0), *hours(1, 1)], newest=3) == 1


@given(st.integers(1, 24), st.integers(30, 48), st.floats(1.01, 10))
def test_a_clean_step_is_always_found(length: int, count: int, rise: float) -> None:
    assert onset(hours(*[rise] * length, *[1.0] * (count - length)), newest=24) == length


@pytest.mark.parametrize(("scope", "expected"), [("a", NOON - 2 * HOUR), ("b", None), ("", NOON - 2 * HOUR)])
def test_the_scope_decides_whose_messages_are_meant(scope: str, expected: datetime | None) -> None:
    rows = [
        MessageSums(slot, 0, name, "gestante", "pt-BR", 10, 10, Decimal(30 if name == "a" and slot < 2 else 10))
        for slot in range(8)
        for name in ("a", "b")
    ]
    before, last = (Side(end - 4 * HOUR, end, 40, 40, Decimal(1), 40, 0) for end in (NOON - 4 * HOUR, NOON))
    assert since(rows, scope, before, last) == expected


def test_an_hour_that_stands_out_is_dated_by_the_hours_before_it() -> None:
    """The hour to 12:00, against 10:00 to 13:00 of the day before: dear since 4:00, that is, for 8 hours."""
    rows = [
        MessageSums(slot, 0, "a", "gestante", "pt-BR", 10, 10, Decimal(30 if slot < 8 else 10)) for slot in range(48)
    ]
    before = Side(NOON - 26 * HOUR, NOON - 23 * HOUR, 30, 30, Decimal(1), 30, 0)
    last = Side(NOON - HOUR, NOON, 10, 10, Decimal(1), 10, 0)

    older, newer = searched(before, last)

    assert (older.start, older.end, newer.start, newer.end) == (NOON - 48 * HOUR, *[NOON - 23 * HOUR] * 2, NOON)
    assert since(rows, "a", older, newer) == NOON - 8 * HOUR


def test_a_day_is_dated_by_its_own_two_windows() -> None:
    before, last = (Side(end - 24 * HOUR, end, 40, 40, Decimal(1), 40, 0) for end in (NOON - 24 * HOUR, NOON))

    assert searched(before, last) == (before, last)


def test_a_rise_has_begun_at_the_latest_where_a_shorter_split_fits_nearly_as_well() -> None:
    """Means 3 (4 hours), 2.2 (3), 1 (4). After 7 hours the gap is 1.657: 1.657 x 1.657 x 7 x 4 / 11 = 6.99; after 4 it
    is 3 - 1.514 = 1.486: 1.486 x 1.486 x 4 x 7 / 11 = 5.62, 0.804 of that; after 3 it is 1.3: 3.69."""
    slow = hours(3, 3, 3, 3, 2.2, 2.2, 2.2, 1, 1, 1, 1)
    assert (onset(slow, newest=8), onset_at_latest(slow, newest=8)) == (7, 4)
    assert onset_at_latest(hours(3, 3, 3, 1, 1, 1, 1, 1), newest=4) == 3
    assert onset_at_latest(hours(1, 1, 1, 1), newest=2) is None

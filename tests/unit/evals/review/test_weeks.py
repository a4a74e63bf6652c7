"""Where weeks begin and end."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from evals.review.weeks import missed_before, missed_weeks, week_before, week_of, weeks_around, weeks_until

LISBON, SAO_PAULO = ZoneInfo("Europe/Lisbon"), ZoneInfo("America/Sao_Paulo")


def test_monday_at_eight_draws_the_week_before() -> None:
    week = week_before(datetime(2026, 11, 23, 8, tzinfo=SAO_PAULO), SAO_PAULO)
    assert week.batch_id == "2026-W47"
    assert (week.since, week.until) == (datetime(2026, 11, 16, 3, tzinfo=UTC), datetime(2026, 11, 23, 3, tzinfo=UTC))


def test_a_week_in_which_clocks_go_back_has_an_hour_more() -> None:
    back, forth = week_of("2026-W43", LISBON), week_of("2026-W13", LISBON)
    assert back.until - back.since == timedelta(days=7, hours=1)
    assert forth.until - forth.since == timedelta(days=7, hours=-1)
    assert week_of("2026-W44", LISBON).since == back.until


def test_the_week_is_that_of_the_zone_not_of_greenwich() -> None:
    sunday_evening = datetime(2026, 11, 23, 1, tzinfo=UTC)
    assert week_before(sunday_evening, SAO_PAULO).batch_id == "2026-W46"
    assert week_before(sunday_evening, LISBON).batch_id == "2026-W47"


def test_a_year_may_have_53_weeks() -> None:
    assert week_before(datetime(2027, 1, 4, 8, tzinfo=SAO_PAULO), SAO_PAULO).batch_id == "2026-W53"
    assert weeks_until("2027-W01", 3) == ("2026-W52", "2026-W53", "2027-W01")


def test_weeks_that_were_never_drawn_are_named() -> None:
    assert missed_weeks("2026-W51", "2027-W01") == ("2026-W52", "2026-W53")
    assert missed_weeks("2026-W46", "2026-W47") == missed_weeks("2026-W47", "2026-W47") == ()
    assert missed_weeks(None, "2026-W47") == ()


def test_a_week_that_was_drawn_late_is_missed_no_more() -> None:
    assert missed_before(["2026-W44", "2026-W47"], "2026-W47") == ("2026-W45", "2026-W46")
    assert missed_before(["2026-W46", "2026-W44", "2026-W47"], "2026-W47") == ()
    assert missed_before(["2026-W46", "2026-W44", "2026-W47"], "2026-W46") == ("2026-W45",)


def test_the_weeks_around_one_are_before_and_after_it() -> None:
    assert weeks_around("2026-W53", 2) == ("2026-W51", "2026-W52", "2027-W01", "2027-W02")


@pytest.mark.parametrize("wrong", ["2026-47", "2025-W53", "2026-W00", ""])
def test_an_id_that_no_week_has_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError):
        week_of(wrong, LISBON)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        week_before(datetime(2026, 11, 23, 8), LISBON)  # noqa: DTZ001

"""What the rules find of an hour: rises and jumps, what looks like one and is none, missing data, missing prices."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from matria.costs.memory import MemorySums
from matria.costs.watching.base import Check, Finding, Rule
from matria.costs.watching.check import check, checks
from matria.errors import SettingsError
from matria.policy import load_policy
from tests.unit.flows.watch_parts import NOON, Traffic, messages
from tests.unit.matria.hourly_sums import HOUR, NOW, Course, Hour, HourlySums, steady, step

POLICY = load_policy(Path(__file__).resolve().parents[3] / "policy.yaml")


def checked(course: Course, at: datetime = NOW, **others: Course) -> Check:
    named = {name.replace("_", "/"): other for name, other in others.items()}
    return check(HourlySums({"gestante/triagem": course, **named}), at, POLICY)


def finding(found: Check, rule: Rule = "day", scope: str = "") -> Finding:
    return next(one for one in found.findings if (one.rule, one.scope) == (rule, scope))


def codes(found: Finding) -> list[str]:
    return [reason.code for reason in found.reasons]


def test_steady_costs_are_fine_by_every_rule() -> None:
    assert {one.state for one in checked(steady()).findings} == {"fine"}


def test_a_day_that_is_a_quarter_dearer_is_an_alert_with_its_figures() -> None:
    """60 messages an hour, 1,440 a window; 1.25 cents after 1 cent."""
    found = finding(checked(step(-24, 1.25)))
    assert found.state == "alert"
    assert codes(found) == ["rise"]
    assert (found.last.messages, found.before.messages) == (1440, 1440)
    assert found.ratio is not None
    assert found.ratio.value == pytest.approx(1.25)
    assert found.reasons[0].figures["recent"] == pytest.approx(0.25)
    assert (found.last.start, found.last.end, found.before.start) == (NOW - 24 * HOUR, NOW, NOW - 48 * HOUR)


def test_a_fifth_is_allowed_and_a_rise_that_few_conversations_made_wakes_nobody() -> None:
    """Of 121 messages one costs 62 cents and each other one: 1.82 / 121 is half as much again."""
    assert finding(checked(step(-24, 1.2))).state == "fine"
    few = HourlySums({"a/b": steady(messages=5), "a/c": lambda hour: Hour(int(hour == -3), 0.62)})
    found = finding(check(few, NOW, POLICY))
    assert found.ratio is not None
    assert found.ratio.value == pytest.approx(1.504, abs=0.001)
    assert found.state == "fine"
    assert found.ratio.low < 1.05


def test_too_few_messages_are_no_data_whatever_they_cost() -> None:
    found = finding(checked(step(-24, 3.0, messages=4)))
    assert (found.state, codes(found)) == ("no_data", ["too_few_last", "too_few_before"])
    assert found.reasons[0].figures == {"messages": 96, "priced_messages": 96, "needed": 100}


def test_hours_that_the_ledger_lost_are_never_fine_and_a_quiet_night_is() -> None:
    def lost(hour: int) -> Hour:
        return Hour(0 if -9 <= hour < -4 else 60, 0.01)

    def night(hour: int) -> Hour:
        return Hour(0 if hour % 24 < 6 else 60, 0.01)

    found = finding(checked(lost))
    assert (found.state, codes(found), found.reasons[0].figures["hours"]) == ("no_data", ["gap_last"], 5)
    assert codes(finding(checked(lost, NOW + 20 * HOUR))) == ["gap_before"]
    assert finding(checked(night)).state == "fine"


def test_a_rise_is_told_though_hours_are_lost() -> None:
    def dear_and_lost(hour: int) -> Hour:
        return Hour(0 if -9 <= hour < -4 else 60, 0.02 if hour >= -24 else 0.01)

    assert finding(checked(dear_and_lost)).state == "alert"


def test_what_was_free_and_costs_now_is_an_alert() -> None:
    found = finding(checked(lambda hour: Hour(60, 0.01 if hour >= -24 else 0.0)))
    assert (found.state, codes(found), found.ratio) == ("alert", ["from_zero"], None)


def test_a_jump_is_told_within_the_hour_while_the_day_is_still_in_order() -> None:
    found = checked(step(-1, 1.7))
    assert finding(found, "hour").state == "alert"
    assert finding(found).state == "fine"


def test_a_dear_morning_and_a_nightly_summary_are_no_jumps() -> None:
    def morning(hour: int) -> Hour:
        return Hour(60, 0.02 if hour % 24 in (22, 23) else 0.01)

    def summary(hour: int) -> Hour:
        return Hour(60, 0.03 if hour in (-1, -19, -40) else 0.01)

    assert finding(checked(morning), "hour").state == "fine"
    found = finding(checked(summary), "hour")
    assert found.ratio is not None
    assert found.ratio.value == pytest.approx(3.0)
    assert found.state == "fine"


def test_an_hour_of_few_messages_is_not_judged() -> None:
    assert finding(checked(step(-1, 5.0, messages=40)), "hour").state == "no_data"


@pytest.mark.parametrize(("silent_hours", "state"), [(0, "fine"), (1, "no_data"), (5, "no_data"), (6, "alert")])
def test_silence_is_missing_data_at_once_and_an_alert_after_a_while(silent_hours: int, state: str) -> None:
    """At 60 messages an hour one empty hour is a gap; `max_no_data_hours` are 6."""
    found = checked(lambda hour: Hour(0 if hour >= -silent_hours else 60, 0.01))
    assert finding(found, "no_data").state == state


@pytest.mark.parametrize(("silent_hours", "state"), [(4, "fine"), (5, "no_data"), (6, "alert")])
def test_silence_is_measured_from_the_last_message_where_few_come(silent_hours: int, state: str) -> None:
    """At 12 messages an hour it takes five hours until the 50 of `min_messages_1h` are missed."""
    found = checked(lambda hour: Hour(0 if hour >= -silent_hours else 12, 0.01))
    assert finding(found, "no_data").state == state


def test_a_new_watch_waits_before_it_misses_data() -> None:
    empty = HourlySums({})
    for since, state in ((None, "alert"), (NOW - 5 * HOUR, "no_data"), (NOW - 6 * HOUR, "alert")):
        assert finding(check(empty, NOW, POLICY, watched_since=since), "no_data").state == state


def test_a_busy_assistant_is_missed_and_a_small_one_is_not() -> None:
    def silenced(messages: int) -> Course:
        return lambda hour: Hour(0 if hour >= -12 else messages, 0.01)

    found = checked(steady(), a_busy=silenced(60), a_small=silenced(2))
    assert finding(found, "no_data", "a/busy").state == "alert"
    assert finding(found, "no_data", "a/small").state == "fine"
    assert finding(found, "no_data").state == "fine"


@pytest.mark.parametrize(("unpriced", "state"), [(14, "fine"), (15, "alert")])
def test_more_than_a_hundredth_of_calls_without_a_price_is_an_alert(unpriced: int, state: str) -> None:
    """Of 1,440 calls 14 are 0.97 % and 15 are 1.04 %."""
    found = checked(lambda hour: Hour(60, 0.01, unpriced if hour == -1 else 0))
    assert finding(found, "unpriced").state == state


def test_no_calls_at_all_are_not_well_priced() -> None:
    assert finding(check(HourlySums({}), NOW, POLICY), "unpriced").state == "no_data"


def test_one_assistant_that_explains_the_total_is_told_alone() -> None:
    found = checked(step(-24, 2.0), gestante_conteudo=steady())
    total, own = finding(found), finding(found, scope="gestante/triagem")
    assert (total.state, total.told_by) == ("alert", "gestante/triagem")
    assert (own.state, own.told_by) == ("alert", None)


def test_several_assistants_are_told_as_the_total() -> None:
    found = checked(step(-24, 1.5), gestante_conteudo=step(-24, 1.4))
    assert finding(found).told_by is None
    assert {one.told_by for one in found.findings if one.state == "alert" and one.scope} == {""}


def test_an_assistant_is_told_while_the_total_is_in_order() -> None:
    found = checked(step(-24, 1.5, messages=10), gestante_conteudo=steady())
    assert finding(found).state == "fine"
    assert finding(found, scope="gestante/triagem").told_by is None


def test_a_check_made_again_with_what_it_kept_is_the_same() -> None:
    sums = HourlySums({"gestante/triagem": step(-24, 1.3), "gestante/conteudo": step(-1, 2.0)})
    first = check(sums, NOW, POLICY, watched_since=NOW - timedelta(days=3))
    again = check(sums, first.until, first.policy, as_of=first.mark, watched_since=first.watched_since)
    assert again == first


def test_what_came_late_changes_a_new_check_and_not_the_one_made_again() -> None:
    """20 messages an hour; then those of the newest four hours come, with a prompt nine times as long."""
    on_time = list(messages(NOON - 48 * HOUR, NOON - 4 * HOUR))
    late = list(messages(NOON - 4 * HOUR, NOON, Traffic(prompt_tokens=9000)))
    first = check(MemorySums(on_time), NOON, POLICY)
    ledger = MemorySums([*on_time, *late])
    assert check(ledger, first.until, first.policy, as_of=first.mark) == first
    now = check(ledger, first.until, first.policy)
    assert (finding(first).state, finding(now).state) == ("no_data", "alert")
    assert finding(now).last.messages - finding(first).last.messages == len(late) == 80


def test_checks_of_earlier_hours_are_what_they_would_have_been() -> None:
    sums = HourlySums({"gestante/triagem": step(-3, 1.8)})
    several = checks(sums, NOW, POLICY, 3)
    assert [one.until for one in several] == [NOW - hours * HOUR for hours in (3, 2, 1, 0)]
    assert several == tuple(check(sums, one.until, POLICY) for one in several)


def test_a_naive_time_and_a_kept_policy_with_a_gap_are_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        check(HourlySums(), NOW.replace(tzinfo=None), POLICY)
    kept = dict(checked(steady()).policy)
    del kept["confidence"]
    with pytest.raises(SettingsError, match=r"costs\.confidence"):
        check(HourlySums(), NOW, kept)


def test_a_threshold_is_read_from_the_policy() -> None:
    limit = POLICY.thresholds["costs.max_rise_24h"]
    lax = replace(POLICY, thresholds={**POLICY.thresholds, limit.name: replace(limit, value=0.5)})
    sums = HourlySums({"gestante/triagem": step(-24, 1.4)})
    assert finding(check(sums, NOW, POLICY)).state == "alert"
    assert finding(check(sums, NOW, lax)).state == "fine"

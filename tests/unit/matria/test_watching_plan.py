"""What one run of the watch plans and records: hours missed, hours changed by late entries, a policy that changed."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from matria.costs.base import LedgerEntry
from matria.costs.memory import MemorySums
from matria.costs.watching.base import Check, Episode, Step
from matria.costs.watching.decisions import Circumstances
from matria.costs.watching.store import Overtaken, WatchMemory
from matria.costs.watching.watch import CAUGHT_UP, CHECKED_AGAIN, full_hour, plan, record
from matria.policy import Policy, load_policy
from tests.unit.flows.watch_parts import HOUR, NOON, Traffic, messages

ROOT = Path(__file__).resolve().parents[3]
DAY = 24 * HOUR
DEARER = Traffic(version="1.1.0", prompt_tokens=2500)


@pytest.fixture
def memory(tmp_path: Path) -> WatchMemory:
    return WatchMemory(tmp_path / "watch.db")


@pytest.fixture(scope="module")
def policy() -> Policy:
    """That of the checkout, with fewer resamples: these tests are not of the interval."""
    return changed(load_policy(ROOT / "policy.yaml"), "bootstrap_resamples", 200)


def changed(policy: Policy, name: str, value: float) -> Policy:
    from dataclasses import replace

    threshold = replace(policy.thresholds[f"costs.{name}"], value=value)
    return Policy({**policy.thresholds, threshold.name: threshold}, policy.digest)


def nothing_known(check: Check, step: Step, was: Episode | None) -> Circumstances:
    return Circumstances()


def decide(memory: WatchMemory, entries: Iterable[LedgerEntry], hour: int, policy: Policy) -> list[int]:
    """Runs the watch at `hour` after noon; gives the hours after noon that it recorded."""
    until = NOON + hour * HOUR
    planned = plan(MemorySums(entries), memory, until, policy, nothing_known)
    made = record(memory, planned, "/reports/costs/x/costs.html", until, "0")
    return [round((one.check.until - NOON) / HOUR) for one in made]


def test_a_check_ends_at_the_full_hour() -> None:
    brasilia = (NOON + timedelta(minutes=59, seconds=59)).astimezone()
    assert full_hour(brasilia) == NOON


def test_the_first_run_judges_its_own_hour_alone(memory: WatchMemory, policy: Policy) -> None:
    entries = list(messages(NOON - 2 * DAY, NOON + 2 * HOUR))
    assert decide(memory, entries, 0, policy) == [0]
    assert decide(memory, entries, 0, policy) == []
    assert decide(memory, entries, 1, policy) == [1]


def test_missed_hours_are_made_up_for_and_no_more_than_a_day_of_them(memory: WatchMemory, policy: Policy) -> None:
    entries = list(messages(NOON - 2 * DAY, NOON + 3 * DAY))
    decide(memory, entries, 0, policy)
    assert decide(memory, entries, CHECKED_AGAIN + 3, policy) == list(range(1, CHECKED_AGAIN + 4))
    assert decide(memory, entries, 60, policy) == list(range(60 - CAUGHT_UP, 61))


def test_a_rise_that_came_and_went_while_nobody_watched_is_told_in_order(memory: WatchMemory, policy: Policy) -> None:
    end = NOON + DAY
    dear = [*messages(NOON, NOON + 4 * HOUR, Traffic(version="1.1.0", prompt_tokens=9000))]
    entries = [*messages(NOON - 2 * DAY, NOON), *dear, *messages(NOON + 4 * HOUR, end + 8 * HOUR)]
    decide(memory, entries, 0, policy)
    decide(memory, entries, 20, policy)
    decide(memory, entries, 31, policy)
    changes = [told.step.change for told in memory.waiting()]
    assert (changes[0], changes[-1]) == ("opened", "cleared")
    assert changes.count("opened") == changes.count("cleared") == 1


def test_late_entries_change_only_the_hours_that_they_belong_to(memory: WatchMemory, policy: Policy) -> None:
    entries = list(messages(NOON - 2 * DAY, NOON + 5 * HOUR))
    for hour in range(5):
        decide(memory, entries, hour, policy)
    late = messages(NOON + 2 * HOUR, NOON + 3 * HOUR, late="late")
    assert decide(memory, [*entries, *late], 5, policy) == [3, 4, 5]
    assert [check.until for check in memory.checked(NOON)] == [NOON + hour * HOUR for hour in range(6)]


def test_a_changed_policy_judges_the_hours_from_now_on(memory: WatchMemory, policy: Policy) -> None:
    entries = [*messages(NOON - 2 * DAY, NOON - 12 * HOUR), *messages(NOON - 12 * HOUR, NOON + 2 * HOUR, DEARER)]
    lax = changed(policy, "max_rise_24h", 0.9)
    decide(memory, entries, 0, lax)
    assert memory.waiting() == ()
    assert decide(memory, entries, 1, policy) == [1]
    (told,) = memory.waiting()
    assert told.check == NOON + HOUR
    assert told.circumstances.report == "/reports/costs/x/costs.html"


def test_a_plan_that_was_overtaken_records_nothing(memory: WatchMemory, policy: Policy) -> None:
    sums = MemorySums(messages(NOON - 2 * DAY, NOON))
    mine, theirs = (plan(sums, memory, NOON, policy, nothing_known) for _ in range(2))
    record(memory, theirs, "", NOON, "0")
    with pytest.raises(Overtaken):
        record(memory, mine, "", NOON, "0")
    assert memory.head() == 1

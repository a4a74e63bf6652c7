"""What `matria doctor` says of the watch: that nobody watches is not well."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from flows.steps.doctor_costs import ledger_state, notices_state, watch_state
from flows.steps.watching import watch_costs
from flows.wiring import Platform
from matria.errors import StorageError, UserError
from tests.notice_doubles import Channel
from tests.unit.flows.watch_parts import HOUR, NOON, messages, platform_with


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return platform_with(tmp_path, Channel())


def test_a_watch_that_never_ran_is_not_well_once_people_write(platform: Platform) -> None:
    assert "nothing to watch" in watch_state(platform, NOON)
    platform.ledger.record(messages(NOON - 2 * HOUR, NOON))
    with pytest.raises(UserError, match="no hour was ever judged"):
        watch_state(platform, NOON)


def test_a_watch_that_stopped_is_not_well_three_hours_later(platform: Platform) -> None:
    platform.ledger.record(messages(NOON - 2 * HOUR, NOON))
    watch_costs(platform, NOON + timedelta(minutes=15))
    assert "judged up to 2026-11-20 12:00 UTC" in watch_state(platform, NOON + 3 * HOUR)
    with pytest.raises(UserError, match="no hour after 2026-11-20 12:00 UTC was judged"):
        watch_state(platform, NOON + 3 * HOUR + timedelta(minutes=1))


def test_a_service_that_is_switched_off_needs_no_watch(platform: Platform) -> None:
    platform.ledger.record(messages(NOON - 2 * HOUR, NOON))
    watch_costs(platform, NOON)
    assert "no real message came in the week before" in watch_state(platform, NOON + 170 * HOUR)


def test_a_ledger_that_counts_but_cannot_add_up_is_not_well(platform: Platform, tmp_path: Path) -> None:
    platform.ledger.record(messages(NOON - 2 * HOUR, NOON))
    assert "40 messages of people with 40 calls" in ledger_state(platform, NOON)
    with sqlite3.connect(tmp_path / "costs" / "ledger.db") as connection:
        connection.execute("DROP TABLE ledger_series")
    with pytest.raises(StorageError):
        ledger_state(platform, NOON)


def test_links_that_lead_to_each_readers_own_machine_are_not_well(tmp_path: Path) -> None:
    urls = {"kind": "apprise", "urls": "team=json://127.0.0.1:9/hook"}
    with pytest.raises(UserError, match="MATRIA_SERVE__PUBLIC_URL"):
        notices_state(Platform.load(home=tmp_path, notify=urls))
    assert notices_state(Platform.load(home=tmp_path, notify=urls, serve={"public_url": "https://matria.example.org"}))
    assert notices_state(Platform.load(home=tmp_path))

"""The contract of `matria.costs.base.Ledger`, run on every adapter."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_places import LedgerPlace

from matria.costs.base import Cost, LedgerEntry, Rates, UnitPrices, Usage
from matria.costs.ledger.cells import packed
from matria.costs.ledger.store import SqlLedger
from matria.errors import StorageError

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WRITER = Path(__file__).with_name("ledger_writer.py")
FOREVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
Open = Callable[[], SqlLedger]
"""Opens the same ledger once more, as another process would."""


@pytest.fixture
def open_ledger(place: LedgerPlace) -> Open:
    return place.open


def entry(call_id: str = "call-1", at: datetime = NOON, usd: str | None = "0.00072") -> LedgerEntry:
    state = "unpriced" if usd is None else "priced"
    return LedgerEntry(
        call_id=call_id,
        at=at,
        purpose="assistant",
        conversation_id="3f9a",
        message_id="message-1",
        prompt_name="gestante/triagem",
        prompt_version="1.2.0",
        prompt_hash="ab12",
        persona="gestante",
        locale="pt-BR",
        provider="azure",
        model="our-deployment",
        model_snapshot="gpt-4.1-mini-2025-04-14",
        usage=Usage(1000, 200, cached_tokens=400, reasoning_tokens=7),
        latency_ms=812.5,
        cost=Cost(state, None if usd is None else Decimal(usd), "genai-prices 0.2.3", date(2026, 11, 20)),
        is_simulated=False,
        message_at=at,
        serves="people",
        prompt_tokens=300,
    )


def test_what_was_recorded_comes_back_whole(open_ledger: Open) -> None:
    entries = [entry("a"), entry("b", usd=None), replace(entry("c"), is_simulated=True)]
    open_ledger().record(entries)
    assert list(open_ledger().between(*FOREVER)) == entries


@pytest.mark.parametrize("usd", ["0", "0.000000000001", "0.1", "1E+2", "999.123456789012", "1000"])
def test_dollars_keep_every_digit(open_ledger: Open, usd: str) -> None:
    ledger = open_ledger()
    ledger.record([entry(usd=usd)])
    assert ledger.between(*FOREVER)[0].cost.usd == Decimal(usd)


@pytest.mark.parametrize(
    "usd", ["0.0000000000001", "-0.1", "NaN", "Infinity", "1000.000000000001", "9223372.036854775808"]
)
def test_what_is_no_cost_of_a_call_is_refused(open_ledger: Open, usd: str) -> None:
    ledger = open_ledger()
    with pytest.raises(ValueError):
        ledger.record([entry("a"), entry("b", usd=usd)])
    assert list(ledger.between(*FOREVER)) == []


def test_the_same_call_counts_once(open_ledger: Open) -> None:
    ledger = open_ledger()
    assert ledger.record([entry("a"), entry("b")]) == 2
    assert ledger.record([entry("b"), entry("c"), entry("c")]) == 1
    assert [e.call_id for e in ledger.between(*FOREVER)] == ["a", "b", "c"]


def test_a_replay_never_changes_what_was_recorded(open_ledger: Open) -> None:
    ledger = open_ledger()
    ledger.record([entry("a", usd="1")])
    ledger.record([entry("a", usd="2")])
    assert [e.cost.usd for e in ledger.between(*FOREVER)] == [Decimal(1)]


def test_nothing_to_record_is_no_error(open_ledger: Open) -> None:
    assert open_ledger().record([]) == 0


def test_a_window_is_half_open_and_in_order_of_time(open_ledger: Open) -> None:
    ledger = open_ledger()
    hours = [3, 1, 2, 0, 2]
    ledger.record([entry(f"call-{n}", NOON + timedelta(hours=hour)) for n, hour in enumerate(hours)])
    found = ledger.between(NOON + timedelta(hours=1), NOON + timedelta(hours=3))
    assert [e.call_id for e in found] == ["call-1", "call-2", "call-4"]


def test_times_of_another_zone_are_the_same_instant(open_ledger: Open) -> None:
    ledger = open_ledger()
    brasilia = timezone(timedelta(hours=-3))
    ledger.record([entry(at=datetime(2026, 11, 20, 9, tzinfo=brasilia))])
    assert [e.at for e in ledger.between(NOON, NOON + timedelta(microseconds=1))] == [NOON]


def test_a_naive_time_is_refused(open_ledger: Open) -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        open_ledger().between(naive, NOON)
    with pytest.raises(ValueError, match="time zone"):
        open_ledger().record([entry(at=naive)])


def test_threads_may_share_a_ledger(open_ledger: Open) -> None:
    ledger = open_ledger()
    with ThreadPoolExecutor(8) as pool:
        new = pool.map(lambda n: ledger.record([entry(f"call-{n % 20}")]), range(40))
    assert sum(new) == 20
    assert len(ledger.between(*FOREVER)) == 20


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.decimals(0, 100, places=12) | st.none(), st.datetimes(timezones=st.just(UTC)))
    )
)
@settings(suppress_health_check=list(HealthCheck), max_examples=15, deadline=None)
def test_any_entry_survives_the_way_there_and_back(
    new_place: Callable[[], LedgerPlace], calls: list[tuple[int, Decimal | None, datetime]]
) -> None:
    entries = [entry(f"c{n}", at, None if usd is None else str(usd)) for n, usd, at in calls]
    first_of_each = {e.call_id: e for e in reversed(entries)}
    ledger = new_place().open()
    ledger.record(entries)
    end = datetime.max.replace(tzinfo=UTC)
    everything = ledger.between(datetime.min.replace(tzinfo=UTC), end)
    assert {e.call_id: e for e in everything} == {k: e for k, e in first_of_each.items() if e.at < end}
    ledger.close()


def test_what_a_call_was_priced_with_comes_back(open_ledger: Open) -> None:
    prices = UnitPrices(input=Decimal("0.40"), cached=Decimal("0.1"), output=Decimal("1.60"))
    rates = Rates(date(2024, 12, 31), Decimal("6.1923"), None, "BCB PTAX")
    cost = Cost("priced", Decimal("0.0004"), "list", date(2026, 11, 20), prices, rates)
    usage = Usage(9, 8, 3, 2, 1, 4, "batch")
    told = replace(entry(), cost=cost, usage=usage, message_at=NOON - timedelta(seconds=2), serves="evaluation")
    ledger = open_ledger()
    ledger.record([told, replace(told, call_id="call-2", cost=replace(cost, unit_prices=UnitPrices(), rates=None))])
    first, second = ledger.between(*FOREVER)
    assert first == told
    assert (second.cost.unit_prices, second.cost.rates) == (UnitPrices(), None)


@pytest.mark.parametrize(
    "broken",
    [
        {"latency_ms": float("nan")},
        {"prompt_tokens": -1},
        {"usage": Usage(2**31, 1)},
        {"persona": "a\x00b"},
        {"cost": Cost("priced", None, "list", date(2026, 11, 20))},
        {"cost": Cost("unpriced", Decimal(1), "list", date(2026, 11, 20))},
    ],
)
def test_what_is_no_entry_is_refused_with_its_whole_batch(open_ledger: Open, broken: dict[str, Any]) -> None:
    ledger = open_ledger()
    with pytest.raises(ValueError):
        ledger.record([entry("a"), replace(entry("b"), **broken)])
    assert list(ledger.between(*FOREVER)) == []


def test_a_batch_is_written_together_or_not_at_all(place: LedgerPlace) -> None:
    """The database says that it is full at the third entry of five."""
    ledger = place.open()
    ledger.record([entry("before")])
    refuse(place, packed("c"))
    with pytest.raises(StorageError):
        ledger.record([entry(call_id) for call_id in "abcde"])
    assert [e.call_id for e in ledger.between(*FOREVER)] == ["before"]
    assert ledger.record([entry("a"), entry("b")]) == 2, "the ledger goes on"


@pytest.mark.parametrize("table", ["ledger_entries", "ledger_series"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_nobody_changes_what_was_recorded(place: LedgerPlace, table: str, change: str) -> None:
    ledger = place.open()
    ledger.record([entry()])
    column = {"ledger_entries": "latency_ms", "ledger_series": "is_simulated"}[table]
    with pytest.raises(StorageError), ledger._database.writing() as connection:
        connection.exec_driver_sql(change.format(table, column, column))
    assert list(ledger.between(*FOREVER)) == [entry()]


def refuse(place: LedgerPlace, call_id: bytes) -> None:
    """From now on the database takes no entry of that call, as if its disk were full."""
    condition = f"WHEN (NEW.call_id = {'x' if place.kind == 'sqlite' else ''}'{call_id.hex()}')"
    with place.open()._database.writing() as connection:
        if place.kind == "sqlite":
            connection.exec_driver_sql(
                f"CREATE TRIGGER refuse BEFORE INSERT ON ledger_entries {condition} "
                "BEGIN SELECT RAISE(ABORT, 'no room'); END"
            )
            return
        condition = condition.replace(f"'{call_id.hex()}'", f"decode('{call_id.hex()}', 'hex')")
        connection.exec_driver_sql(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$"
        )
        connection.exec_driver_sql(
            f"CREATE TRIGGER refuse BEFORE INSERT ON ledger_entries FOR EACH ROW {condition} EXECUTE FUNCTION refuse()"
        )


def start_writer(place: LedgerPlace, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(WRITER), place.kind, place.address, name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=WRITER.parents[2])


def test_processes_write_at_once_from_the_first_moment_and_lose_nothing(place: LedgerPlace) -> None:
    writers = [start_writer(place, name, 50) for name in ("left", "right")]
    for writer in writers:
        _, errors = writer.communicate()
        assert writer.returncode == 0, errors
    expected = sorted(f"{name}-{n}" for name in ("left", "right", "shared") for n in range(50))
    assert sorted(e.call_id for e in place.open().between(*FOREVER)) == expected


def test_what_record_returned_for_outlives_a_killed_process(place: LedgerPlace) -> None:
    writer = start_writer(place, "victim", 100_000)
    assert writer.stdout is not None
    acknowledged = [int(writer.stdout.readline()) for _ in range(20)]
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate()
    found = {e.call_id for e in place.open().between(*FOREVER)}
    assert {f"{name}-{n}" for n in acknowledged for name in ("victim", "shared")} <= found
    assert place.open().ping()


def test_a_ledger_says_that_it_answers(open_ledger: Open) -> None:
    ledger = open_ledger()
    ledger.record([entry()])
    assert "1 calls" in ledger.ping()

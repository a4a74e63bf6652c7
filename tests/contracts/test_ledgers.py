"""The contract of `matria.costs.base.Ledger`, run on every adapter."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matria.costs.base import Cost, Ledger, LedgerEntry, Usage
from matria.costs.ledger.sqlite import SqliteLedger
from matria.errors import StorageError

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FOREVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
Open = Callable[[], Ledger]
"""Opens the same ledger once more, as another process would."""


def sqlite_ledger(folder: Path) -> Open:
    return lambda: SqliteLedger(folder / "costs" / "ledger.db")


ADAPTERS = {"sqlite": sqlite_ledger}


@pytest.fixture(params=sorted(ADAPTERS))
def open_ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    return ADAPTERS[request.param](tmp_path)


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


@pytest.mark.parametrize("usd", ["0", "0.000000000001", "0.1", "1E+2", "1234567.123456789012", "9223372.036854775807"])
def test_dollars_keep_every_digit(open_ledger: Open, usd: str) -> None:
    ledger = open_ledger()
    ledger.record([entry(usd=usd)])
    assert ledger.between(*FOREVER)[0].cost.usd == Decimal(usd)


@pytest.mark.parametrize("usd", ["0.0000000000001", "-0.1", "NaN", "Infinity", "9223372.036854775808"])
def test_what_is_no_cost_in_picodollars_is_refused(open_ledger: Open, usd: str) -> None:
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
        st.tuples(st.integers(0, 9), st.decimals(0, 100, places=9) | st.none(), st.datetimes(timezones=st.just(UTC)))
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
def test_any_entry_survives_the_way_there_and_back(
    tmp_path_factory: pytest.TempPathFactory, calls: list[tuple[int, Decimal | None, datetime]]
) -> None:
    entries = [entry(f"c{n}", at, None if usd is None else str(usd)) for n, usd, at in calls]
    first_of_each = {e.call_id: e for e in reversed(entries)}
    for adapter in ADAPTERS.values():
        ledger = adapter(tmp_path_factory.mktemp("ledger"))()
        ledger.record(entries)
        everything = ledger.between(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
        assert {e.call_id: e for e in everything if e.at} == {
            k: e for k, e in first_of_each.items() if e.at < datetime.max.replace(tzinfo=UTC)
        }


def test_a_ledger_says_that_it_answers(open_ledger: Open) -> None:
    ledger = open_ledger()
    ledger.record([entry()])
    assert "1 calls" in ledger.ping()

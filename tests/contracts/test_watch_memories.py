"""What `matria.costs.watching.store` promises, on SQLite and on a real PostgreSQL."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from ledger_places import postgres_address

from flows.wiring_stores import ledger, outbox, watch_memory
from matria.costs.allowance.store import SqlAllowances
from matria.costs.base import Rates
from matria.costs.causes.base import Cause, Landed, Part
from matria.costs.ledger.postgres import PostgresLedger
from matria.costs.watching.base import Check, Episode, Finding, Ratio, Reason, Side, Step
from matria.costs.watching.decisions import Acceptance, Circumstances, Told
from matria.costs.watching.store import Overtaken, WatchMemory
from matria.errors import SettingsError, StorageError
from matria.notify.outbox import Outbox
from matria.settings import Settings, load_settings
from tests.notice_doubles import Channel
from tests.unit.flows.watch_parts import Traffic, messages, platform_with

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
Open = Callable[[], WatchMemory]


@pytest.fixture(params=["sqlite", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the same memory once more, as another process would."""
    if request.param == "sqlite":
        return lambda: WatchMemory(tmp_path / "costs" / "watch.db")
    address = postgres_address(request.getfixturevalue("postgres_server"))
    return lambda: WatchMemory(address)


def side(usd: str, end: datetime) -> Side:
    return Side(end - 24 * HOUR, end, 200, 199, Decimal(usd), 400, 1)


def finding(until: datetime, high: float = 1.5) -> Finding:
    ratio = Ratio(0.1 + 0.2, 1.1, high)
    before = side("0.200000000001", until - 24 * HOUR)
    return Finding(
        "day", "gestante/triagem", "alert", side("0.3", until), before, ratio, (Reason("rise", {"by": 0.5}),)
    )


def check(until: datetime, mark: str = "7") -> Check:
    return Check(until, mark, {"costs.max_rise_24h": 0.2}, (finding(until), finding(until, float("inf"))))


def episode(alert_id: str, until: datetime) -> Episode:
    found = finding(until)
    return Episode(alert_id, "day", found.scope, "open", until, until, found.before, found, found, found)


def told(of: Episode, until: datetime) -> Told:
    cause = Cause(
        Fraction(1, 3),
        Fraction(2, 3),
        (Part("prompt_tokens", Fraction(1, 3), "gestante/triagem", 610.0, 1350.5),),
        (Landed("prompt", "gestante/triagem", "1.3.0", "1.4.0", until, "abc1234", "Ana", "Explain longer", 12),),
    )
    rates = Rates(date(2026, 11, 19), Decimal("5.1234"), None, "BCB PTAX")
    known = Circumstances(until, cause, rates, Decimal(12340), Decimal("0.004"), report="/reports/costs/x/costs.html")
    return Told(Step("opened", of), known, until)


def test_a_decision_comes_back_as_it_was_made(opened: Open) -> None:
    made = opened()
    opening = episode("day-1", NOON)
    decision = made.decide(0, check(NOON), [opening], [told(opening, NOON)], NOON, "0.4.0")
    other = opened()
    assert other.newest() == decision
    assert other.decisions("day-1") == (decision,)
    assert other.episodes(NOON) == (opening,)
    assert other.episode("day-1") == opening
    assert other.checked(NOON) == (check(NOON),)


def test_of_two_watches_at_once_one_decides(opened: Open) -> None:
    first, second = opened(), opened()
    assert first.head() == second.head() == 0
    first.decide(0, check(NOON), [], [], NOON, "0.4.0")
    with pytest.raises(Overtaken, match="run this one again"):
        second.decide(0, check(NOON), [episode("day-1", NOON)], [], NOON, "0.4.0")
    assert second.episodes(NOON) == ()
    assert second.head() == 1


def test_a_step_waits_until_its_notice_is_handed_on_and_is_recorded_once(opened: Open) -> None:
    memory = opened()
    opening = episode("day-1", NOON)
    memory.decide(0, check(NOON), [opening], [told(opening, NOON)], NOON, "0.4.0")
    memory.decide(1, check(NOON, "8"), [opening], [told(opening, NOON)], NOON, "0.4.0")
    (waiting,) = opened().waiting()
    assert waiting == told(opening, NOON)
    memory.handed_on(waiting.key, NOON)
    memory.handed_on(waiting.key, NOON + HOUR)
    assert opened().waiting() == ()


def test_episodes_are_given_as_they_stood_before_a_decision(opened: Open) -> None:
    memory = opened()
    opening = episode("day-1", NOON)
    cleared = replace(opening, state="cleared", changed_at=NOON + HOUR)
    memory.decide(0, check(NOON), [opening], [], NOON, "0.4.0")
    memory.decide(1, check(NOON + HOUR), [cleared], [], NOON + HOUR, "0.4.0")
    assert memory.episodes(NOON, before=2) == (opening,)
    assert memory.episodes(NOON + HOUR) == (cleared,)
    assert memory.episodes(NOON + 2 * HOUR) == ()
    assert memory.episodes(NOON + 2 * HOUR, before=2) == (opening,)
    assert [found.state for found in memory.alerts(10)] == ["cleared"]


def test_the_newest_check_of_each_hour_counts(opened: Open) -> None:
    memory = opened()
    assert memory.judged() is None
    for number, (until, mark) in enumerate([(NOON, "7"), (NOON + HOUR, "8"), (NOON, "9")]):
        memory.decide(number, check(until, mark), [], [], NOON, "0.4.0")
    assert memory.judged() == NOON + HOUR, "not that of the newest decision"
    assert [(found.until, found.mark) for found in memory.checked(NOON)] == [(NOON, "9"), (NOON + HOUR, "8")]
    assert [found.mark for found in memory.checked(NOON + HOUR)] == ["8"]


def test_a_persons_word_is_kept_with_the_episode(opened: Open) -> None:
    memory = opened()
    opening = episode("day-1", NOON)
    memory.decide(0, check(NOON), [opening], [], NOON, "0.4.0")
    word = Acceptance("day-1", "Ana", "longer on purpose", NOON + HOUR)
    accepted = replace(opening, state="accepted", changed_at=word.at)
    memory.accept(word, accepted)
    assert memory.began() == NOON
    assert memory.acceptance("day-1") == word
    assert memory.acceptance("day-2") is None
    assert memory.episode("day-1") == accepted
    newest = memory.newest()
    assert newest is not None
    assert newest.number == 1
    assert memory.head() == 2


def test_what_was_decided_can_be_neither_changed_nor_removed(tmp_path: Path) -> None:
    path = tmp_path / "watch.db"
    WatchMemory(path).decide(0, check(NOON), [], [], NOON, "0.4.0")
    with sqlite3.connect(path) as connection:
        for statement in ("UPDATE cost_decisions SET body = ''", "DELETE FROM cost_decisions"):
            with pytest.raises(sqlite3.IntegrityError, match="only grows"):
                connection.execute(statement)


def test_a_postgres_that_is_not_there_is_a_sentence_without_its_password() -> None:
    memory = WatchMemory("postgresql://someone:hunter2@127.0.0.1:1/nowhere")
    with pytest.raises(StorageError, match="MATRIA_LEDGER__URL") as caught:
        memory.head()
    assert "hunter2" not in str(caught.value)


def test_a_damaged_file_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "watch.db"
    path.write_bytes(b"no database" * 100)
    with pytest.raises(StorageError, match="told again"):
        WatchMemory(path).head()


def test_in_postgresql_ledger_memory_and_outbox_lie_together(postgres_server: Any, tmp_path: Path) -> None:
    from flows.steps.notices import tell_people
    from flows.steps.watching import watch_costs
    from matria.costs.watching.explain import explain

    channel = Channel()
    platforms = [
        platform_with(tmp_path, channel, ledger={"kind": "postgres", "url": address})
        for address in [postgres_address(postgres_server)] * 2
    ]
    writer, watcher = platforms
    writer.ledger.record(messages(NOON - 72 * HOUR, NOON - 12 * HOUR))
    writer.ledger.record(messages(NOON - 12 * HOUR, NOON, Traffic(version="1.1.0", prompt_tokens=2500)))
    assert watch_costs(watcher, NOON).state == "alert"
    writer.ledger.record(messages(NOON - 24 * HOUR, NOON, Traffic(prompt_tokens=100, an_hour=100), late="late"))
    (alert,) = writer.watch_memory.alerts(10)
    found = explain(writer.ledger, writer.watch_memory, alert.alert_id)
    assert found is not None
    assert found.is_same
    assert found.decisions[0].is_changed_by_late
    tell_people(writer, 0)
    assert len(channel.notices) == 1
    assert not list(tmp_path.rglob("*.db"))


STORES: dict[str, Callable[[str], object]] = {
    "ledger": lambda url: PostgresLedger(url).ping(),
    "memory": lambda url: WatchMemory(url).ping(),
    "outbox": lambda url: Outbox(url, ["team"]).ping(),
    "allowances": lambda url: SqlAllowances(url).standing("day", NOON),
}


@pytest.mark.parametrize("asked", STORES)
def test_a_password_with_a_sign_of_an_address_is_a_sentence_that_repeats_none_of_it(asked: str) -> None:
    """What comes after its colon is read as a port, and the error of that repeats it."""
    with pytest.raises(StorageError, match="MATRIA_LEDGER__URL is no address") as caught:
        STORES[asked]("postgresql://someone:pw@x:s3cr3t@127.0.0.1/db")
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_postgresql_without_an_address_is_never_a_file_in_its_place(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, ledger={"kind": "postgres"})
    choices: list[Callable[[Settings], object]] = [ledger, watch_memory, lambda of: outbox(of, ["team"])]
    for choose in choices:
        with pytest.raises(SettingsError, match="needs MATRIA_LEDGER__URL"):
            choose(settings)

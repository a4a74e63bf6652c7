"""The contract of `matria.handover.base.Handovers`, run on every adapter, and the desk that fills it."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from matria.errors import StorageError
from matria.handover.base import Handover, Handovers
from matria.handover.desk import Desk
from matria.handover.sqlite import SqliteHandovers
from matria.notify.base import Notice
from tests.notice_doubles import Channel

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ONE = Handover("3f9a" * 8, "self_harm_disclosure", "puerpera", "pt-BR", NOON, "message-1")
Open = Callable[[], Handovers]
PATIENCE_S = 60.0
"""With a store and a channel that answer."""


def sqlite_handovers(folder: Path) -> Open:
    return lambda: SqliteHandovers(folder / "handover" / "handovers.db")


ADAPTERS = {"sqlite": sqlite_handovers}


@pytest.fixture(params=sorted(ADAPTERS))
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    return ADAPTERS[request.param](tmp_path)


def desk_of(handovers: Handovers, channel: Channel) -> Desk:
    return Desk(handovers, channel, clock=lambda: NOON, patience_s=PATIENCE_S)


class FullDisk(SqliteHandovers):
    """A store that cannot be written."""

    def open(self, handover: Handover) -> bool:
        raise StorageError("The disk is full.")


def test_what_was_opened_waits_until_it_is_closed(opened: Open) -> None:
    assert opened().open(ONE)
    assert opened().waiting() == [ONE]
    opened().close(ONE.handover_id, "turno da noite", NOON + timedelta(hours=1))
    assert opened().waiting() == []


def test_the_same_conversation_and_reason_is_open_once(opened: Open) -> None:
    again = replace(ONE, message_id="message-2", opened_at=NOON + timedelta(minutes=5))
    assert [opened().open(ONE), opened().open(again)] == [True, False]
    assert opened().open(replace(ONE, reason="abuse_disclosure"))
    assert len(opened().waiting()) == 2


def test_a_closed_one_can_be_opened_anew(opened: Open) -> None:
    opened().open(ONE)
    opened().close(ONE.handover_id, "turno da noite", NOON)
    later = replace(ONE, opened_at=NOON + timedelta(days=1))
    assert opened().open(later)
    assert opened().waiting() == [later]


def test_that_somebody_was_told_is_kept(opened: Open) -> None:
    opened().open(ONE)
    opened().told(ONE.handover_id, NOON)
    assert opened().waiting() == [replace(ONE, told_at=NOON)]


@pytest.mark.parametrize("change", ["told", "close"])
def test_what_is_not_open_cannot_be_told_or_closed(opened: Open, change: str) -> None:
    with pytest.raises(KeyError):
        opened().told("none", NOON) if change == "told" else opened().close("none", "x", NOON)


def test_the_oldest_comes_first(opened: Open) -> None:
    for hours in (3, 1, 2):
        opened().open(replace(ONE, conversation_id=f"{hours}" * 32, opened_at=NOON + timedelta(hours=hours)))
    assert [handover.conversation_id[0] for handover in opened().waiting()] == ["1", "2", "3"]


def test_of_many_at_once_one_is_new(opened: Open) -> None:
    opened().waiting()
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: opened().open(ONE), range(16))) == 1


def test_a_naive_time_is_refused(opened: Open) -> None:
    with pytest.raises(ValueError, match="zone"):
        opened().open(replace(ONE, opened_at=NOON.replace(tzinfo=None)))


def test_a_ping_says_how_many_wait(opened: Open) -> None:
    opened().open(ONE)
    assert "1 conversations wait for a person, 1 of them told to nobody" in opened().ping()


def test_a_person_is_told_once_and_reads_nothing_of_what_was_said(opened: Open) -> None:
    channel = Channel()
    desk = desk_of(opened(), channel)
    assert asyncio.run(desk.hand_over(ONE)) == "told"
    assert asyncio.run(desk.hand_over(ONE)) == "known"
    (notice,) = channel.notices
    assert notice.severity == "critical"
    assert "self harm disclosure" in notice.subject
    assert ONE.handover_id in notice.body
    assert opened().waiting()[0].told_at == NOON


def test_what_nobody_heard_is_told_again(opened: Open) -> None:
    channel = Channel(is_down=True)
    desk = desk_of(opened(), channel)
    assert asyncio.run(desk.hand_over(ONE)) == "untold"
    assert desk.tell_waiting() == 0
    channel.is_down = False
    assert [desk.tell_waiting(), desk.tell_waiting()] == [1, 0]
    assert len(channel.notices) == 1


def test_a_store_that_fails_still_has_a_person_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    channel = Channel()
    assert asyncio.run(desk_of(FullDisk(tmp_path / "x.db"), channel).hand_over(ONE)) == "failed"
    assert len(channel.notices) == 1
    assert "could not be marked" in caplog.text


def test_a_second_disclosure_is_told_where_nobody_heard_of_the_first(opened: Open) -> None:
    channel = Channel(is_down=True)
    desk = desk_of(opened(), channel)
    assert asyncio.run(desk.hand_over(ONE)) == "untold"
    channel.is_down = False
    assert [asyncio.run(desk.hand_over(ONE)) for _ in range(2)] == ["told", "known"]


@pytest.mark.parametrize("error", [RuntimeError("x"), OSError("x"), ValueError("x"), TimeoutError()])
def test_a_channel_that_fails_in_its_own_way_harms_nobody(opened: Open, error: Exception) -> None:
    class Broken(Channel):
        def notify(self, notice: Notice) -> None:
            raise error

    assert asyncio.run(desk_of(opened(), Broken()).hand_over(ONE)) == "untold"
    assert opened().waiting() == [ONE]
    assert desk_of(opened(), Broken()).tell_waiting() == 0


def test_a_slow_channel_does_not_keep_her_waiting_and_is_told_all_the_same(opened: Open) -> None:
    release, told = threading.Event(), threading.Event()

    class Slow(Channel):
        def notify(self, notice: Notice) -> None:
            release.wait(PATIENCE_S)
            told.set()

    async def run() -> str:
        came = await Desk(opened(), Slow(), patience_s=0.05).hand_over(ONE)
        release.set()
        return came

    assert asyncio.run(run()) == "pending"
    assert told.wait(PATIENCE_S)

"""Notices in the outbox, on SQLite and on a real PostgreSQL: kept, sent once a channel, tried again, given up."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from matria.errors import StorageError
from matria.notify.base import Notice
from matria.notify.outbox import Outbox
from matria.notify.sending import Backoff, Sender
from tests.notice_doubles import Channel

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
BACKOFF = Backoff(first_s=60, most_s=3600, give_up_hours=24)
Open = Callable[..., Outbox]
"""Opens the same outbox once more, as another process would, with these channels."""


@pytest.fixture
def opened(store_place: Path | str) -> Open:
    return lambda *channels: Outbox(store_place, channels or ("team",))


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


def notice(subject: str) -> Notice:
    return Notice(subject, "Linha 1.\nLinha 2.", "warning", NOON, "http://127.0.0.1/r")


def sender(outbox: Outbox, clock: Clock, **channels: Channel) -> Sender:
    return Sender(outbox, channels, BACKOFF, timeout_s=5, clock=clock)


def test_a_key_is_put_once_and_the_first_notice_stands(opened: Open) -> None:
    assert [opened().put("a", notice("first"), NOON), opened().put("a", notice("second"), NOON)] == [True, False]
    (kept,) = opened().open()
    assert (kept.key, kept.channel, kept.state, kept.notice) == ("a", "team", "pending", notice("first"))


def test_many_who_put_the_same_keys_at_once_put_each_once(opened: Open) -> None:
    with ThreadPoolExecutor(8) as pool:
        new = list(pool.map(lambda number: opened().put(f"k{number % 5}", notice("x"), NOON), range(40)))
    assert sum(new) == 5
    assert len(opened().open()) == 5


def test_what_is_due_is_sent_to_each_channel_in_order_and_never_again(opened: Open) -> None:
    team, care = Channel(), Channel()
    for subject in ("alert", "worse", "over"):
        opened("team", "care").put(subject, notice(subject), NOON)
    sent = sender(opened("team", "care"), Clock(), team=team, care=care).send_due()
    assert team.subjects == care.subjects == ["alert", "worse", "over"]
    assert (len(sent.delivered), list(sent.undelivered), sent.next_due_at) == (6, [], None)
    assert opened("team", "care").put("alert", notice("alert"), NOON + HOUR) is False
    sender(opened("team", "care"), Clock(NOON + 9 * HOUR), team=team, care=care).send_due()
    assert (team.asked, care.asked) == (3, 3)


def test_a_channel_that_fails_is_tried_again_with_doubled_pauses_and_the_other_is_not(opened: Open) -> None:
    clock, team, care = Clock(), Channel(is_down=True), Channel()
    opened("team", "care").put("a", notice("a"), NOON)
    tried_at = []
    for minute in range(16):
        clock.now, asked = NOON + minute * MINUTE, team.asked
        sender(opened("team", "care"), clock, team=team, care=care).send_due()
        tried_at += [minute] * (team.asked - asked)
    assert tried_at == [0, 1, 3, 7, 15]  # pauses of 1, 2, 4 and 8 minutes
    assert care.asked == 1
    (left,) = opened("team", "care").open()
    assert (left.channel, left.attempts, left.why, left.is_undelivered) == ("team", 5, "the channel is down", True)
    team.is_down, clock.now = False, NOON + HOUR
    assert [one.key for one in sender(opened("team", "care"), clock, team=team, care=care).send_due().delivered] == [
        "a"
    ]
    assert opened().open() == []


def test_an_all_clear_does_not_pass_the_alert_that_waits(opened: Open) -> None:
    clock, team = Clock(), Channel(is_down=True)
    opened().put("alert", notice("alert"), NOON)
    sender(opened(), clock, team=team).send_due()
    team.is_down, clock.now = False, NOON + timedelta(seconds=10)  # the alert would not be due yet
    opened().put("over", notice("over"), clock.now)
    sender(opened(), clock, team=team).send_due()
    assert team.subjects == ["alert", "over"]


def test_a_channel_that_is_down_costs_two_attempts_a_run_and_one_bad_notice_holds_up_no_other(opened: Open) -> None:
    down, picky = Channel(is_down=True), Channel(refused_subjects=frozenset({"1", "3"}))
    for number in range(6):
        opened("down", "picky").put(str(number), notice(str(number)), NOON)
    sent = sender(opened("down", "picky"), Clock(), down=down, picky=picky).send_due()
    assert down.asked == 2
    assert [(one.key, one.channel) for one in sent.undelivered if one.channel == "picky"] == [
        ("1", "picky"),
        ("3", "picky"),
    ]
    assert sum(one.channel == "down" for one in sent.undelivered) == 6
    assert picky.subjects == ["0", "2", "4", "5"]


def test_it_is_given_up_after_the_hours_set_and_stays_visible_until_somebody_acts(opened: Open) -> None:
    clock, team = Clock(), Channel(is_down=True)
    opened().put("a", notice("a"), NOON)
    for hour in range(26):
        clock.now = NOON + hour * HOUR
        last = sender(opened(), clock, team=team).send_due()
    asked = team.asked
    assert [(one.key, one.state) for one in last.undelivered] == [("a", "failed")]
    assert last.next_due_at is None
    team.is_down, clock.now = False, NOON + 40 * HOUR
    sender(opened(), clock, team=team).send_due()
    assert team.asked == asked
    assert opened().retry("a", clock.now).due == 1
    sender(opened(), clock, team=team).send_due()
    assert team.subjects == ["a"]


def test_a_retry_neither_hides_since_when_nobody_has_heard_nor_starts_the_hours_anew(opened: Open) -> None:
    clock, team = Clock(), Channel(is_down=True)
    opened().put("a", notice("a"), NOON)
    for hour in (1, 40):  # of 24 that a notice is tried for
        clock.now = NOON + hour * HOUR
        opened().retry(None, clock.now)
        (left,) = sender(opened(), clock, team=team).send_due().undelivered
        assert left.put_at == NOON
        assert left.state == ("pending" if hour == 1 else "failed")


def test_one_that_was_dropped_is_not_sent_and_no_longer_undelivered(opened: Open) -> None:
    clock, team = Clock(), Channel(is_down=True)
    opened().put("a", notice("a"), NOON)
    sender(opened(), clock, team=team).send_due()
    assert (opened().drop("a"), opened().drop("a"), opened().drop("unknown")) == (1, 0, 0)
    assert opened().open() == []
    assert [one.state for one in opened().deliveries()] == ["dropped"]
    assert opened().retry(None, NOON + HOUR).due == 0


def test_a_channel_that_left_the_settings_is_said_and_retry_takes_those_there_are(opened: Open) -> None:
    clock, new = Clock(), Channel()
    opened("old").put("a", notice("a"), NOON)
    (left,) = sender(opened("new"), clock, new=new).send_due().undelivered
    assert (left.state, left.why) == ("failed", "there is no channel 'old' in the settings any more")
    retried = opened("new").retry(None, NOON + HOUR)
    assert (retried.due, retried.gone) == (1, ("old",))
    clock.now = NOON + HOUR
    sender(opened("new"), clock, new=new).send_due()
    assert new.subjects == ["a"]
    moved, kept = opened("new").deliveries()
    assert (moved.state, moved.put_at) == ("delivered", NOON)
    assert (kept.state, kept.why) == ("dropped", "not in the settings any more; sent again on new")
    assert opened("new").open() == []


def test_two_senders_at_once_send_each_notice_once(opened: Open) -> None:
    team, lock = Channel(), threading.Lock()
    for number in range(20):
        opened().put(str(number), notice(str(number)), NOON)

    class Slow(Channel):
        def notify(self, notice: Notice) -> None:
            with lock:
                team.notices.append(notice)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: sender(opened(), Clock(), team=Slow()).send_due(), range(4)))
    assert sorted(team.subjects, key=int) == [str(number) for number in range(20)]
    assert opened().open() == []


def test_what_a_sender_died_with_is_taken_over_once_its_lease_is_over(opened: Open) -> None:
    opened().put("a", notice("a"), NOON)
    assert opened().claim(NOON, NOON, lease=5 * MINUTE) is not None
    assert opened().claim(NOON + MINUTE, NOON + MINUTE, lease=5 * MINUTE) is None
    team = Channel()
    sender(opened(), Clock(NOON + 6 * MINUTE), team=team).send_due()
    assert team.subjects == ["a"]


def test_a_notice_that_was_put_outlives_the_process_that_put_it(opened: Open, store_place: Path | str) -> None:
    program = (
        "import sys, time; from datetime import *; from pathlib import Path\n"
        "from matria.notify.base import Notice; from matria.notify.outbox import Outbox\n"
        "place = Path(sys.argv[2]) if sys.argv[1] == 'file' else sys.argv[2]\n"
        "Outbox(place, ['team']).put('a', Notice('s', 'b', 'critical', datetime.now(UTC)))\n"
        "print('put', flush=True); time.sleep(60)\n"
    )
    kind = "file" if isinstance(store_place, Path) else "server"
    with subprocess.Popen([sys.executable, "-c", program, kind, str(store_place)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"put\n"
        os.kill(process.pid, signal.SIGKILL)
    assert [one.key for one in opened().open()] == ["a"]


def test_a_time_without_a_zone_is_refused(opened: Open) -> None:
    with pytest.raises(ValueError, match="time zone"):
        opened().put("a", notice("a"), datetime(2026, 11, 22))  # noqa: DTZ001


def test_a_damaged_file_is_a_sentence_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.write_bytes(b"no database" * 200)
    with pytest.raises(StorageError, match="move it away"):
        Outbox(path, ("team",)).put("a", notice("a"), NOON)


def test_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "notices").write_text("a file where the folder should be")
    with pytest.raises(StorageError):
        Outbox(tmp_path / "notices" / "outbox.db", ("team",)).open()


def test_a_server_that_is_not_there_is_a_sentence_without_its_password() -> None:
    outbox = Outbox("postgresql://matria:hush@127.0.0.1:1/ledger", ("team",))
    with pytest.raises(StorageError, match="MATRIA_LEDGER__URL") as met:
        outbox.put("a", notice("a"), NOON)
    assert "hush" not in f"{met.value}{met.value.__cause__}{outbox!r}"

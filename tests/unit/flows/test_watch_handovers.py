"""Conversations that wait are told until somebody hears, and again when they wait too long."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.steps.handovers import watch_handovers
from flows.wiring import Platform
from matria.handover.base import Handover
from matria.handover.desk import Desk
from tests.notice_doubles import Channel

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


Made = Callable[..., tuple[Platform, Channel]]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    def made(*waits_min: int, is_down: bool = False) -> tuple[Platform, Channel]:
        platform, channel = Platform.load(home=tmp_path), Channel(is_down)
        vars(platform)["desk"] = Desk(platform.handovers, channel, clock=lambda: NOON)
        for minutes in waits_min:
            opened_at = NOON - timedelta(minutes=minutes)
            platform.handovers.open(Handover(f"{minutes:032}", "abuse_disclosure", "gestante", "en", opened_at, "m"))
        return platform, channel

    return made


def test_where_nobody_waits_it_is_quiet(made: Made) -> None:
    platform, channel = made()
    found = watch_handovers(platform, NOON)
    assert (found.state, found.title, found.table()) == ("quiet", "No conversation waits for a person", [])
    assert channel.notices == []


def test_what_nobody_heard_of_is_told(made: Made) -> None:
    platform, channel = made(3)
    found = watch_handovers(platform, NOON)
    assert (found.state, found.table()[0]["told"]) == ("waiting", "yes")
    assert len(channel.notices) == 1
    assert watch_handovers(platform, NOON).state == "waiting"
    assert len(channel.notices) == 1


def test_one_that_waits_too_long_is_told_again_and_again(made: Made) -> None:
    platform, channel = made(31, 2)
    assert watch_handovers(platform, NOON).state == "overdue"
    assert len(channel.notices) == 2, "both are told, and neither twice in one run"
    assert "the oldest for 36 min, TOO LONG" in watch_handovers(platform, NOON + timedelta(minutes=5)).title
    assert len(channel.notices) == 2, "told five minutes ago"
    later = NOON + timedelta(minutes=31)
    vars(platform)["desk"] = Desk(platform.handovers, channel, clock=lambda: later)
    watch_handovers(platform, later)
    watch_handovers(platform, later + timedelta(minutes=5))
    assert [notice.subject for notice in channel.notices[2:]] == [
        "A conversation needs a person: waiting for 62 min: abuse disclosure",
        "A conversation needs a person: waiting for 33 min: abuse disclosure",
    ]


def test_what_is_no_emergency_is_told_once(made: Made) -> None:
    platform, channel = made()
    opened_at = NOON - timedelta(hours=5)
    platform.handovers.open(Handover("7" * 32, "care_in_answer", "gestante", "en", opened_at, "m"))
    assert [watch_handovers(platform, NOON + timedelta(hours=hours)).state for hours in (0, 2)] == ["waiting"] * 2
    assert [notice.severity for notice in channel.notices] == ["warning"]


def test_a_reminder_that_nobody_took_is_unheard(made: Made) -> None:
    platform, channel = made(31)
    watch_handovers(platform, NOON)
    channel.is_down = True
    assert watch_handovers(platform, NOON + timedelta(minutes=31)).state == "unheard"


def test_where_no_channel_answers_it_says_so(made: Made) -> None:
    platform, _ = made(1, is_down=True)
    found = watch_handovers(platform, NOON)
    assert (found.state, found.table()[0]["told"]) == ("unheard", "nobody")
    assert "NOBODY COULD BE TOLD" in found.title

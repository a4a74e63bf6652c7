"""Conversations that wait are told until somebody hears, and again when they wait too long."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.steps.handovers import watch_handovers
from flows.wiring import Platform
from matria.handover.base import Handover
from matria.handover.desk import Desk
from matria.notify.base import NotDelivered, Notice

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Channel:
    """Takes notices, or fails."""

    is_down: bool = False
    notices: list[Notice] = field(default_factory=list)

    def notify(self, notice: Notice) -> None:
        if self.is_down:
            raise NotDelivered("the channel is down")
        self.notices.append(notice)

    def ping(self) -> str:
        return "channel"


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
    found = watch_handovers(platform, NOON + timedelta(minutes=5))
    assert "the oldest for 36 min, TOO LONG" in found.title
    assert [notice.subject for notice in channel.notices if "waiting" in notice.subject] == [
        "A conversation needs a person: waiting for 31 min: abuse disclosure",
        "A conversation needs a person: waiting for 36 min: abuse disclosure",
    ]


def test_where_no_channel_answers_it_says_so(made: Made) -> None:
    platform, _ = made(1, is_down=True)
    found = watch_handovers(platform, NOON)
    assert (found.state, found.table()[0]["told"]) == ("unheard", "nobody")
    assert "NOBODY COULD BE TOLD" in found.title

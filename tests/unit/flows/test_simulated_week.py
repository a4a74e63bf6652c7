"""A simulated week says what it kept, and nothing that it did not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.steps.simulated_week import simulate_week
from flows.wiring import Platform
from matria.errors import SettingsError, StorageError
from matria.settings import TranscriptsSettings

MONDAY = datetime(2026, 11, 9, 3, tzinfo=UTC)
WEEK = timedelta(days=7)


def test_a_week_lies_within_its_days_and_is_marked_as_simulated(tmp_path: Path) -> None:
    platform = Platform.load(home=tmp_path)
    made = simulate_week(platform, MONDAY, MONDAY + WEEK, 6)
    assert platform.transcripts is not None
    kept = list(platform.transcripts.between(MONDAY, MONDAY + WEEK))
    assert (len(kept), sum(len(one.exchanges) for one in kept)) == (made.conversations, made.exchanges)
    assert all(exchange.is_simulated for one in kept for exchange in one.exchanges)
    assert not platform.handovers.waiting(), "nobody is called for a simulated disclosure"


def test_a_store_that_cannot_be_had_is_said_before_anything_is_asked(tmp_path: Path) -> None:
    nowhere = TranscriptsSettings(kind="postgres", url="postgresql://me:hush@127.0.0.1:1/none")
    with pytest.raises(StorageError, match="MATRIA_TRANSCRIPTS__URL"):
        simulate_week(Platform.load(home=tmp_path, transcripts=nowhere), MONDAY, MONDAY + WEEK, 3)


def test_a_service_that_keeps_nothing_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="none"):
        simulate_week(
            Platform.load(home=tmp_path, transcripts=TranscriptsSettings(kind="none")), MONDAY, MONDAY + WEEK, 3
        )

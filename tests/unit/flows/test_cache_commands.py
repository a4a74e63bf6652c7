"""`matria cache`: what evaluations have kept, and letting it go."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from flows.cli.entry import run
from flows.steps.cache import PruneRequest, age, cache_stock, prune_cache, size_bytes
from flows.wiring import Platform
from matria.errors import SettingsError
from matria.messages import Message
from models.assistant.base import ChatReply, ChatRequest

REQUEST = ChatRequest((Message("user", "Can I drink coffee?"),), "simulator-1")


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return Platform.load(home=tmp_path)


def ask(platform: Platform, *epochs: int, is_cached: bool = True) -> list[ChatReply]:
    async def work() -> list[ChatReply]:
        chat = platform.chat(is_cached=is_cached)
        try:
            return [await chat.complete(ChatRequest(REQUEST.messages, REQUEST.model, epoch=n)) for n in epochs]
        finally:
            await chat.aclose()

    return asyncio.run(work())


def test_an_evaluations_chat_remembers_and_a_patients_does_not(platform: Platform) -> None:
    assert [reply.is_cached for reply in ask(platform, 0, 1, 0)] == [False, False, True]
    assert [reply.is_cached for reply in ask(platform, 0, is_cached=False)] == [False]


def test_without_a_cache_everything_is_asked(tmp_path: Path) -> None:
    platform = Platform.load(home=tmp_path, cache={"kind": "none"})
    assert [reply.is_cached for reply in ask(platform, 0, 0)] == [False, False]
    with pytest.raises(SettingsError, match="no reply is kept"):
        cache_stock(platform)


def test_a_database_without_an_address_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="MATRIA_CACHE__URL"):
        cache_stock(Platform.load(home=tmp_path, cache={"kind": "postgres"}))


def test_what_is_kept_is_shown_and_goes(
    platform: Platform, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(platform, 0, 1, 2)
    monkeypatch.setenv("MATRIA_HOME", str(platform.settings.home))
    assert run(["cache", "show"]) == 0
    assert run(["cache", "prune", "--older-than", "1d"]) == 0
    assert run(["cache", "prune", "--model", "simulator-1"]) == 0
    said = capsys.readouterr().out
    assert "simulator-1" in said
    assert "3 replies, 0.0 MB." in said
    assert "0 replies went." in said
    assert "3 replies went." in said


def test_a_prune_of_nothing_in_particular_is_refused(platform: Platform) -> None:
    with pytest.raises(SettingsError, match="Say what may go"):
        prune_cache(platform, PruneRequest())


def test_ages_and_sizes_are_read() -> None:
    assert (age("12h"), age("30d"), age("8W")) == (timedelta(hours=12), timedelta(days=30), timedelta(weeks=8))
    assert (size_bytes("1GB"), size_bytes("1.5 mb"), size_bytes("800")) == (10**9, 1_500_000, 800)


@pytest.mark.parametrize("text", ["", "30", "d", "-3d", "1y", "30d or so"])
def test_what_is_no_age_is_told(text: str) -> None:
    with pytest.raises(SettingsError, match="no age"):
        age(text)


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "1TB", "much"])
def test_what_is_no_size_is_told(text: str) -> None:
    with pytest.raises(SettingsError, match="no size"):
        size_bytes(text)

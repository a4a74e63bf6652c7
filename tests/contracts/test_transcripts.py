"""The contract of `matria.transcripts.base.Transcripts`, run on every adapter."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from matria.errors import StorageError
from matria.transcripts import sql
from matria.transcripts.base import Exchange, RailMark, Transcripts
from matria.transcripts.sql import SqlTranscripts

MONDAY = datetime(2026, 11, 16, 3, tzinfo=UTC)
WEEK = timedelta(days=7)
ONE = Exchange(
    conversation_id="3f9a" * 8,
    message_id="message-1",
    asked_at=MONDAY + timedelta(hours=9),
    locale="pt-BR",
    persona="gestante",
    stage="third_trimester",
    asked_text="Estou com 33 semanas e a perna inchou, [NOME_1] disse que é normal 🙂",
    shown_text="Procure o serviço hoje.",
    outcome="rewritten",
    prompt="gestante/triagem",
    prompt_version="1.2.0",
    prompt_hash="ab" * 32,
    model="simulator-1",
    marks=(RailMark("assistant", "clinical_terms", "rewrite", ("dose",)),),
    is_handed_over=True,
    is_simulated=True,
)
Open = Callable[[], Transcripts]


@pytest.fixture
def opened(store_place: Path | str) -> Open:
    return lambda: SqlTranscripts(store_place)


def asked(number: int, conversation: str = "", hours: float = 0) -> Exchange:
    at = MONDAY + timedelta(hours=hours)
    return replace(ONE, message_id=f"m-{number}", conversation_id=conversation or f"c-{number:04}", asked_at=at)


def test_an_exchange_comes_back_as_it_was_kept_in_another_process(opened: Open) -> None:
    assert opened().keep(ONE)
    (found,) = opened().between(MONDAY, MONDAY + WEEK)
    assert found.exchanges == (ONE,)
    assert opened().of(ONE.conversation_id) == found


def test_a_message_that_is_known_changes_nothing(opened: Open) -> None:
    store = opened()
    store.keep(ONE)
    assert not store.keep(replace(ONE, shown_text="another"))
    assert store.of(ONE.conversation_id).last.shown_text == ONE.shown_text  # type: ignore[union-attr]


def test_one_of_two_that_keep_the_same_message_at_once_is_new(opened: Open) -> None:
    opened().keep(asked(99))
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: opened().keep(ONE), range(8))) == 1


def test_a_span_holds_its_beginning_and_not_its_end_and_no_earlier_message_of_a_conversation(opened: Open) -> None:
    store = opened()
    for number, hours in enumerate((-1, 0, 5, 24 * 7)):
        store.keep(asked(number, "c", hours))
    (found,) = store.between(MONDAY, MONDAY + WEEK)
    assert [one.message_id for one in found.exchanges] == ["m-1", "m-2"]
    assert len(store.of("c").exchanges) == 4  # type: ignore[union-attr]


def test_many_conversations_come_page_by_page_in_one_order(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "PAGE", 3)
    store = opened()
    for number in (5, 2, 7, 0, 3, 6, 1, 4):
        store.keep(asked(number, hours=number))
    found = [one.conversation_id for one in store.between(MONDAY, MONDAY + WEEK)]
    assert found == [f"c-{number:04}" for number in range(8)]


def test_what_was_erased_is_gone_and_stays_gone(opened: Open) -> None:
    store = opened()
    store.keep(asked(1, "c"))
    store.keep(asked(2, "c"))
    store.keep(ONE)
    assert store.erase(["c", "never seen"]) == 2
    assert store.of("c") is None
    assert not opened().keep(asked(3, "c"))
    assert store.erase(["c"]) == 0
    assert store.of(ONE.conversation_id) is not None


def test_what_is_older_than_a_moment_is_pruned(opened: Open) -> None:
    store = opened()
    store.keep(asked(1, hours=1))
    store.keep(asked(2, hours=2))
    assert store.prune(MONDAY + timedelta(hours=2)) == 1
    assert [one.conversation_id for one in store.between(MONDAY, MONDAY + WEEK)] == ["c-0002"]
    assert "1 exchanges since 2026-11-16" in store.ping()


def test_a_time_without_its_zone_is_refused(opened: Open) -> None:
    with pytest.raises(ValueError, match="time zone"):
        opened().keep(replace(ONE, asked_at=datetime(2026, 11, 16)))  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        list(opened().between(datetime(2026, 11, 16), MONDAY))  # noqa: DTZ001


def test_a_store_that_cannot_be_had_says_so_and_no_secret(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        SqlTranscripts(tmp_path / "file" / "transcripts.db").keep(ONE)
    with pytest.raises(StorageError, match="MATRIA_TRANSCRIPTS__URL") as caught:
        SqlTranscripts("postgresql://me:hush@127.0.0.1:1/none").keep(ONE)
    assert "hush" not in str(caught.value)

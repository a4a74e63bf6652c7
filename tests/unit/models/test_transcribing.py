"""What people asked and were shown is kept masked, behind them; what no store takes keeps nobody from an answer."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from assistant_parts import NOON, REPLY, MemoryLedger, ScriptedChat, assistant, chain, question

from guardrails.base import Decision
from matria.errors import ModelError, StorageError
from matria.transcripts.base import Exchange
from matria.transcripts.stage import stage_of
from models.assistant.conversation import Question
from models.assistant.failures import ChatFailed


@dataclass
class Kept:
    """Transcripts in a list; `on_keep` may fail."""

    exchanges: list[Exchange] = field(default_factory=list)
    on_keep: Callable[[], object] = lambda: None

    def keep(self, exchange: Exchange) -> bool:
        self.on_keep()
        self.exchanges.append(exchange)
        return True


def answered(what: Question, chat: ScriptedChat, kept: Kept, **parts: Any) -> None:
    async def run() -> None:
        one = assistant(chat, MemoryLedger(), transcripts=kept, **parts)
        await one.answer(what)
        await one.settled()

    asyncio.run(run())


def streamed(what: Question, chat: ScriptedChat, kept: Kept, parts_read: int = 99) -> None:
    async def run() -> None:
        one = assistant(chat, MemoryLedger(), transcripts=kept)
        stream = one.stream(what)
        try:
            for _ in range(parts_read):
                await anext(stream)
        except (StopAsyncIteration, ModelError):
            pass
        await stream.aclose()
        await one.settled()

    asyncio.run(run())


def test_an_exchange_says_all_that_a_week_is_drawn_by_and_names_nobody() -> None:
    kept = Kept()
    answered(question("Sou a Beatriz Figueira, CPF 529.982.247-25. Posso comer peixe?"), ScriptedChat(), kept)
    (one,) = kept.exchanges
    assert "529.982" not in one.asked_text
    assert "Beatriz" not in one.asked_text
    assert one.shown_text == REPLY.text
    assert one.conversation_id != "person-7"
    assert (one.message_id, one.asked_at, one.stage, one.outcome) == (
        "message-1",
        NOON,
        "second_trimester",
        "answered",
    )
    assert (one.prompt, one.model, one.is_simulated) == ("gestante/triagem", REPLY.model_snapshot, False)
    assert one.prompt_version
    assert one.prompt_hash


def test_a_stream_keeps_what_was_shown_in_the_end() -> None:
    kept = Kept()
    streamed(question(), ScriptedChat(), kept)
    assert [one.shown_text.strip() for one in kept.exchanges] == [REPLY.text]


def test_an_answer_that_nobody_read_to_its_end_is_kept_as_far_as_it_was_seen() -> None:
    kept = Kept()
    sentence = "Beba água aos poucos durante o dia e descanse com as pernas para cima sempre que puder. "
    streamed(question(), ScriptedChat(replace(REPLY, text=sentence * 8)), kept, parts_read=1)
    (one,) = kept.exchanges
    assert one.outcome == "left"
    assert 0 < len(one.shown_text) < len(sentence * 8)


def test_an_answer_that_broke_off_is_kept_with_what_she_read_in_its_place() -> None:
    kept = Kept()
    streamed(question(), ScriptedChat(ChatFailed("down", "unreachable")), kept)
    (one,) = kept.exchanges
    assert one.outcome == "broken_off"
    assert one.shown_text


def test_what_the_rails_did_is_marked_without_a_text() -> None:
    kept = Kept()
    answered(question(), ScriptedChat(), kept, input_chain=chain(Decision("refuse", "stub", ("weapons",))))
    (one,) = kept.exchanges
    assert one.outcome == "refused"
    assert [(mark.direction, mark.rail, mark.action, mark.reasons) for mark in one.marks] == [
        ("user", "stub", "refuse", ("weapons",))
    ]


def test_nothing_of_an_evaluation_or_of_a_nurses_own_summary_is_kept() -> None:
    kept = Kept()
    answered(replace(question(), purpose="evaluation"), ScriptedChat(), kept)
    assert not kept.exchanges


def test_a_store_that_fails_keeps_nobody_from_an_answer_and_is_logged_without_a_word_of_hers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail() -> None:
        raise StorageError("disk full")

    with caplog.at_level(logging.ERROR):
        answered(question("uma pergunta secreta"), ScriptedChat(), Kept(on_keep=fail))
    assert "could not be kept for review: StorageError" in caplog.text
    assert "secreta" not in caplog.text


@pytest.mark.parametrize(
    ("known", "stage"),
    [
        ({"gestational_age_weeks": 13}, "first_trimester"),
        ({"gestational_age_weeks": 14}, "second_trimester"),
        ({"gestational_age_weeks": 27}, "second_trimester"),
        ({"gestational_age_weeks": 28}, "third_trimester"),
        ({"days_postpartum": 42}, "puerperium"),
        ({"days_postpartum": 43, "gestational_age_weeks": 40}, "lactation"),
        ({"gestational_age_weeks": None}, ""),
        ({}, ""),
    ],
)
def test_the_stage_follows_from_what_is_known_of_her(known: dict[str, Any], stage: str) -> None:
    assert stage_of(known) == stage

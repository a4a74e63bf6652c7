"""The model alone under evaluation: no rail before or after it, the assistant's parameters, each call in the ledger."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from evaluation_parts import library, suite

from evals.chat_subject import ChatSubject
from evals.trial import Trial
from evals.trials import Selection, plan_trials
from matria.clock import utc_now
from matria.costs.base import Usage
from matria.costs.ledger.sqlite import SqliteLedger
from matria.costs.prices import Prices
from matria.errors import ModelError
from matria.privacy.keys import HashKey
from models.assistant.base import ChatReply, ChatRequest
from models.assistant.meter import Meter


class Chat:
    """Says one thing, and keeps what it was asked."""

    provider = "openai"

    def __init__(self, text: str, finish_reason: str = "stop", is_cached: bool = False) -> None:
        self.text, self.finish_reason, self.is_cached = text, finish_reason, is_cached
        self.asked: list[ChatRequest] = []

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.asked.append(request)
        if not self.text:
            raise ModelError("The endpoint is away.")
        return ChatReply(
            text=self.text,
            finish_reason=self.finish_reason,
            model_snapshot="gpt-4.1-mini-2025-04-14",
            request_id="r-1",
            usage=Usage(1000, 100),
            latency_ms=12.5,
            is_simulated=False,
            is_cached=self.is_cached,
        )

    async def ping(self) -> str:
        return "here"

    async def aclose(self) -> None:
        """Nothing to close."""


@pytest.fixture
def ledger(tmp_path: Path) -> SqliteLedger:
    return SqliteLedger(tmp_path / "ledger.db")


def subject(chat: Chat, ledger: SqliteLedger) -> ChatSubject:
    return ChatSubject(chat, Meter(Prices(), ledger, HashKey("test", b"k" * 32)), 300)


def trials(tmp_path: Path, epochs: int = 1) -> list[Trial]:
    plan = plan_trials(
        [suite(1)],
        library(tmp_path / "head", "Be kind."),
        model="gpt-4.1-mini",
        grading="g",
        country="US",
        selection=Selection(epochs=epochs),
    )
    return list(plan.trials)


def test_the_prompt_goes_to_the_model_as_it_renders_and_the_answer_comes_back_as_it_is(
    tmp_path: Path, ledger: SqliteLedger
) -> None:
    chat = Chat("Wait until your next appointment.")
    (trial,) = trials(tmp_path)
    answered = asyncio.run(subject(chat, ledger)(trial))
    assert chat.asked[0].messages == trial.rendered.messages
    assert chat.asked[0].parameters == {"temperature": 0, "max_tokens": 300}
    record = answered.record
    assert record.graded_text == record.shown_text == record.model_text == chat.text
    assert (record.outcome, record.input_tokens, record.decisions) == ("answered", 1000, ())
    assert (answered.meter.cost_state, answered.meter.request_id) == ("priced", "r-1")
    now = utc_now()
    (entry,) = ledger.between(now - timedelta(days=1), now + timedelta(days=1))
    assert (entry.purpose, entry.message_id) == ("evaluation", trial.key)


def test_each_epoch_has_its_own_seed_and_its_own_place_in_a_cache(tmp_path: Path, ledger: SqliteLedger) -> None:
    chat = Chat("Hello.")
    for trial in trials(tmp_path, epochs=2):
        asyncio.run(subject(chat, ledger)(trial))
    assert [(request.epoch, request.parameters.get("seed")) for request in chat.asked] == [(0, None), (1, 1)]


def test_what_the_endpoint_filtered_is_a_refusal_and_asked_again(tmp_path: Path, ledger: SqliteLedger) -> None:
    (trial,) = trials(tmp_path)
    answered = asyncio.run(subject(Chat("…", "content_filter"), ledger)(trial))
    assert (answered.record.outcome, answered.record.is_refusal) == ("refused", True)


def test_a_cached_reply_is_not_paid_again(tmp_path: Path, ledger: SqliteLedger) -> None:
    (trial,) = trials(tmp_path)
    asyncio.run(subject(Chat("Hello.", is_cached=True), ledger)(trial))
    now = utc_now()
    assert not ledger.between(now - timedelta(days=1), now + timedelta(days=1))


def test_an_endpoint_that_is_away_is_the_adapter_s_own_error(tmp_path: Path, ledger: SqliteLedger) -> None:
    (trial,) = trials(tmp_path)
    with pytest.raises(ModelError, match="is away"):
        asyncio.run(subject(Chat(""), ledger)(trial))

"""A second model answers where the first cannot, and the ledger knows which of them it was."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from matria.costs.base import Usage
from matria.messages import Message
from models.assistant.base import ChatReply, ChatRequest
from models.assistant.failures import ChatFailed, Failure
from models.assistant.fallback import FallbackChat

REPLY = ChatReply("Beba água.", "stop", "gpt-4.1-mini-2025-04-14", "id", Usage(10, 5), 1.0, is_simulated=False)
REQUEST = ChatRequest((Message("user", "oi"),), "first-model")


@dataclass
class Scripted:
    """Says its reply, after `breaks_after` pieces fails where it has a failure."""

    provider: str
    failure: Failure | None = None
    breaks_after: int = 0
    asked: list[ChatRequest] = field(default_factory=list)

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.asked.append(request)
        if self.failure:
            raise ChatFailed("It failed.", self.failure)
        return replace(REPLY, text=self.provider)

    async def stream(self, request: ChatRequest) -> AsyncIterator[str | ChatReply]:
        for _ in range(self.breaks_after):
            yield "Beba"
        reply = await self.complete(request)
        yield reply.text
        yield reply

    async def ping(self) -> str:
        return self.provider

    async def aclose(self) -> None: ...


async def streamed(chat: FallbackChat) -> list[str | ChatReply]:
    return [piece async for piece in chat.stream(REQUEST)]


def test_a_first_model_that_answers_is_the_only_one_asked() -> None:
    second = Scripted("openai")
    reply = asyncio.run(FallbackChat(Scripted("azure"), second, "second-model").complete(REQUEST))
    assert (reply.text, reply.provider, reply.model, second.asked) == ("azure", "", "", [])


@pytest.mark.parametrize(
    "failure", ["timeout", "server", "too_many_requests", "unreachable", "key_refused", "no_quota"]
)
def test_the_second_answers_under_its_own_name(failure: Failure) -> None:
    second = Scripted("openai")
    chat = FallbackChat(Scripted("azure", failure), second, "second-model")
    reply = asyncio.run(chat.complete(REQUEST))
    assert (reply.text, reply.provider, reply.model) == ("openai", "openai", "second-model")
    assert second.asked[0].model == "second-model"
    assert asyncio.run(streamed(chat))[-1] == reply


@pytest.mark.parametrize("failure", ["refused", "unexpected_end"])
def test_what_is_wrong_with_the_request_is_not_asked_twice(failure: Failure) -> None:
    second = Scripted("openai")
    with pytest.raises(ChatFailed):
        asyncio.run(FallbackChat(Scripted("azure", failure), second, "second-model").complete(REQUEST))
    assert second.asked == []


def test_an_answer_that_has_begun_is_not_finished_by_another_model() -> None:
    second = Scripted("openai")
    chat = FallbackChat(Scripted("azure", "server", breaks_after=1), second, "second-model")
    with pytest.raises(ChatFailed):
        asyncio.run(streamed(chat))
    assert second.asked == []


def test_where_both_fail_the_second_says_why() -> None:
    chat = FallbackChat(Scripted("azure", "server"), Scripted("openai", "no_quota"), "second-model")
    with pytest.raises(ChatFailed) as caught:
        asyncio.run(chat.complete(REQUEST))
    assert caught.value.failure == "no_quota"

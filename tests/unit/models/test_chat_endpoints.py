"""What a user is told where a chat model is configured wrongly, unreachable, slow or no chat model at all."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import SecretStr

from matria.errors import ModelError, SettingsError
from matria.messages import Message
from matria.settings import ChatSettings, JudgeSettings
from models.assistant.base import ChatReply, ChatRequest
from models.assistant.openai import OpenAIChat, azure_chat, compatible_chat, openai_chat, simulated_chat
from models.simulator import create_app

REQUEST = ChatRequest((Message("user", "hello"),), "simulator-1")


def ask(chat: OpenAIChat) -> ChatReply:
    async def run() -> ChatReply:
        try:
            return await chat.complete(REQUEST)
        finally:
            await chat.aclose()

    return asyncio.run(run())


def answering(body: bytes) -> Callable[..., Awaitable[None]]:
    """An endpoint that answers everything with this body."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


@pytest.mark.parametrize(
    ("make", "settings", "names"),
    [
        (openai_chat, ChatSettings(kind="openai"), "MATRIA_CHAT__API_KEY"),
        (azure_chat, ChatSettings(kind="azure_openai"), "MATRIA_CHAT__API_KEY"),
        (azure_chat, ChatSettings(kind="azure_openai", api_key=SecretStr("k")), "MATRIA_CHAT__BASE_URL"),
        (compatible_chat, ChatSettings(kind="compatible"), "MATRIA_CHAT__BASE_URL"),
        (openai_chat, JudgeSettings(kind="openai"), "MATRIA_JUDGE__API_KEY"),
    ],
)
def test_a_missing_setting_is_named_before_any_call(
    make: Callable[[ChatSettings], OpenAIChat], settings: ChatSettings, names: str
) -> None:
    with pytest.raises(SettingsError, match=names):
        make(settings)


def test_an_address_where_nobody_listens_is_named() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # and never listens
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}/v1"
        with pytest.raises(ModelError, match=rf"{address} cannot be reached: start it"):
            ask(compatible_chat(ChatSettings(kind="compatible", base_url=address)))


def test_an_endpoint_that_does_not_answer_in_time_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        settings = ChatSettings(kind="compatible", base_url=address, timeout_s=0.2)
        with pytest.raises(ModelError, match=r"did not answer within 0.2 s.*CHAT__TIMEOUT_S"):
            ask(compatible_chat(settings))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "cannot be read"),
        (b'"<html>"', "does not speak"),
        (b'{"id": "x", "choices": [], "model": "m", "object": "chat.completion", "created": 1}', "does not speak"),
        (b'{"id": "x", "model": "m", "object": "chat.completion", "created": 1}', "does not speak"),
    ],
)
def test_an_endpoint_that_is_no_chat_model_is_told(body: bytes, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        ask(simulated_chat(ChatSettings(), app=answering(body)))


def test_an_end_that_no_request_allows_is_told() -> None:
    body = (
        b'{"id": "x", "object": "chat.completion", "created": 1, "model": "m", "usage": {"prompt_tokens": 1,'
        b'"completion_tokens": 1, "total_tokens": 2}, "choices": [{"index": 0, "finish_reason": "tool_calls",'
        b'"message": {"role": "assistant", "content": null}}]}'
    )
    with pytest.raises(ModelError, match="tool_calls"):
        ask(simulated_chat(ChatSettings(), app=answering(body)))


def test_a_real_endpoint_is_not_taken_for_the_simulator() -> None:
    body = (
        b'{"id": "x", "object": "chat.completion", "created": 1, "model": "m-2026", "usage": {"prompt_tokens": 9,'
        b'"completion_tokens": 1, "total_tokens": 10}, "choices": [{"index": 0, "finish_reason": "stop",'
        b'"message": {"role": "assistant", "content": "hi"}}], "system_fingerprint": "fp_1"}'
    )
    reply = ask(simulated_chat(ChatSettings(), app=answering(body)))
    assert not reply.is_simulated
    assert (reply.text, reply.model_snapshot, reply.usage.input_tokens, reply.usage.cached_tokens) == (
        "hi",
        "m-2026",
        9,
        0,
    )


def test_a_judges_failure_names_the_judges_settings() -> None:
    app = create_app(api_key="another")
    with pytest.raises(ModelError, match="MATRIA_JUDGE__API_KEY"):
        ask(simulated_chat(JudgeSettings(), app=app))

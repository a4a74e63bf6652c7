"""Parts for tests of attempts that may have been paid: an endpoint over a real socket, failures that tell of them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from matria.costs.base import Usage
from matria.messages import Message
from matria.settings import ChatSettings
from models.assistant.base import ChatRequest
from models.assistant.failures import ChatFailed, PaidAttempt
from models.assistant.gates.adaptive import AdaptiveGate, GateLimits
from models.assistant.limited import Attempts, LimitedChat
from models.assistant.openai import OpenAIChat, compatible_chat
from tests.virtual_time import LONG_S, make_movable, pass_by

ATTEMPT_S = 600.0
"""Time for one attempt, where a test does not say otherwise: an endpoint that speaks has it, however slow."""
SILENCE_S = 2 * ATTEMPT_S
"""What passes on the clock of the loop once an endpoint that says nothing has been asked."""
REQUEST = ChatRequest((Message("user", "Oi"),), "gpt-4.1-mini")
USAGE = {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200}
BODY = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4.1-mini-2025-04-14",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Beba agua."}, "finish_reason": "stop"}],
    "usage": USAGE,
}
UNREADABLE = {**BODY, "choices": []}
CHUNK = {**BODY, "choices": [{"index": 0, "delta": {"content": "Beba "}}], "usage": None}
COUNTED = {**BODY, "choices": [], "usage": USAGE}


class Endpoint:
    """A real one on this machine, that says what a test wrote: a status, the body, and whether it then hangs up."""

    def __init__(self, *said: tuple[int, bytes, bool]) -> None:
        self.said = list(said)
        self.asked = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-l"))
        await reader.readexactly(length)
        status, body, is_cut = self.said[min(self.asked, len(self.said) - 1)]
        self.asked += 1
        if status == 0:  # says nothing at all, until whoever asked has gone
            pass_by(SILENCE_S)
            with suppress(ConnectionError):
                await reader.read()
            writer.close()
            return
        declared = len(body) + (100 if is_cut else 0)
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {declared}\r\n"
            "Connection: close\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()


def body(content: Any) -> tuple[int, bytes, bool]:
    return 200, json.dumps(content).encode(), False


def streamed(*chunks: Any, is_cut: bool = True) -> tuple[int, bytes, bool]:
    return 200, b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks), is_cut


SILENT = (0, b"", False)
BUSY = (429, b"{}", False)
AWAY = (503, b"{}", False)


@asynccontextmanager
async def serving(
    endpoint: Endpoint, client: str = "aiohttp", timeout_s: float = ATTEMPT_S
) -> AsyncIterator[OpenAIChat]:
    make_movable()
    server = await asyncio.start_server(endpoint.answer, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    settings = ChatSettings(kind="compatible", base_url=address, timeout_s=timeout_s, client=client)
    chat = compatible_chat(settings)
    try:
        yield chat
    finally:
        await chat.aclose()
        server.close()


def limited(chat: Any, most: int = 3, total_s: float = LONG_S) -> LimitedChat:
    gate = AdaptiveGate(GateLimits(8, 8, None, None))
    return LimitedChat(chat, (gate,), Attempts(most, total_s, 0.0, 0.0))


PAID = PaidAttempt("timeout", "azure", "our-deployment", latency_ms=60_000.0)
COUNTED_ATTEMPT = PaidAttempt(
    "unreadable", "openai", "gpt-4.1-mini", "gpt-4.1-mini-2025-04-14", Usage(1000, 200), 900.0
)


def failing(*paid: PaidAttempt) -> ChatFailed:
    error = ChatFailed("It timed out.", "timeout")
    error.paid = paid
    return error

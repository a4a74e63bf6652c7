"""A chat completion as it comes in server-sent events: pieces of text, and in the end the whole reply.

The events are those of OpenAI's wire (`data: {...}`, a blank line between, `data: [DONE]` in the end; WHATWG HTML,
server-sent events). An answer that breaks off before its end is no answer: it raises, however much of it there was.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

from models.assistant.completion import UnreadableCompletion

STREAMED = {"stream": True, "stream_options": {"include_usage": True}}
"""What a request says so that its answer is streamed, and its usage counted in the end."""
_DONE = b"[DONE]"


async def events(pieces: AsyncIterator[bytes]) -> AsyncIterator[dict[str, Any]]:
    """Each event's data. Raises `UnreadableCompletion` for data that is no JSON object, or where no `[DONE]` comes."""
    async for line in _lines(pieces):
        field, _, data = line.partition(b":")
        if field != b"data":
            continue
        if data.strip() == _DONE:
            return
        yield _object(data)
    raise UnreadableCompletion("the stream broke off")


class GrowingCompletion:
    """A completion put together from its chunks."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {"content": [], "refusal": []}
        self._finish_reason: str | None = None
        self._head: dict[str, Any] = {}
        self._usage: Any = None

    def add(self, chunk: dict[str, Any]) -> str:
        """The text that the chunk adds; empty where it adds none. Raises `UnreadableCompletion`."""
        for name in ("id", "model", "system_fingerprint", "service_tier"):
            if chunk.get(name):
                self._head[name] = chunk[name]
        self._usage = chunk.get("usage") or self._usage
        choices = chunk.get("choices")
        if not isinstance(choices, list):
            raise UnreadableCompletion("no choices")
        return self._add_choice(choices[0]) if choices else ""

    def whole(self) -> bytes:
        """The body that the endpoint would have answered with in one piece."""
        message = {name: "".join(texts) or None for name, texts in self._texts.items()}
        body = {**self._head, "choices": [{"message": message, "finish_reason": self._finish_reason}]}
        if self._usage is not None:
            body["usage"] = self._usage
        return json.dumps(body).encode()

    def _add_choice(self, choice: Any) -> str:
        if not isinstance(choice, dict) or not isinstance(choice.get("delta"), dict):
            raise UnreadableCompletion("no delta")
        self._finish_reason = choice.get("finish_reason") or self._finish_reason
        added = ""
        for name, texts in self._texts.items():
            piece = choice["delta"].get(name)
            if piece is None:
                continue
            if not isinstance(piece, str):
                raise UnreadableCompletion(f"no {name}")
            texts.append(piece)
            added += piece
        return added


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    rest = b""
    async for piece in pieces:
        *lines, rest = (rest + piece).replace(b"\r\n", b"\n").split(b"\n")
        for line in lines:
            yield line
    if rest:
        yield rest


def _object(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except ValueError as error:
        raise UnreadableCompletion("no JSON") from error
    if not isinstance(body, dict):
        raise UnreadableCompletion("no JSON object")
    return body

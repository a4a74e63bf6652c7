"""An ASGI app in this process as a wire: no port, no client, the same bytes as over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.assistant.wires.base import Method, WireAnswer, WireStream, request_has_left

if TYPE_CHECKING:
    from models.simulator.app import AsgiApp

_ROOT = "/v1"


@dataclass(frozen=True)
class InProcessWire:
    """See `models.assistant.wires.base.Wire`. What the app raises is ours to fix and passes through."""

    app: "AsgiApp"

    async def send(self, method: Method, path: str, body: Mapping[str, Any] | None = None) -> WireAnswer:
        """The answer, whatever its status."""
        status, headers, chunks = await self._ask(method, path, body)
        return WireAnswer(status, b"".join(chunks), headers)

    @asynccontextmanager
    async def stream(self, path: str, body: Mapping[str, Any]) -> AsyncIterator[WireStream]:
        """The answer in the app's own pieces; it is whole before the first is read, since the app never waits."""
        status, headers, chunks = await self._ask("POST", path, body)
        yield WireStream(status, headers, _one_by_one(chunks))

    async def _ask(
        self, method: Method, path: str, body: Mapping[str, Any] | None
    ) -> tuple[int, dict[str, str], list[bytes]]:
        await asyncio.sleep(0)  # the app never waits: others get their turn here
        status = 0
        headers: dict[str, str] = {}
        chunks: list[bytes] = []
        sent = b"" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": sent, "more_body": False}

        async def take(message: Mapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers.update({name.decode().lower(): value.decode() for name, value in message["headers"]})
            else:
                chunks.append(message.get("body", b""))

        request_has_left()
        await self.app(_scope(method, f"{_ROOT}{path}"), receive, take)
        return status, headers, chunks

    def open(self) -> None:
        """Nothing has to be made."""

    async def aclose(self) -> None:
        """Nothing is open."""


async def _one_by_one(chunks: list[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk


def _scope(method: Method, path: str) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"authorization", b"Bearer none")],
    }

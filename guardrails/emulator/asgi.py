"""One HTTP call and its reply, read from and written to ASGI."""

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Call:
    """What was asked."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By name in lower case."""
    body: bytes
    names: Mapping[str, str] = field(default_factory=dict)
    """Parts of the path that name something: `blocklist`, `item`."""


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    status: int
    body: Any = None
    """As JSON; None means no body at all."""
    headers: tuple[tuple[str, str], ...] = ()

    def encoded(self) -> bytes:
        """The body as it goes over the wire."""
        return b"" if self.body is None else json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


async def read_call(scope: Scope, receive: Receive) -> Call:
    """The whole call, its body included."""
    return Call(
        method=scope["method"],
        path=scope["path"],
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
        body=await _body(receive),
    )


async def send_reply(send: Send, reply: Reply) -> None:
    """Sends all of it."""
    content = reply.encoded()
    await start(send, reply, len(content))
    await send({"type": "http.response.body", "body": content})


async def start(send: Send, reply: Reply, length: int) -> None:
    """Sends status and headers, and announces a body of so many bytes."""
    headers = [(b"content-length", str(length).encode())] if reply.status != 204 else []
    if length:
        headers.append((b"content-type", b"application/json; charset=utf-8"))
    headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})


async def _body(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)

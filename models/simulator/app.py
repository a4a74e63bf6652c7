"""The simulated model as an ASGI app: OpenAI's chat-completions wire, without a framework, so that a call is cheap.

Served over HTTP by `models.simulator.server`, or reached in process through an ASGI transport. Azure OpenAI's paths
lead to the same answers. Stateless but for faults that a test asked for.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from models.simulator.wire import (
    Completion,
    complete,
    model_body,
    models_body,
    reply_body,
    reply_chunks,
)
from models.simulator.wire_error import WireError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_COMPLETIONS = re.compile(r"/v1/chat/completions|/openai/deployments/[^/]+/chat/completions")
_MODELS = re.compile(r"/(?:v1|openai)/models(?:/(?P<model>.+))?")


def create_app(*, api_key: str | None = None, faults: Iterable[int] = (), retry_after_s: float = 0.0) -> AsgiApp:
    """The app. With `api_key`, requests need it. `faults` are the statuses that the first calls for a completion fail
    with, in order (429 or 5xx), each telling to retry after `retry_after_s` seconds."""
    return _Simulator(api_key, list(faults), retry_after_s)


class _Simulator:
    def __init__(self, api_key: str | None, faults: list[int], retry_after_s: float) -> None:
        self._accepted = () if api_key is None else (f"Bearer {api_key}".encode(), api_key.encode())
        self._faults = faults
        self._retry_after_s = retry_after_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            try:
                await self._answer(scope, receive, send)
            except WireError as error:
                await _send_json(send, error.status, error.body(), error.retry_after_s)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        if path == "/healthz":
            await _send_json(send, 200, {"status": "ok"})
            return
        self._check_key(scope)
        if method == "POST" and _COMPLETIONS.fullmatch(path):
            body = await _read(receive)
            self._fail_if_asked()
            await _send_completion(send, complete(body))
        elif method == "GET" and (asked := _MODELS.fullmatch(path)):
            await _send_json(send, 200, model_body(asked["model"]) if asked["model"] else models_body())
        else:
            raise WireError(404, f"Invalid URL ({method} {path})")

    def _check_key(self, scope: Scope) -> None:
        given = {value for name, value in scope["headers"] if name in (b"authorization", b"api-key")}
        if self._accepted and not given.intersection(self._accepted):
            raise WireError(401, "Incorrect API key provided.", code="invalid_api_key")

    def _fail_if_asked(self) -> None:
        if not self._faults:
            return
        status = self._faults.pop(0)
        is_limit = status == 429
        raise WireError(
            status,
            "Rate limit reached." if is_limit else "The server had an error while processing your request.",
            kind="requests" if is_limit else "server_error",
            code="rate_limit_exceeded" if is_limit else None,
            retry_after_s=self._retry_after_s,
        )


async def _read(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


async def _send_completion(send: Send, completion: Completion) -> None:
    if not completion.request.is_stream:
        await _send_json(send, 200, reply_body(completion), request_id=completion.id)
        return
    await _start(send, 200, b"text/event-stream; charset=utf-8", [(b"x-request-id", completion.id.encode())])
    for chunk in reply_chunks(completion):
        await send({"type": "http.response.body", "body": b"data: " + _encoded(chunk) + b"\n\n", "more_body": True})
    await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})


async def _send_json(
    send: Send, status: int, body: Any, retry_after_s: float | None = None, request_id: str | None = None
) -> None:
    encoded = _encoded(body)
    headers = [(b"content-length", str(len(encoded)).encode())]
    if request_id is not None:
        headers.append((b"x-request-id", request_id.encode()))
    if retry_after_s is not None:
        headers.append((b"retry-after", f"{retry_after_s:g}".encode()))
    await _start(send, status, b"application/json", headers)
    await send({"type": "http.response.body", "body": encoded})


async def _start(send: Send, status: int, content_type: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", content_type), *headers],
        }
    )


def _encoded(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


async def _live(receive: Receive, send: Send) -> None:
    """Answers the server's questions about starting and stopping."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return

"""The simulated model as an ASGI app: OpenAI's chat-completions wire, without a framework, so that a call costs little.

Served over HTTP by `models.simulator.server`, or reached in process through an ASGI transport. Stateless but for faults
that a test asked for.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from models.simulator.wire import (
    Completion,
    WireError,
    complete,
    model_body,
    models_body,
    reply_body,
    reply_chunks,
)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_MODEL_PATH = "/v1/models/"


def create_app(*, api_key: str | None = None, faults: Iterable[int] = (), retry_after_s: float = 0.0) -> AsgiApp:
    """The app. With `api_key`, requests need it as bearer token. `faults` are the statuses that the first calls for a
    completion fail with, in order (429 or 5xx); a 429 tells to retry after `retry_after_s` seconds."""
    return _Simulator(api_key, list(faults), retry_after_s)


class _Simulator:
    def __init__(self, api_key: str | None, faults: list[int], retry_after_s: float) -> None:
        self._authorization = None if api_key is None else f"Bearer {api_key}".encode()
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
        match method, path:
            case "POST", "/v1/chat/completions":
                body = await _read(receive)
                self._fail_if_asked()
                await _send_completion(send, complete(body))
            case "GET", "/v1/models":
                await _send_json(send, 200, models_body())
            case "GET", _ if path.startswith(_MODEL_PATH):
                await _send_json(send, 200, model_body(path.removeprefix(_MODEL_PATH)))
            case _:
                raise WireError(404, f"Invalid URL ({method} {path})")

    def _check_key(self, scope: Scope) -> None:
        given = next((value for name, value in scope["headers"] if name == b"authorization"), None)
        if self._authorization is not None and given != self._authorization:
            raise WireError(401, "Incorrect API key provided.", code="invalid_api_key")

    def _fail_if_asked(self) -> None:
        if not self._faults:
            return
        status = self._faults.pop(0)
        if status == 429:
            raise WireError(
                429,
                "Rate limit reached.",
                kind="requests",
                code="rate_limit_exceeded",
                retry_after_s=self._retry_after_s,
            )
        if status >= 500:
            raise WireError(status, "The server had an error while processing your request.", kind="server_error")


async def _read(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


async def _send_completion(send: Send, completion: Completion) -> None:
    if not completion.is_stream:
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

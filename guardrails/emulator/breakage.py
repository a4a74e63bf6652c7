"""Replies that break on the way, and those that do not come."""

import asyncio
import json
from collections.abc import Callable
from typing import Literal

from guardrails.emulator.asgi import Receive, Reply, Send, send_reply, start

_LOOK_S = 0.05
"""How often a call that waits looks whether the server wants to stop."""


async def send_broken(send: Send, kind: Literal["malformed", "wrong_shape", "half"], reply: Reply) -> None:
    """A reply that cannot be read: no JSON, JSON of another shape, or the first half and no more."""
    content = reply.encoded()
    match kind:
        case "malformed":
            await start(send, Reply(200), len(content))
            await send({"type": "http.response.body", "body": b"<" * len(content)})
        case "wrong_shape":
            await send_reply(send, Reply(200, {"results": [json.loads(content or b"null")], "status": "Succeeded"}))
        case "half":
            # A server cuts the connection where an app ends before the body that it announced.
            await start(send, Reply(200), len(content))
            await send({"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True})


async def wait(receive: Receive, seconds: float | None, is_stopping: Callable[[], bool]) -> bool:
    """Waits that long, or without end; False as soon as the caller has gone or the server wants to stop."""
    loop = asyncio.get_running_loop()
    until = None if seconds is None else loop.time() + seconds
    gone = asyncio.ensure_future(_gone(receive))
    try:
        while not (gone.done() or is_stopping()):
            left = _LOOK_S if until is None else min(_LOOK_S, until - loop.time())
            if left <= 0:
                return True
            await asyncio.wait([gone], timeout=left)
    finally:
        gone.cancel()
    return False


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

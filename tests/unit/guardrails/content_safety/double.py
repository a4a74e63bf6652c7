"""A service of the tests' own, over real HTTP: it says what a test tells it to say, and keeps what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web

from guardrails.content_safety.attempts import Patience
from guardrails.content_safety.breaker import BreakerLimits
from guardrails.content_safety.client import Account
from guardrails.content_safety.service import ContentSafety
from matria.policy import Policy
from tests.virtual_time import make_movable, pass_by

Say = Callable[[web.Request], Awaitable[web.StreamResponse]]
KEY = "key-of-the-tests"
CLEAN = dict.fromkeys(("Hate", "SelfHarm", "Sexual", "Violence"), 0)
ATTEMPT_S = 200.0
"""An attempt that is answered has this time, however slow the machine; one that is not has it pass at once (`late`).
Less than the 300 s after which the vendor's client gives up by itself."""
PATIENCE = Patience(most=3, attempt_s=ATTEMPT_S, total_s=10 * ATTEMPT_S, backoff_s=0.001, max_backoff_s=0.002)
OPEN_S = 10 * ATTEMPT_S
LIMITS = BreakerLimits(failures=5, open_s=OPEN_S, max_open_s=2 * OPEN_S)


def with_budget(policy: Policy, seconds: float) -> Policy:
    """The policy, with so much time for all rails together."""
    name = "moderation.time_budget_ms"
    budget = replace(policy.thresholds[name], value=seconds * 1000)
    return replace(policy, thresholds={**policy.thresholds, name: budget})


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass
class Double:
    """What it will say, in order and the last again and again; and what it was asked."""

    says: list[Say] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        body = json.loads(text) if text else None
        self.asked.append(Asked(request.method, request.path, dict(request.query), dict(request.headers), body))
        say = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        return await say(request)


@asynccontextmanager
async def serving(*says: Say) -> AsyncIterator[Double]:
    make_movable()
    double = Double(list(says))
    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/{path:.*}", double.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.05, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    double.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield double
    finally:
        await runner.cleanup()


@asynccontextmanager
async def asking(
    *says: Say, patience: Patience = PATIENCE, limits: BreakerLimits = LIMITS
) -> AsyncIterator[tuple[Double, ContentSafety]]:
    """The double, and the service that asks it."""
    async with serving(*says) as double:
        service = ContentSafety(Account(double.url, KEY), patience, limits)
        try:
            yield double, service
        finally:
            await service.aclose()


def body(tree: Any, status: int = 200, **headers: str) -> Say:
    """That JSON."""

    async def say(request: web.Request) -> web.StreamResponse:
        return web.json_response(tree, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return say


def raw(text: str) -> Say:
    """That text, as JSON or what passes for it."""

    async def say(request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type="application/json")

    return say


def levels(hits: tuple[str, ...] = (), **severities: int) -> Say:
    """An analysis; what is not named is at 0."""
    matches = [{"blocklistName": name, "blocklistItemId": "1", "blocklistItemText": "x"} for name in hits]
    categories = [{"category": name, "severity": level} for name, level in (CLEAN | severities).items()]
    return body({"blocklistsMatch": matches, "categoriesAnalysis": categories})


def refusing(status: int, **headers: str) -> Say:
    """An error whose message quotes what was sent, as a careless service might."""

    async def say(request: web.Request) -> web.StreamResponse:
        error = {"code": str(status), "message": await request.text()}
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        return web.json_response({"error": error}, status=status, headers=named)

    return say


async def hang(request: web.Request) -> web.StreamResponse:
    """Nothing, for as long as anybody waits."""
    await asyncio.Event().wait()
    return web.Response()


async def late(request: web.Request) -> web.StreamResponse:
    """Nothing, and the time for one attempt is over."""
    pass_by(ATTEMPT_S)
    return await hang(request)


async def hang_up(request: web.Request) -> web.StreamResponse:
    """The connection is gone."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def half(request: web.Request) -> web.StreamResponse:
    """The beginning of an answer that was to be longer."""
    response = web.StreamResponse(headers={"Content-Length": "500", "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"categoriesAnalysis": [')
    assert request.transport is not None
    request.transport.close()
    return response

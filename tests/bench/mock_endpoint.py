"""An endpoint on OpenAI's wire that answers at once, after a fixed wait, or badly, and counts what it was asked.

    python -m tests.bench.mock_endpoint PORT

Which fault a case meets is decided by a hash of its id and of how often it has been asked, so that each run meets the
same ones. `POST /_mode` takes {"latency_s", "status_429", "status_500", "broken", "hung"} (shares of requests) and
forgets the counts; `GET /_counts` gives them: requests, answers, the most at once, and requests by case.
"""

import asyncio
import hashlib
import re
import sys
from typing import Any

import orjson
from aiohttp import web

_CASE = re.compile(rb"\[(case-\d+)\]")
_JSON_HEADERS = {"content-type": "application/json"}
_HANG_S = 600.0


class Endpoint:
    """The state of one run."""

    def __init__(self) -> None:
        self.mode: dict[str, float] = {}
        self.by_case: dict[str, int] = {}
        self.answered: dict[str, int] = {}
        self.in_flight = self.most_in_flight = 0

    async def set_mode(self, request: web.Request) -> web.Response:
        """Forgets the counts."""
        self.mode = orjson.loads(await request.read())
        self.by_case, self.answered, self.most_in_flight = {}, {}, 0
        return web.Response()

    async def counts(self, request: web.Request) -> web.Response:
        """What was asked since the mode was set."""
        return _json(
            200,
            {
                "requests": sum(self.by_case.values()),
                "answers": sum(self.answered.values()),
                "most_in_flight": self.most_in_flight,
                "by_case": self.by_case,
                "answered": self.answered,
            },
        )

    async def complete(self, request: web.Request) -> web.Response:
        """One chat completion, or the fault that is due."""
        body = await request.read()
        found = _CASE.search(body)
        case = found.group(1).decode() if found else "none"
        attempt = self.by_case[case] = self.by_case.get(case, 0) + 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._answer(case, attempt, len(body))
        finally:
            self.in_flight -= 1

    async def _answer(self, case: str, attempt: int, size: int) -> web.Response:
        chance = _chance(case, attempt)
        fault = ""
        for name in ("status_429", "status_500", "broken", "hung"):
            share = self.mode.get(name, 0.0)
            if chance < share:
                fault = name
                break
            chance -= share
        if fault == "status_429":
            return _json(429, {"error": {"message": "Too many requests.", "code": "rate_limit_exceeded"}}, "0.05")
        if self.mode.get("latency_s"):
            await asyncio.sleep(self.mode["latency_s"])
        if fault == "hung":
            await asyncio.sleep(_HANG_S)
        if fault == "status_500":
            return _json(500, {"error": {"message": "The server had an error.", "code": None}})
        answer = orjson.dumps(_completion(case, size))
        if fault == "broken":
            return web.Response(body=answer[: len(answer) // 2], headers=_JSON_HEADERS)
        self.answered[case] = self.answered.get(case, 0) + 1
        return web.Response(body=answer, headers=_JSON_HEADERS)


def _completion(case: str, size: int) -> dict[str, Any]:
    """The same answer to the same case; one in twelve lacks the dose that is asked for."""
    number = int(_chance(case, 0) * 1200)
    dose = "as before" if number % 12 == 0 else f"{number % 90} mg"
    text = f"Assessment of the note.\nUrgency: routine review\nRecommended dose: {dose}\nFollow-up: in 2 weeks."
    return {
        "id": f"chatcmpl-{case}",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": text}, "logprobs": None, "finish_reason": "stop"}
        ],
        "usage": {
            "prompt_tokens": size // 4,
            "completion_tokens": len(text) // 4,
            "total_tokens": size // 4 + len(text) // 4,
        },
    }


def _chance(case: str, attempt: int) -> float:
    """From 0 to 1, the same in every run."""
    return int.from_bytes(hashlib.blake2b(f"{case}/{attempt}".encode(), digest_size=4).digest()) / 2**32


def _json(status: int, data: dict[str, Any], retry_after: str = "") -> web.Response:
    headers = {**_JSON_HEADERS, "retry-after": retry_after} if retry_after else _JSON_HEADERS
    return web.Response(status=status, body=orjson.dumps(data), headers=headers)


def main(port: int) -> None:
    """Serves until it is stopped."""
    import logging

    import uvloop

    logging.disable()  # a client that is killed is no news
    endpoint = Endpoint()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", endpoint.complete)
    app.router.add_post("/_mode", endpoint.set_mode)
    app.router.add_get("/_counts", endpoint.counts)
    loop = uvloop.new_event_loop()
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None, loop=loop, keepalive_timeout=120)


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""What the Azure adapter adds to a bare HTTP call, in milliseconds.

A server in a process of its own answers every analysis at once. The same text goes to it in turn as a bare aiohttp
POST, through the vendor's client with nothing around it, and through the rail, so that neighbours in time are compared.
"""

import argparse
import asyncio
import json
import os
import platform
import socket
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from multiprocessing import Process
from pathlib import Path
from statistics import median, quantiles

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from guardrails.base import Text
from guardrails.blocklists import load_blocklists
from guardrails.content_safety.client import Account, SafetyClient
from guardrails.content_safety.moderator import AzureModerator
from guardrails.content_safety.opening import open_content_safety
from guardrails.term_groups import load_groups
from matria.policy import load_policy
from matria.settings import ModerationSettings

ROOT = Path(__file__).resolve().parents[2]
POLICY = load_policy(ROOT / "policy.yaml")
KEY = "any"
SAID = "Olá, estou de 20 semanas e sinto o bebé mexer menos desde ontem. É normal? Devo ir ao hospital? " * 3
ANSWER = json.dumps(
    {
        "blocklistsMatch": [],
        "categoriesAnalysis": [{"category": c, "severity": 0} for c in ("Hate", "SelfHarm", "Sexual", "Violence")],
    }
).encode()
WARM_UP = 50


def serve(port: int) -> None:
    """Answers at once until it is ended."""

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=ANSWER, content_type="application/json")

    app = web.Application()
    app.router.add_post("/contentsafety/text:analyze", answer)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000, help="of each kind")
    calls = parser.parse_args().calls
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    server = Process(target=serve, args=(port,), daemon=True)
    server.start()
    try:
        asyncio.run(measure(f"http://127.0.0.1:{port}", calls))
    finally:
        server.terminate()
        server.join()


async def measure(endpoint: str, calls: int) -> None:
    settings = ModerationSettings(kind="azure", endpoint=endpoint, api_key=SecretStr(KEY))
    service = open_content_safety(settings, POLICY)
    rail = AzureModerator(service, load_groups(), POLICY, load_blocklists())
    client = SafetyClient(Account(endpoint, KEY))
    text = Text(SAID, "assistant", "pt-PT")
    body = {"text": SAID, "outputType": "EightSeverityLevels"}
    url, headers = f"{endpoint}/contentsafety/text:analyze?api-version=2023-10-01", {"Ocp-Apim-Subscription-Key": KEY}

    async with aiohttp.ClientSession(headers=headers) as session:

        async def bare() -> None:
            async with session.post(url, json=body) as response:
                json.loads(await response.read())

        async def vendor() -> None:
            await client.analyze(body)

        async def adapter() -> None:
            await rail.judge(text)

        await until_it_answers(bare)
        times = await in_turn({"bare aiohttp POST": bare, "vendor's client": vendor, "rail": adapter}, calls)
    await client.aclose()
    show(times, calls)


async def until_it_answers(ask: Callable[[], Awaitable[None]]) -> None:
    for _ in range(200):
        try:
            return await ask()
        except aiohttp.ClientError:
            await asyncio.sleep(0.05)
    raise SystemExit("the server of this measurement did not start")


async def in_turn(kinds: dict[str, Callable[[], Awaitable[None]]], calls: int) -> dict[str, list[tuple[float, float]]]:
    """Milliseconds of wall clock and of CPU of each call, by kind; the order turns from round to round."""
    times: dict[str, list[tuple[float, float]]] = defaultdict(list)
    order = list(kinds)
    for number in range(WARM_UP + calls):
        for name in order:
            wall, cpu = time.perf_counter(), time.process_time()
            await kinds[name]()
            if number >= WARM_UP:
                times[name].append(((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000))
        order.append(order.pop(0))
    return times


def show(times: dict[str, list[tuple[float, float]]], calls: int) -> None:
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {calls} calls of each kind"
    )
    print(f"{'':20} {'median':>8} {'p95':>8} {'CPU':>8} {'over bare: median':>18} {'p95':>8}   ms")
    bare = [wall for wall, _ in times["bare aiohttp POST"]]
    for name, taken in times.items():
        wall = [each for each, _ in taken]
        over = [own - other for own, other in zip(wall, bare, strict=True)]
        cpu = median(each for _, each in taken)
        print(f"{name:20} {median(wall):8.2f} {p95(wall):8.2f} {cpu:8.2f} {median(over):18.2f} {p95(over):8.2f}")


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


if __name__ == "__main__":
    main()

"""What one call of the simulated model costs: the core, in process through the adapter, and over HTTP.

Questions are those of the suites, each with the system prompt of the library; medians over all of them.
"""

import asyncio
import http.client
import json
import os
import platform
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from evals.suitefile import load_suites
from matria.messages import Message
from matria.settings import ChatSettings
from models.assistant.base import ChatRequest
from models.assistant.openai import simulated_chat
from models.simulator.server import serving
from models.simulator.wire import complete, reply_body
from prompts.render import render_sample
from prompts.repository import PromptLibrary

ROOT = Path(__file__).resolve().parents[2]
PROMPTS = {"gestante": "gestante/triagem", "puerpera": "puerpera/apoio", "enfermeira": "enfermeira/resumo"}


def conversations() -> Iterator[tuple[Message, ...]]:
    """Each case of the suites behind its persona's system prompt."""
    library = PromptLibrary(ROOT / "prompts" / "library")
    for suite in load_suites(ROOT / "evals" / "suites"):
        for case in suite.cases:
            rendered = render_sample(library.load(PROMPTS[case.persona], case.locale))
            yield (rendered.messages[0], *case.messages)


def body_of(messages: tuple[Message, ...]) -> bytes:
    """The request as it goes over the wire."""
    return json.dumps({"model": "simulator-1", "messages": [message.as_wire() for message in messages]}).encode()


def report(name: str, values: list[float]) -> None:
    """One line of medians."""
    median, p95 = statistics.median(values), sorted(values)[len(values) * 95 // 100]
    print(f"{name:28} median {median * 1000:.2f} ms, p95 {p95 * 1000:.2f} ms")


def timed(call: Callable[[bytes], object], bodies: list[bytes]) -> list[float]:
    """Seconds of each call."""
    taken = []
    for body in bodies:
        started = time.perf_counter()
        call(body)
        taken.append(time.perf_counter() - started)
    return taken


async def timed_in_process(asked: list[tuple[Message, ...]]) -> list[float]:
    """Seconds of each call through the adapter and its wire."""
    chat = simulated_chat(ChatSettings())
    taken = []
    for messages in asked:
        started = time.perf_counter()
        answer: Awaitable[object] = chat.complete(ChatRequest(messages, "simulator-1"))
        await answer
        taken.append(time.perf_counter() - started)
    await chat.aclose()
    return taken


def timed_over_http(bodies: list[bytes]) -> list[float]:
    """Seconds of each call over one kept connection, server and client in one process."""
    with serving() as address:
        connection = http.client.HTTPConnection(urlsplit(address).netloc)

        def call(body: bytes) -> None:
            connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
            connection.getresponse().read()

        taken = timed(call, bodies)
        connection.close()
    return taken


def main() -> None:
    """Prints a line per way of calling."""
    asked = list(conversations())
    bodies = [body_of(messages) for messages in asked]

    def core(body: bytes) -> None:
        json.dumps(reply_body(complete(body)))

    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, {len(bodies)} cases")
    report("core, questions never seen", timed(core, bodies))
    report("core, all seen", timed(core, bodies))
    report("adapter, in process", asyncio.run(timed_in_process(asked)))
    report("HTTP, one connection", timed_over_http(bodies))


if __name__ == "__main__":
    main()

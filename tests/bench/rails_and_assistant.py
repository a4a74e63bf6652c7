"""What the rails and the assistant add to a message, in milliseconds, on the questions of every suite.

The texts are all different, since a rail may keep what it has just read: the questions of the clinical suites, and the
simulator's answers to them. The chat model answers at once, so that what is left is ours; for streams it takes its time
between pieces, as a real one does.
"""

import asyncio
import os
import platform
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from statistics import median, quantiles

from evals.suitefile import load_suites
from flows.wiring_rails import rails
from guardrails.base import Text
from guardrails.care.texts import CareTexts
from guardrails.chain import RailChain
from matria.costs.base import Usage
from matria.costs.ledger.sqlite import SqliteLedger
from matria.costs.prices import Prices
from matria.policy import load_policy
from matria.privacy.keys import HashKey
from matria.settings import load_settings
from models.assistant.assistant import Assistant
from models.assistant.base import ChatReply, ChatRequest
from models.assistant.conversation import Answer, Question
from models.assistant.meter import Meter
from models.simulator.reply import reply_to
from prompts.contacts import contact_variables
from prompts.render import render
from prompts.repository import PromptLibrary

ROOT = Path(__file__).resolve().parents[2]
POLICY = load_policy(ROOT / "policy.yaml")
LIBRARY = PromptLibrary(ROOT / "prompts" / "library")
PROMPTS = {"gestante": "gestante/triagem", "puerpera": "puerpera/apoio"}
ASSISTED = 200
STREAMED = 40
WORDS_IN_PIECE = 4
PIECE_EVERY_S = 0.02


class InstantChat:
    """A chat model that takes no time, or a little between the pieces of a stream; it answers what it is given."""

    provider = "azure"

    def __init__(self, text: str) -> None:
        self.text = text

    async def complete(self, request: ChatRequest) -> ChatReply:
        return ChatReply(self.text, "stop", "gpt-4.1-mini-2025-04-14", "id", Usage(1000, 200), 0.0, is_simulated=False)

    async def stream(self, request: ChatRequest) -> AsyncIterator[str | ChatReply]:
        words = self.text.split(" ")
        for start in range(0, len(words), WORDS_IN_PIECE):
            await asyncio.sleep(PIECE_EVERY_S)
            yield " ".join(words[start : start + WORDS_IN_PIECE]) + " "
        yield await self.complete(request)

    async def ping(self) -> str:
        return "instant"

    async def aclose(self) -> None: ...


def show(name: str, times_ms: Sequence[float]) -> None:
    """Median and 95th percentile."""
    marks = quantiles(times_ms, n=20)
    print(f"{name:<58} n {len(times_ms):4}  median {marks[9]:7.2f} ms  p95 {marks[18]:7.2f} ms")


async def timed(calls: Sequence[Callable[[], Awaitable[object]]]) -> list[float]:
    """How long each took, in milliseconds."""
    times = []
    for call in calls:
        started = time.perf_counter()
        await call()
        times.append((time.perf_counter() - started) * 1000)
    return times


def conversations() -> list[tuple[Question, str]]:
    """Every question of a clinical suite that a person asks, with an answer to it."""
    found = []
    for suite in load_suites(ROOT / "evals" / "suites"):
        for case in suite.cases if suite.id != "guardrails" else ():
            if case.persona in PROMPTS:
                prompt = LIBRARY.load(PROMPTS[case.persona], case.locale)
                variables = {**contact_variables("US"), **case.vars, "question": case.question}
                question = Question(prompt, variables, case.id, f"{suite.id}-{case.id}")
                found.append((question, reply_to(render(prompt, variables).messages, "simulator-1")))
    return found


async def measure_rails(chain: RailChain, texts: Sequence[Text], name: str) -> None:
    """The whole chain, and each rail in it."""
    decisions, times = [], []
    for text in texts:
        started = time.perf_counter()
        decisions.append(await chain.judge(text))
        times.append((time.perf_counter() - started) * 1000)
    words = median(len(text.content.split()) for text in texts)
    show(f"all local rails on {name} ({words:.0f} words)", times)
    by_rail: dict[str, list[float]] = defaultdict(list)
    for chained in decisions:
        for decision in chained.decisions:
            by_rail[decision.rail].append(decision.latency_ms)
    for rail, took in by_rail.items():
        show(f"    {rail}", took)


async def measure_order(in_turn: RailChain, texts: Sequence[Text]) -> None:
    """The local rails in turn with an early exit, against all of them at once; alternating, on the same texts."""
    at_once = RailChain([rail for stage in in_turn._stages for rail in stage], POLICY)
    ratios = []
    for text in texts:
        for chain in (in_turn, at_once):  # what a rail keeps of a text is there for both
            await chain.judge(text)
        (one,), (other,) = (
            await timed([lambda t=text: in_turn.judge(t)]),
            await timed([lambda t=text: at_once.judge(t)]),
        )
        ratios.append(other / one)
    print(f"{'at once, as a share of in turn':<58} n {len(ratios):4}  median {median(ratios):7.2f}")


async def main() -> None:
    """Prints a line per figure."""
    chain = rails(load_settings(), POLICY)
    asked = conversations()
    questions = [Text(str(q.variables["question"]), "user", q.prompt.locale) for q, _ in asked]
    answers = [
        Text(a, "assistant", q.prompt.locale, instructions=render(q.prompt, q.variables).messages[0].content)
        for q, a in asked
    ]
    await chain.judge(Text("oi", "user", "pt-BR"))
    await measure_rails(chain, questions, "a question")
    await measure_rails(chain, answers, "an answer")
    await measure_order(chain, questions)
    with tempfile.TemporaryDirectory() as folder:
        ledger = SqliteLedger(Path(folder) / "ledger.db")
        meter = Meter(Prices(), ledger, HashKey("bench", b"k" * 32))
        chat = InstantChat("")
        assistant = Assistant(
            chat=chat,
            model="deployment",
            input_chain=chain,
            output_chain=chain,
            care=CareTexts("US"),
            meter=meter,
            policy=POLICY,
        )

        async def answered(question: Question, text: str) -> Answer:
            chat.text = text
            return await assistant.answer(question)

        took = await timed([lambda q=q, a=a: answered(q, a) for q, a in asked[:ASSISTED]])
        show("the assistant, without the model's time", took)
        await measure_streams(assistant, chat, asked[:: max(1, len(asked) // STREAMED)])
        ledger.close()


async def measure_streams(assistant: Assistant, chat: InstantChat, asked: Sequence[tuple[Question, str]]) -> None:
    """What holding back costs: the first words against the model's first piece, and the rails' time on the parts."""
    firsts, held = [], []
    for question, text in asked:
        chat.text = text
        async for part in assistant.stream(question):
            if isinstance(part, Answer) and part.outcome == "answered" and part.timing.first_shown_ms is not None:
                firsts.append(part.timing.first_shown_ms - PIECE_EVERY_S * 1000)
                held.append(part.timing.stream_rails_ms + part.timing.output_rails_ms)
    show("stream: first words after the model's first piece", firsts)
    show("stream: rails on all parts and the whole", held)


if __name__ == "__main__":
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores")
    asyncio.run(main())

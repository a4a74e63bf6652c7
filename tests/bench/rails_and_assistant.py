"""What the rails and the assistant add to a message, in milliseconds.

The chat model answers at once, so that what is left is ours: rendering, rails, pricing, ledger and LangChain's steps.
"""

import asyncio
import os
import platform
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import quantiles

from guardrails.base import Text
from guardrails.care.texts import CareTexts
from guardrails.chain import RailChain
from guardrails.clinical_terms import ClinicalTerms
from guardrails.local import LocalModerator
from guardrails.term_groups import load_groups
from matria.costs.base import Usage
from matria.costs.prices import Prices
from matria.costs.sqlite import SqliteLedger
from matria.policy import load_policy
from matria.privacy.keys import HashKey
from models.assistant.assistant import Assistant
from models.assistant.base import ChatReply, ChatRequest
from models.assistant.conversation import Question
from models.assistant.meter import Meter
from prompts.repository import PromptLibrary

ROOT = Path(__file__).resolve().parents[2]
ASKED = "Estou com 20 semanas e sinto dor nas costas quando fico muito tempo em pé, o que posso fazer para aliviar?"
TOLD = "Beba água, descanse e troque de posição com frequência. Se a dor piorar, procure a UBS. " * 6
ROUNDS = 500


class InstantChat:
    """A chat model that takes no time."""

    provider = "azure"

    async def complete(self, request: ChatRequest) -> ChatReply:
        return ChatReply(TOLD, "stop", "gpt-4.1-mini-2025-04-14", "id", Usage(1000, 200), 0.0, is_simulated=False)

    async def ping(self) -> str:
        return "instant"

    async def aclose(self) -> None: ...


async def measure(name: str, call: Callable[[], Awaitable[object]]) -> None:
    """Prints median and 95th percentile over many rounds."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        await call()
        times.append((time.perf_counter() - started) * 1000)
    marks = quantiles(times, n=20)
    print(f"{name:<44} median {marks[9]:6.2f} ms   p95 {marks[18]:6.2f} ms")


async def main() -> None:
    """Prints a line per figure."""
    policy, groups = load_policy(ROOT / "policy.yaml"), load_groups()
    rails = RailChain([LocalModerator(groups, policy), ClinicalTerms(groups)], policy)
    prompt = PromptLibrary(ROOT / "prompts" / "library").load("gestante/triagem", "pt-BR")
    question = Question(prompt, {"question": ASKED, "gestational_age_weeks": 20}, "conversation", "message")
    with tempfile.TemporaryDirectory() as folder:
        ledger = SqliteLedger(Path(folder) / "ledger.db")
        meter = Meter(Prices(), ledger, HashKey("bench", b"k" * 32))
        assistant = Assistant(
            chat=InstantChat(),
            model="deployment",
            input_chain=rails,
            output_chain=rails,
            care=CareTexts("BR"),
            meter=meter,
            policy=policy,
        )
        answer = await assistant.answer(question)
        assert answer.outcome == "answered"
        await measure("rails on a question of 20 words", lambda: rails.judge(Text(ASKED, "user", "pt-BR")))
        await measure("rails on an answer of 96 words", lambda: rails.judge(Text(TOLD, "assistant", "pt-BR")))
        await measure("price and record one call (SQLite)", lambda: _record(meter, question, answer.reply))
        await measure("the assistant, without the model's time", lambda: assistant.answer(question))
        ledger.close()


async def _record(meter: Meter, question: Question, reply: ChatReply | None) -> object:
    assert reply is not None
    return await meter.record(
        reply, provider="azure", model="deployment", purpose="assistant", conversation_id="c", message_id="m"
    )


if __name__ == "__main__":
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {ROUNDS} rounds each")
    asyncio.run(main())

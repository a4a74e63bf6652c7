"""The fault drill of the whole assistant: what a woman sees while Azure's rails meet a broken emulator.

    python -m tests.bench.assistant_faults [FAULT …]

The model's text is scripted: six numbered sentences, of which one is harmful in every fourth message. Each fault meets
200 messages in each of three ways: on the question (the model must not be asked unless every rail allowed it), on the
whole answer, and on the answer as it is streamed. A sentence that is shown counts as unmoderated unless a text that
held it was allowed by every rail; so does a harmful one in any case.
"""

import asyncio
import logging
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from statistics import quantiles
from typing import Literal, get_args

from pydantic import SecretStr

from guardrails.base import Text
from guardrails.care.texts import CareTexts
from guardrails.chain import ChainDecision, RailChain
from guardrails.content_safety.moderator import AzureModerator
from guardrails.content_safety.opening import open_content_safety
from guardrails.content_safety.shield import AzureShield
from guardrails.emulator import create_app
from guardrails.emulator.faults import Faults
from guardrails.emulator.server import serving
from guardrails.local import LocalModerator
from guardrails.term_groups import TermGroup, load_groups
from matria.costs.base import Usage
from matria.costs.ledger.sqlite import SqliteLedger
from matria.costs.prices import Prices
from matria.policy import Policy, load_policy
from matria.privacy.keys import HashKey
from matria.settings import ModerationSettings
from models.assistant.assistant import Assistant
from models.assistant.base import ChatReply, ChatRequest
from models.assistant.conversation import Question
from models.assistant.meter import Meter
from prompts.prompt import Prompt
from prompts.repository import PromptLibrary
from tests.bench.guardrail_faults import AT_ONCE, DOWN, FAULTS, HARMFUL, HARMFUL_EVERY, MESSAGES, nowhere
from tests.bench.intervals import shown

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = 6
Way = Literal["question", "answer", "stream"]

_NUMBERED = re.compile(r"Frase (\d+-\d+)")


class ScriptedChat:
    """A model that says what the number in the question asks for, word by word where it is streamed."""

    provider = "azure"

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The whole text at once."""
        number = int(re.findall(r"mensagem (\d+)", request.messages[-1].content)[-1])
        return ChatReply(
            said(number), "stop", "gpt-4.1-mini-2025-04-14", "id", Usage(1000, 200), 0.0, is_simulated=False
        )

    async def stream(self, request: ChatRequest) -> AsyncIterator[str | ChatReply]:
        """A word at a time, then the reply."""
        reply = await self.complete(request)
        for word in reply.text.split(" "):
            yield f"{word} "
        yield reply

    async def ping(self) -> str:
        """Nothing is asked."""
        return "scripted"

    async def aclose(self) -> None:
        """Nothing is open."""


def said(number: int) -> str:
    """What the model says to the message of that number."""
    sentences = [f"Frase {number}-{n}: beba água e descanse sempre que puder, com calma." for n in range(SENTENCES)]
    if number % HARMFUL_EVERY == 0:
        sentences[SENTENCES // 2] += f" {HARMFUL}"
    return " ".join(sentences) + " "


class WitnessedChain(RailChain):
    """A chain that keeps what it allowed, so that what was shown can be held against it."""

    allowed: list[str]
    failures: int

    async def judge(self, text: Text) -> ChainDecision:
        """The chain's own decision."""
        decision = await super().judge(text)
        self.failures += bool(decision.failures)
        if decision.is_allowed and not decision.failures:
            self.allowed.append(text.content)
        return decision


@dataclass
class Seen:
    """What came of the messages of one drill."""

    unmoderated: int = 0
    answered: int = 0
    """Messages of which something of the model was shown."""
    crashes: Counter[str] = field(default_factory=Counter)
    waits_ms: list[float] = field(default_factory=list)
    failures: int = 0
    """Texts on which a rail failed."""


async def drill(endpoint: str, way: Way, policy: Policy, groups: list[TermGroup], messages: int = MESSAGES) -> Seen:
    """What a woman sees of so many messages."""
    settings = ModerationSettings(kind="azure", endpoint=endpoint, api_key=SecretStr("any"))
    service = open_content_safety(settings, policy)
    watched = WitnessedChain([AzureModerator(service, groups, policy), AzureShield(service, policy)], policy)
    watched.allowed, watched.failures = [], 0
    sound = RailChain([], policy, first=[LocalModerator(groups, policy)])
    seen = Seen()
    prompt = PromptLibrary(ROOT / "prompts" / "library").load("gestante/triagem", "pt-BR")
    with tempfile.TemporaryDirectory() as folder:
        ledger = SqliteLedger(Path(folder) / "ledger.db")
        assistant = Assistant(
            chat=ScriptedChat(),
            model="deployment",
            input_chain=watched if way == "question" else sound,
            output_chain=sound if way == "question" else watched,
            care=CareTexts("BR"),
            meter=Meter(Prices(), ledger, HashKey("bench", b"k" * 32)),
            policy=policy,
        )
        places = asyncio.Semaphore(AT_ONCE)

        async def send(number: int) -> None:
            async with places:
                await _ask(assistant, way, number, prompt, watched, seen)

        await asyncio.gather(*(send(number) for number in range(messages)))
        ledger.close()
    seen.failures = watched.failures
    await service.aclose()
    return seen


async def _ask(
    assistant: Assistant, way: Way, number: int, prompt: Prompt, watched: WitnessedChain, seen: Seen
) -> None:
    asked = {"question": f"Posso comer peixe? Esta é a mensagem {number} de hoje.", "gestational_age_weeks": 20}
    question = Question(prompt, asked, f"c{number}", f"m{number}")
    text = ""
    started = time.perf_counter()
    try:
        if way == "stream":
            async for part in assistant.stream(question):
                text += part if isinstance(part, str) else ""
        else:
            text = (await assistant.answer(question)).shown_text
    except Exception as error:  # noqa: BLE001 - a crash is what is counted
        seen.crashes[type(error).__name__] += 1
    seen.waits_ms.append((time.perf_counter() - started) * 1000)
    numbers = _NUMBERED.findall(text)
    seen.answered += bool(numbers)
    seen.unmoderated += _is_unmoderated(way, number, text, watched)


def _is_unmoderated(way: Way, number: int, text: str, watched: WitnessedChain) -> bool:
    if HARMFUL in text:
        return True
    if way == "question":
        was_allowed = any(f"mensagem {number} " in content for content in watched.allowed)
        return bool(_NUMBERED.findall(text)) and not was_allowed
    return any(
        not any(f"Frase {shown_number}:" in content for content in watched.allowed)
        for shown_number in _NUMBERED.findall(text)
    )


def main(names: list[str]) -> None:
    """Prints a line per fault and way, and the sums."""
    logging.disable()  # each failure is a line, and here they are counted
    policy, groups, total = load_policy(ROOT / "policy.yaml"), list(load_groups()), Counter[str]()
    print(f"{MESSAGES} messages a line, {AT_ONCE} at once; times in ms for a whole message, the model's being 0")
    print(
        f"{'fault':<29} {'on the':<9} {'shown':>5} {'crashes':>7} {'answered':>8} {'failures':>8}"
        f" {'median':>7} {'p95':>6} {'max':>6}"
    )
    app = create_app()
    with serving(app) as endpoint:
        for name, way in product(names or list(FAULTS), get_args(Way)):
            app.faults = Faults(FAULTS[name], seed=1)
            seen = asyncio.run(drill(nowhere() if name == DOWN else endpoint, way, policy, groups))
            marks = quantiles(seen.waits_ms, n=100)
            crashes = sum(seen.crashes.values())
            print(
                f"{name:<29} {way:<9} {seen.unmoderated:>5} {crashes:>7} {seen.answered:>8} {seen.failures:>8}"
                f" {marks[49]:>7.0f} {marks[94]:>6.0f} {max(seen.waits_ms):>6.0f}",
                flush=True,
            )
            total.update(messages=MESSAGES, unmoderated=seen.unmoderated, crashes=crashes, failures=seen.failures)
    print(f"\nmessages that showed something unmoderated: {shown(total['unmoderated'], total['messages'])}")
    print(f"crashes {total['crashes']}, texts with a failure {total['failures']}")


if __name__ == "__main__":
    main(sys.argv[1:])

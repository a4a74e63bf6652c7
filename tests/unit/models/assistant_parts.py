"""Parts of an assistant for tests: models and rails that do as told, a ledger in memory, the real prompts and terms."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from guardrails.base import Decision, Text
from guardrails.care.texts import CareTexts
from guardrails.chain import RailChain
from guardrails.clinical_terms import ClinicalTerms
from guardrails.local import LocalModerator
from guardrails.term_groups import load_groups
from matria.costs.base import LedgerEntry, Usage
from matria.costs.ledger.sqlite import SqliteLedger
from matria.costs.prices import Prices
from matria.messages import Locale
from matria.policy import Policy, load_policy
from matria.privacy.keys import HashKey
from models.assistant.assistant import Assistant
from models.assistant.base import ChatReply, ChatRequest
from models.assistant.conversation import Answer, Question
from models.assistant.failures import ChatFailed, PaidAttempt
from models.assistant.meter import Meter
from prompts.contacts import contact_variables
from prompts.repository import PromptLibrary
from tests.virtual_time import LONG_S

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = load_policy(ROOT / "policy.yaml")


def with_number(policy: Policy, name: str, value: float) -> Policy:
    """The policy with another value of one threshold."""
    return replace(policy, thresholds={**policy.thresholds, name: replace(policy.thresholds[name], value=value)})


POLICY = with_number(
    with_number(SHIPPED, "moderation.time_budget_ms", LONG_S * 1000), "costs.ledger_patience_ms", LONG_S * 1000
)
"""No rail and no ledger is late where a test does not say so, however slow the machine."""
LIBRARY = PromptLibrary(ROOT / "prompts" / "library")
GROUPS = load_groups()
RAILS = RailChain([LocalModerator(GROUPS, POLICY), ClinicalTerms(GROUPS)], POLICY)
CARE = CareTexts("US")
KEY = HashKey("test-1", b"k" * 32)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
REPLY = ChatReply(
    "Beba água e descanse.",
    "stop",
    "gpt-4.1-mini-2025-04-14",
    "chatcmpl-1",
    Usage(1000, 200),
    812.5,
    is_simulated=False,
)


@dataclass
class ScriptedChat:
    """A chat model that says what a test wrote, once it may, and keeps what it was asked."""

    reply: ChatReply | Exception = REPLY
    may: asyncio.Event | None = None
    """Answers when it is set; None answers at once."""
    breaks_off: bool = False
    provider: str = "azure"
    requests: list[ChatRequest] = field(default_factory=list)

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.requests.append(request)
        try:
            await (asyncio.sleep(0) if self.may is None else self.may.wait())
        except asyncio.CancelledError:
            request.tell(PaidAttempt("cancelled", self.provider, request.model))
            raise
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply

    async def stream(self, request: ChatRequest) -> AsyncIterator[str | ChatReply]:
        reply = await self.complete(request)
        for word in reply.text.split(" "):
            yield f"{word} "
        if self.breaks_off:
            raise ChatFailed("It broke off.", "unreadable")
        yield replace(reply, text=f"{reply.text} ")

    async def ping(self) -> str:
        return "scripted"

    async def aclose(self) -> None: ...


@dataclass
class MemoryLedger:
    """A ledger that keeps entries in a list; `on_record` may fail or wait first."""

    entries: list[LedgerEntry] = field(default_factory=list)
    on_record: Callable[[], object] = lambda: None

    def record(self, entries: Any) -> int:
        self.on_record()
        new = {entry.call_id: entry for entry in entries}
        for known in self.entries:
            new.pop(known.call_id, None)
        self.entries += new.values()
        return len(new)

    def between(self, start: datetime, end: datetime) -> Sequence[LedgerEntry]:
        return [entry for entry in self.entries if start <= entry.at < end]

    def ping(self) -> str:
        return "memory"


@dataclass
class StubRail:
    """Judges as told; an exception is raised."""

    decision: Decision | Exception
    name: str = "stub"

    async def judge(self, text: Text) -> Decision:
        if isinstance(self.decision, Exception):
            raise self.decision
        return self.decision

    async def ping(self) -> str:
        return "stub"


def chain(decision: Decision | Exception) -> RailChain:
    return RailChain([StubRail(decision)], POLICY)


def assistant(
    chat: ScriptedChat,
    ledger: MemoryLedger | SqliteLedger,
    input_chain: RailChain = RAILS,
    output_chain: RailChain = RAILS,
    care: CareTexts = CARE,
    policy: Policy = POLICY,
    **more: Any,
) -> Assistant:
    return Assistant(
        chat=chat,
        model="our-deployment",
        input_chain=input_chain,
        output_chain=output_chain,
        care=care,
        meter=Meter(Prices(), ledger, KEY, clock=lambda: NOON, new_id=lambda: f"call-{len(chat.requests)}"),
        policy=policy,
        **more,
    )


def question(text: str = "Posso comer peixe?", name: str = "gestante/triagem", locale: Locale = "pt-BR") -> Question:
    variables = {**contact_variables("US"), "question": text, "gestational_age_weeks": 20}
    return Question(LIBRARY.load(name, locale), variables, "person-7", "message-1")


def ask(what: Question, chat: ScriptedChat, ledger: MemoryLedger | None = None, **chains: Any) -> Answer:
    return asyncio.run(assistant(chat, ledger or MemoryLedger(), **chains).answer(what))


def failures(answer: Answer) -> int:
    """How many rails could not answer."""
    return sum(decision.is_error for decision in answer.decisions)

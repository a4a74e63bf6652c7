"""A week of conversations with the bundled simulator, so that a nurses' week can be tried without a single patient.

The questions are those of the clinical suites, danger signs and disclosures among them; some conversations go on for a
second and a third message. All of it is marked `simulated`, and simulated conversations are never drawn where there are
real ones.
"""

import asyncio
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from matria.errors import SettingsError, StorageError

if TYPE_CHECKING:
    from evals.cases import Case
    from flows.wiring import Platform
    from matria.transcripts.base import Exchange, Transcript, Transcripts
    from models.assistant.assistant import Assistant

LENGTHS = (1, 1, 1, 2, 2, 3)
"""How many messages a conversation has; one of these."""
ANSWER_S = 90.0
"""Between two messages of a conversation."""


@dataclass(frozen=True)
class SimulatedWeek:
    """What was made."""

    conversations: int
    exchanges: int
    since: datetime
    until: datetime


@dataclass
class Redated:
    """Keeps exchanges as if they had been asked within the week."""

    transcripts: "Transcripts"
    times: "dict[str, datetime]"
    """By message id."""
    kept: int = 0

    def keep(self, exchange: "Exchange") -> bool:
        """Whether it is new."""
        is_new = self.transcripts.keep(replace(exchange, asked_at=self.times[exchange.message_id]))
        self.kept += 1
        return is_new

    def between(self, since: datetime, until: datetime) -> "Iterator[Transcript]":
        """The conversations of a span."""
        return self.transcripts.between(since, until)

    def of(self, conversation_id: str) -> "Transcript | None":
        """One conversation, whole."""
        return self.transcripts.of(conversation_id)

    def erase(self, conversation_ids: Sequence[str]) -> int:
        """How many exchanges are gone for good."""
        return self.transcripts.erase(conversation_ids)

    def prune(self, before: datetime) -> int:
        """How many exchanges are gone because of their age."""
        return self.transcripts.prune(before)

    def ping(self) -> str:
        """Where they are kept."""
        return self.transcripts.ping()


def simulate_week(
    platform: "Platform", since: datetime, until: datetime, conversations: int, seed: int = 7
) -> SimulatedWeek:
    """A week of [since, until) made and kept. The same seed asks the same questions at the same times.

    Raises `SettingsError` where no simulator answers, and `StorageError` where the conversations cannot be kept.
    """
    if platform.settings.chat.kind != "simulator":
        raise SettingsError("A week is simulated with the simulator alone: unset MATRIA_CHAT__KIND for it.")
    if platform.transcripts is None:
        raise SettingsError("MATRIA_TRANSCRIPTS__KIND is none, so that no conversation is kept: unset it.")
    platform.transcripts.ping()  # before anything is asked
    random = Random(seed)
    planned = [_conversation(platform, random, since, until) for _ in range(conversations)]
    kept = Redated(platform.transcripts, {})
    asyncio.run(_hold(platform, planned, kept))
    exchanges = sum(len(one.cases) for one in planned)
    if kept.kept < exchanges:
        raise StorageError(f"Only {kept.kept} of {exchanges} messages could be kept: see the log, and simulate again.")
    return SimulatedWeek(conversations, exchanges, since, until)


@dataclass(frozen=True)
class _Planned:
    """One conversation: what is asked, with which prompt, from when on."""

    prompt: str
    cases: "tuple[Case, ...]"
    began_at: datetime


def _conversation(platform: "Platform", random: Random, since: datetime, until: datetime) -> _Planned:
    asked = [
        (case, name) for suite in platform.suites for case in suite.cases if (name := _prompt(suite.prompts, case))
    ]
    first, prompt = random.choice(asked)
    alike = [case for case, name in asked if (name, case.locale, case.stage) == (prompt, first.locale, first.stage)]
    more = [random.choice(alike) for _ in range(random.choice(LENGTHS) - 1)]
    began_at = since + (until - since) * random.random()
    latest = until - timedelta(seconds=ANSWER_S * len(LENGTHS))
    return _Planned(prompt, (first, *more), min(began_at, latest))


def _prompt(prompts: tuple[str, ...], case: "Case") -> str:
    from flows.steps.chat import PERSON_PERSONAS

    if case.persona not in PERSON_PERSONAS:
        return ""
    return next((name for name in prompts if name.startswith(f"{case.persona}/")), "")


async def _hold(platform: "Platform", planned: Sequence[_Planned], kept: Redated) -> None:
    chat = platform.chat()
    assistant = platform.assistant(chat, transcripts=kept)
    gate = asyncio.Semaphore(platform.policy.count("engine.max_in_flight"))

    async def one(conversation: _Planned) -> None:
        async with gate:
            await _talk(platform, assistant, conversation, kept)

    try:
        await asyncio.gather(*(one(conversation) for conversation in planned))
        await assistant.settled()
    finally:
        await chat.aclose()


async def _talk(platform: "Platform", assistant: "Assistant", planned: _Planned, kept: Redated) -> None:
    from models.assistant.memory import Conversation
    from prompts.contacts import contact_variables

    prompt = platform.library.load(planned.prompt, planned.cases[0].locale)
    facts = {**contact_variables(platform.settings.country), **planned.cases[0].vars}
    conversation = Conversation(f"simulated-{uuid.uuid4().hex}", prompt, facts, platform.policy)
    for number, case in enumerate(planned.cases):
        message_id = uuid.uuid4().hex
        kept.times[message_id] = planned.began_at + timedelta(seconds=ANSWER_S * number)
        conversation.remember(await assistant.answer(conversation.question(case.question, message_id)))

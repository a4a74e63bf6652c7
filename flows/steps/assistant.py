"""A day of messages through the assistant, as the service would send them: moderated, answered, priced.

The messages are the questions of the clinical suites, so that danger signs and disclosures are among them.
"""

import asyncio
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evals.cases import Case
    from flows.wiring import Platform
    from matria.costs.summary import CostSummary
    from models.assistant.conversation import Answer


@dataclass(frozen=True)
class Conversed:
    """What became of the messages."""

    outcomes: Mapping[str, int]
    """How many were answered, cared for, refused, unchecked, withheld."""
    reasons: Mapping[str, int]
    """Codes of the rails that stopped a question or an answer."""
    costs: "CostSummary"
    price_sources: tuple[str, ...]

    @property
    def messages(self) -> int:
        """How many there were."""
        return sum(self.outcomes.values())

    @property
    def title(self) -> str:
        """One line."""
        from flows.steps.costs import usd

        parts = ", ".join(f"{count} {outcome}" for outcome, count in self.outcomes.items())
        return f"{self.messages} messages: {parts}; {usd(self.costs.all)} USD each"


def converse(platform: "Platform") -> Conversed:
    """Each question of the suites once, to the prompt of its persona that comes first. Raises `ModelError`."""
    from matria.costs.summary import summarise

    answers = asyncio.run(_answers(platform))
    entries = [answer.entry for answer in answers if answer.entry]
    stopped = [answer for answer in answers if answer.outcome != "answered"]
    return Conversed(
        dict(Counter(answer.outcome for answer in answers).most_common()),
        dict(Counter(reason for answer in stopped for d in answer.decisions for reason in d.reasons).most_common()),
        summarise(entries),
        tuple(sorted({entry.cost.price_source for entry in entries})),
    )


async def _answers(platform: "Platform") -> "list[Answer]":
    from models.assistant.conversation import Question
    from prompts.contacts import contact_variables

    chat = platform.chat()
    assistant = platform.assistant(chat)
    gate = asyncio.Semaphore(platform.policy.count("engine.max_in_flight"))
    contacts = contact_variables(platform.settings.country)

    async def ask(case: "Case", name: str) -> "Answer":
        prompt = platform.library.load(name, case.locale)
        conversation = f"{case.suite}/{case.id}"
        variables = {**contacts, **case.vars, "question": case.question}
        async with gate:
            return await assistant.answer(Question(prompt, variables, conversation, uuid.uuid4().hex, case.history))

    try:
        asked = [(case, _prompt_for(suite.prompts, case)) for suite in platform.suites for case in suite.cases]
        return list(await asyncio.gather(*(ask(case, name) for case, name in asked if name)))
    finally:
        await chat.aclose()


def _prompt_for(prompts: tuple[str, ...], case: "Case") -> str:
    return next((name for name in prompts if name.startswith(f"{case.persona}/")), "")

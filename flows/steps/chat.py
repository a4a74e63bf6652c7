"""A conversation with the assistant as a person would have it: greeted, moderated, answered in parts, and recorded.

One session holds one conversation. What goes into the record is masked: counts, decisions, costs and times in a run of
MLflow, and the turns as traces below it.
"""

import uuid
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING, Any

from matria.errors import PromptError
from matria.messages import Locale, Persona

if TYPE_CHECKING:
    from flows.wiring import Platform
    from matria.tracking import TraceRecord
    from models.assistant.assistant import Assistant
    from models.assistant.conversation import Answer
    from models.assistant.memory import Conversation

PERSON_PERSONAS: tuple[Persona, ...] = ("gestante", "puerpera")
"""Whom one can talk as: the nurse's prompt sums up conversations and holds none."""


@dataclass(frozen=True)
class ChatRequestOptions:
    """With which prompt, and what is known of the person."""

    prompt: str
    """Such as `gestante/triagem`."""
    locale: Locale
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Variables of the prompt that are known: weeks, days since birth, first name."""


@dataclass
class ChatSession:
    """One conversation, and what became of its messages."""

    platform: "Platform"
    assistant: "Assistant"
    conversation: "Conversation"
    options: ChatRequestOptions
    answers: "list[Answer]" = field(default_factory=list)

    @property
    def greeting(self) -> str:
        """The first words, before anything is asked."""
        from prompts.greetings import greeting

        return greeting(self.options.locale, self.platform.settings.country)

    async def say(self, said: str) -> "AsyncGenerator[str | Answer, None]":
        """The answer's text in parts as they pass the rails, then the answer. Raises what `Assistant.stream` raises."""
        from models.assistant.conversation import Answer

        question = self.conversation.question(said, uuid.uuid4().hex)
        async with aclosing(self.assistant.stream(question)) as parts:
            async for part in parts:
                if isinstance(part, Answer):
                    self.answers.append(part)
                    self.conversation.remember(part)
                yield part

    def record(self) -> str:
        """The id of the MLflow run that holds the conversation, masked. Raises `TrackingError`."""
        prompt = self.platform.library.load(self.options.prompt, self.options.locale)
        with self.platform.tracking.start(
            "conversation",
            subject=f"{self.options.prompt}.{self.options.locale}",
            data_version=prompt.closure_hash[:16],
            is_simulated=any(answer.reply is not None and answer.reply.is_simulated for answer in self.answers),
            tags={"prompt": f"{self.options.prompt}.{self.options.locale}", "model": self.platform.settings.chat.model},
            now=datetime.now(UTC),
        ) as run:
            run.log_batch({}, metrics(self.answers))
            run.log_traces([_trace(answer) for answer in self.answers])
        return run.run_id


def open_session(platform: "Platform", assistant: "Assistant", options: ChatRequestOptions) -> ChatSession:
    """A new conversation. Raises `PromptError` for a prompt that there is not, or that no person talks to."""
    from models.assistant.memory import Conversation
    from prompts.contacts import contact_variables

    persona = options.prompt.partition("/")[0]
    if persona not in PERSON_PERSONAS:
        names = sorted({ref.name for ref in platform.library.refs() if ref.name.partition("/")[0] in PERSON_PERSONAS})
        raise PromptError(f"Nobody talks to '{options.prompt}': choose one of {', '.join(names)}.")
    prompt = platform.library.load(options.prompt, options.locale)
    facts = {**contact_variables(platform.settings.country), **options.facts}
    return ChatSession(
        platform, assistant, Conversation(f"chat-{uuid.uuid4().hex}", prompt, facts, platform.policy), options
    )


def metrics(answers: "Sequence[Answer]") -> dict[str, float | None]:
    """How messages ended, what the rails said, what they took and what they cost."""
    outcomes = Counter(answer.outcome for answer in answers)
    decisions = [decision for answer in answers for decision in answer.decisions]
    reasons = Counter(reason for decision in decisions for reason in decision.reasons)
    levels: dict[str, int] = {}
    for decision in decisions:
        for category, level in decision.levels.items():
            levels[category] = max(level, levels.get(category, 0))
    costs = [answer.entry.cost.usd for answer in answers if answer.entry and answer.entry.cost.usd is not None]
    return {
        "messages": float(len(answers)),
        **{f"outcome.{name}": float(count) for name, count in outcomes.items()},
        **{f"guardrails.reason.{name}": float(count) for name, count in reasons.items()},
        **{f"guardrails.level.{name}": float(level) for name, level in levels.items()},
        "guardrails.rail_failed": float(sum(decision.is_error for decision in decisions)),
        "guardrails.handed_over": float(sum(answer.handed_over is not None for answer in answers)),
        "guardrails.input_ms": median(answer.timing.input_rails_ms for answer in answers),
        "guardrails.output_ms": median(answer.timing.output_rails_ms for answer in answers),
        "cost_usd": float(sum(costs)) if costs else None,
    }


def _trace(answer: "Answer") -> "TraceRecord":
    from matria.tracking import TraceRecord

    decisions: list[dict[str, Any]] = [
        {"rail": d.rail, "action": d.action, "reasons": list(d.reasons), "levels": dict(d.levels)}
        for d in answer.decisions
    ]
    messages = answer.rendered.messages if answer.rendered else ()
    return TraceRecord(
        name=f"message.{answer.outcome}",
        inputs={
            "messages": [message.as_wire() for message in messages] or [{"role": "user", "content": answer.asked_text}]
        },
        outputs={
            "shown_text": answer.masked_text,
            "model_text": answer.model_text,
            "outcome": answer.outcome,
            "notes": list(answer.notes),
        },
        attributes={"decisions": decisions, "handed_over": answer.handed_over or ""},
        tags={"outcome": answer.outcome},
    )

"""What the assistant is asked and what it answers, as nouns; `assistant.py` has the way from one to the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from guardrails.base import Decision
from guardrails.chain import ChainDecision
from matria.costs.base import LedgerEntry, Purpose
from matria.messages import Message
from models.assistant.base import ChatReply
from prompts.prompt import Prompt
from prompts.render import RenderedPrompt

Outcome = Literal["answered", "cared", "refused", "unchecked", "withheld"]
"""How a question ended: with the model's words, with care, refused, unchecked, or with the model's words withheld."""


@dataclass(frozen=True)
class Question:
    """One message to the assistant."""

    prompt: Prompt
    variables: Mapping[str, Any]
    """What the prompt is filled with; `question` holds the person's own words."""
    conversation_id: str
    """Any id; the ledger holds its keyed hash."""
    message_id: str
    """An id of ours that names no person; costs are summed by it."""
    history: Sequence[Message] = ()
    """Earlier turns, oldest first."""
    purpose: Purpose = "assistant"
    model: str | None = None
    """The model to ask; None for the assistant's own."""
    epoch: int = 0
    """Which repetition this is; above 0 it shifts the seed, so that repetitions differ."""


@dataclass(frozen=True)
class Answer:
    """What came of a question."""

    shown_text: str
    """What the person sees."""
    model_text: str | None
    """What the model wrote, shown or not; None where it was not asked."""
    outcome: Outcome
    rendered: RenderedPrompt
    input_decision: ChainDecision
    output_decision: ChainDecision | None = None
    """None where there was no model's text to judge."""
    reply: ChatReply | None = field(default=None, repr=False)
    entry: LedgerEntry | None = None
    """The model call and its price; there exactly when `reply` is. In the ledger unless that came from a cache."""

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Of the rails on the question, then of those on the answer."""
        told = self.output_decision.decisions if self.output_decision else ()
        return self.input_decision.decisions + told

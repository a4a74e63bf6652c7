"""What the assistant is asked and what it answers, as nouns; `assistant.py` has the way from one to the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from guardrails.base import Decision
from guardrails.chain import ChainDecision
from guardrails.vault import Vault
from matria.costs.base import LedgerEntry, Purpose
from matria.handover.desk import HandedOver
from matria.messages import Message
from models.assistant.base import ChatReply
from prompts.prompt import Prompt
from prompts.render import RenderedPrompt

Outcome = Literal["answered", "rewritten", "cared", "refused", "unchecked", "withheld"]
"""How a question ended: with the model's words, with those that the rails left of them, with care, refused, unchecked,
or with the model's words withheld."""


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
    said_before: Sequence[str] = ()
    """Her last messages of the conversation, masked, oldest first: what she tells in several is heard together."""
    vault: Vault | None = field(default=None, repr=False, compare=False)
    """What the conversation knows of personal data; None where this message is all there is of it."""


@dataclass(frozen=True)
class Timing:
    """Where the time of an answer went, in milliseconds."""

    input_rails_ms: float = 0.0
    model_ms: float | None = None
    """As the endpoint took; None where no model was asked."""
    output_rails_ms: float = 0.0
    """On the whole answer, mending included."""
    stream_rails_ms: float = 0.0
    """On its parts while it came; 0 where it was not streamed."""
    first_shown_ms: float | None = None
    """From the question to the first words that she saw; None where it was not streamed."""


@dataclass(frozen=True)
class Answer:
    """What came of a question."""

    shown_text: str
    """What the person sees, with her own name and data in it."""
    masked_text: str
    """The same with personal data masked, as a record or the next question's history may hold it."""
    model_text: str | None
    """What the model wrote, shown or not, with personal data masked; None where it was not asked."""
    asked_text: str
    """What she asked, with personal data masked."""
    outcome: Outcome
    rendered: RenderedPrompt | None
    """None where no model was asked and the prompt would not have rendered."""
    input_decision: ChainDecision
    output_decision: ChainDecision | None = None
    """None where there was no model's text to judge."""
    reply: ChatReply | None = field(default=None, repr=False)
    entry: LedgerEntry | None = None
    """The model call and its price; there exactly when `reply` is. In the ledger unless that came from a cache."""
    notes: tuple[str, ...] = ()
    """Themes of the notes that the model was shown."""
    moderation: tuple[LedgerEntry, ...] = ()
    """What paid rails counted for the message; none where all of them are of this process."""
    handed_over: HandedOver | None = None
    """What came of telling a person; None where there was no reason to."""
    timing: Timing = field(default=Timing(), compare=False)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Of the rails on the question, then of those on the answer."""
        told = self.output_decision.decisions if self.output_decision else ()
        return self.input_decision.decisions + told

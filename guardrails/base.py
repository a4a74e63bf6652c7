"""What may be said: the nouns and the port of moderation.

A `Decision` is what one rail, or the whole chain, decided on one text. (The gate's decision on a prompt is called a
verdict; see docs/glossary.md.) Rails fail closed: one that cannot answer
withholds output and sends input to the safe path.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from matria.messages import Locale

Direction = Literal["user", "assistant"]
"""Whose text it is: thresholds differ."""
Audience = Literal["patient", "staff"]
"""Whom the conversation serves: what a nurse is told about a woman is not what the woman is told."""
Category = Literal["hate", "self_harm", "sexual", "violence"]
Action = Literal["allow", "mask", "rewrite", "escalate", "refuse", "human"]
"""`escalate` answers with care: the escalation text with the country's numbers, and a human is told."""


@dataclass(frozen=True)
class Text:
    """A text to be judged, with what a rail needs to know about it. Personal data is masked before it becomes one."""

    content: str
    direction: Direction
    locale: Locale
    audience: Audience = "patient"
    question: str = ""
    """Of an answer: what the person had asked; empty where it is not known."""
    sources: tuple[str, ...] = ()
    """Documents that the model is given: beside a question to be searched for instructions, beside an answer to hold
    it against."""
    instructions: str = ""
    """Of an answer: the system prompt, which must not be told."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text that a decision is about."""

    start: int
    """First character."""
    end: int
    """One past the last character."""
    reason: str
    """Which of the decision's reasons it gave."""


@dataclass(frozen=True)
class Decision:
    """What was decided on one text, and why."""

    action: Action
    rail: str
    """Which rail decided: `moderation`, `clinical_terms`, or `chain` for the sum of all."""
    reasons: tuple[str, ...] = ()
    """Codes such as `self_harm_disclosure`, `dose_in_answer`; never the text itself."""
    levels: Mapping[Category, int] = field(default_factory=dict)
    """Raw severities 0 to 7 by category; empty where the rail has none."""
    spans: tuple[Span, ...] = ()
    """Of `mask` and `rewrite`: which parts of the text are to go, in order and apart."""
    text_records: int = 0
    """Units that a paid service counted for this text: one for each started 1,000 characters."""
    uncounted_calls: int = 0
    """Calls of a paid service for this text that have left and may be billed, and of which no count came back; the
    chain fills it in."""
    latency_ms: float = field(default=0.0, compare=False)
    """How long the rail took; the chain fills it in."""
    is_error: bool = False
    """The rail failed; the action is the safe one, and the failure is counted."""


class Rail(Protocol):
    """Judges one text.

    1. Never changes the text; says what should happen to it.
    2. Never raises for the text's content. A failure raises `RailFailed`, which the chain turns into the safe action.
    3. Deterministic for the same text, terms and policy.
    """

    name: str

    async def judge(self, text: Text) -> Decision:
        """The rail's decision."""

    async def ping(self) -> str:
        """A short description of what answered."""


class RailFailed(Exception):
    """A rail could not answer; the message holds no text of a person."""

    text_records: int = 0
    """Units that a paid service had counted all the same."""

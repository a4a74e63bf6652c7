"""What people asked and what they were answered, masked, as nouns and a port: from here a week is drawn for nurses.

Personal data is masked before anything comes here (`guardrails.vault`); a conversation is known by its keyed hash, as
in the cost ledger. What is here is health text all the same: it is kept for a limited time, and erased on request.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from matria.messages import Locale, Persona


@dataclass(frozen=True)
class RailMark:
    """What one rail decided on the question or the answer; no text of either."""

    direction: str
    """`user` or `assistant`: whose text it was."""
    rail: str
    action: str
    """`allow`, `mask`, `rewrite`, `escalate`, `refuse`, `human`."""
    reasons: tuple[str, ...] = ()
    """Codes, such as `self_harm_disclosure`."""


@dataclass(frozen=True)
class Exchange:
    """One message of a person and what she was shown, both masked."""

    conversation_id: str
    """The keyed hash of the conversation's id, as in the cost ledger."""
    message_id: str
    """An id of ours that names no person; unique."""
    asked_at: datetime
    """When the message came, UTC."""
    locale: Locale
    persona: Persona
    stage: str
    """Stage of her pregnancy as in `evals.cases.Stage`; empty where it is not known."""
    asked_text: str
    """What she wrote, masked."""
    shown_text: str
    """What she was shown, masked."""
    outcome: str
    """`answered`, `rewritten`, `cared`, `refused`, `unchecked`, `withheld`."""
    prompt: str
    """Such as `gestante/triagem`."""
    prompt_version: str
    prompt_hash: str
    """Of the rendered closure."""
    model: str
    """The snapshot that answered; empty where no model was asked."""
    marks: tuple[RailMark, ...] = ()
    """Those that did not simply allow."""
    is_handed_over: bool = False
    """Whether a person of the service was told of the conversation."""
    is_simulated: bool = False
    """Whether the bundled simulator answered."""


@dataclass(frozen=True)
class Transcript:
    """The exchanges of one conversation that fall into a span of time, oldest first; at least one."""

    conversation_id: str
    exchanges: tuple[Exchange, ...]

    @property
    def last(self) -> Exchange:
        """The newest exchange of the span."""
        return self.exchanges[-1]


class Transcripts(Protocol):
    """Keeps exchanges of people with an assistant.

    1. `keep` is durable when it returns, and idempotent: a `message_id` that is known changes nothing and gives False.
    2. `between` gives the conversations with an exchange in [since, until), each with its exchanges of that span in the
       order in which they were asked; conversations by their id, so that the same rows come in the same order.
    3. `of` gives a conversation whole; None for one that is not known, or was erased.
    4. `erase` removes a conversation and says how many exchanges went; it stays erased: `keep` of it gives False.
    5. `prune` removes the exchanges asked before a moment and says how many went.
    6. Times are aware of their zone; naive ones raise ValueError. Raises `StorageError` where the store fails.
    """

    def keep(self, exchange: Exchange) -> bool:
        """Whether it is new."""

    def between(self, since: datetime, until: datetime) -> Iterator[Transcript]:
        """The conversations of a span."""

    def of(self, conversation_id: str) -> Transcript | None:
        """One conversation, whole."""

    def erase(self, conversation_ids: Sequence[str]) -> int:
        """How many exchanges are gone for good."""

    def prune(self, before: datetime) -> int:
        """How many exchanges are gone because of their age."""

    def ping(self) -> str:
        """How many exchanges are kept, since when, and where."""

"""A question on its way through the assistant: what each step has added to it so far."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from guardrails.base import Audience, Decision
from guardrails.chain import ChainDecision
from guardrails.vault import Vault
from matria.costs.base import LedgerEntry
from matria.errors import PromptError
from matria.messages import Locale, Persona
from models.assistant.base import ChatReply
from models.assistant.conversation import Question
from models.assistant.failures import new_call_id
from models.assistant.privacy import QUESTION
from models.assistant.sources import Sources
from prompts.render import RenderedPrompt

STAFF: frozenset[Persona] = frozenset({"enfermeira"})
"""Personas that serve a professional; what is withheld from a woman, her nurse must read."""
UNJUDGED = ChainDecision("human", ())
"""What a question is before its rails have spoken: nothing that a model may see."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Text in here has its personal data masked; the vault, which no trace shows, knows what stands behind it."""

    question: Question
    vault: Vault = field(repr=False)
    came_at: datetime
    """When the question came, UTC; all that is paid for it belongs to that moment."""
    sources: Sources = field(default_factory=Sources)
    asked: ChainDecision = UNJUDGED
    rendered: RenderedPrompt | None = None
    """None before it is rendered, and where a prompt that nobody needs does not render."""
    reply: ChatReply | None = None
    entry: LedgerEntry | None = None
    told: ChainDecision | None = None
    """On what the model wrote."""
    text: str = ""
    """The model's text, or what is left of it after masks and rewriting."""
    is_shown: bool = False
    """Whether `text` may be shown."""
    input_rails_ms: float = 0.0
    output_rails_ms: float = 0.0
    judged: list[Decision] = field(default_factory=list)
    """Every decision that was made for this turn, on parts and on mended texts too: a paid rail counted each."""
    judgement: str = field(default_factory=new_call_id)
    """Id of all that the rails decided in this turn."""
    billed: list[Decision] = field(default_factory=list)
    """Those of them that are in the ledger, or on their way there."""
    moderation: list[LedgerEntry] = field(default_factory=list)
    """Their entries."""
    recorded: set[str] = field(default_factory=set)
    """What else of the turn is in the ledger: its call."""
    entering: "list[asyncio.Future[None]]" = field(default_factory=list, repr=False)
    """Entries of this turn that are on their way into the ledger behind her."""
    unrendered: PromptError | None = None
    """Why there is no prompt, where a model was to be asked."""

    @property
    def prompt(self) -> RenderedPrompt:
        """The rendered prompt. Raises `PromptError` where it did not render, and AssertionError before it is."""
        if self.unrendered is not None:
            raise self.unrendered
        assert self.rendered is not None, "the prompt is rendered before a model is asked"
        return self.rendered

    @property
    def locale(self) -> Locale:
        """In which she is answered."""
        return self.question.prompt.locale

    @property
    def said(self) -> str:
        """Her own words; of a prompt without a question all that it is filled with."""
        variables = self.question.variables
        if QUESTION in variables:
            return str(variables[QUESTION])
        return "\n".join(value for value in variables.values() if isinstance(value, str))

    @property
    def audience(self) -> Audience:
        """Whom the conversation serves."""
        return "staff" if self.question.prompt.persona in STAFF else "patient"

"""A question on its way through the assistant: what each step has added to it so far."""

from dataclasses import dataclass, field

from guardrails.base import Audience, Decision
from guardrails.care.texts import most_urgent
from guardrails.chain import ChainDecision
from guardrails.vault import Vault
from matria.costs.base import LedgerEntry
from matria.messages import Persona
from models.assistant.base import ChatReply
from models.assistant.conversation import Question
from prompts.notes.note import Note
from prompts.render import RenderedPrompt

STAFF: frozenset[Persona] = frozenset({"enfermeira"})
"""Personas that serve a professional; what is withheld from a woman, her nurse must read."""
UNJUDGED = ChainDecision("human", ())
"""What a question is before its rails have spoken: nothing that a model may see."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Text in here has its personal data masked; the vault knows what stands behind it."""

    question: Question
    vault: Vault
    notes: tuple[Note, ...] = ()
    sources: tuple[str, ...] = ()
    """What the model is given to answer from: the texts of the notes, or what came with the question."""
    is_foreign: bool = False
    """Whether the sources came with the question, and are nobody's whom we know."""
    rendered: RenderedPrompt | None = None
    asked: ChainDecision = UNJUDGED
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

    @property
    def prompt(self) -> RenderedPrompt:
        """The rendered prompt. Raises AssertionError before it is."""
        assert self.rendered is not None, "the prompt is rendered before anything is asked"
        return self.rendered

    @property
    def audience(self) -> Audience:
        """Whom the conversation serves."""
        return "staff" if self.question.prompt.persona in STAFF else "patient"

    @property
    def disclosed(self) -> str | None:
        """The most urgent disclosure in the question."""
        return most_urgent(self.asked.reasons)

    @property
    def is_rewritten(self) -> bool:
        """Whether something of the model's text was taken out."""
        return self.is_shown and self.reply is not None and self.text != self.reply.text

"""One message of a conversation, and the locales spoken. Prompts render to these; models and guardrails read them."""

from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["system", "user", "assistant"]
Locale = Literal["pt-BR", "pt-PT", "en"]
LOCALES: tuple[Locale, ...] = get_args(Locale)
Persona = Literal["gestante", "puerpera", "enfermeira"]
PERSONAS: tuple[Persona, ...] = get_args(Persona)
"""Who an assistant speaks with: a pregnant woman, a woman after birth, a nurse of the service."""


@dataclass(frozen=True)
class Message:
    """Who said it, and the text as said."""

    role: Role
    content: str

    def as_wire(self) -> dict[str, str]:
        """The shape of the OpenAI chat-completions wire."""
        return {"role": self.role, "content": self.content}

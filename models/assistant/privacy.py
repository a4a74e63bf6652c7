"""What of a question is masked before anything leaves the process, and what the notes for it are wrapped in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from guardrails.delimiting import delimit, mark_from
from guardrails.vault import Vault
from matria.messages import Message
from prompts.contacts import CONTACT_VARIABLES
from prompts.notes.note import Note

QUESTION, FIRST_NAME, RETRIEVED = "question", "first_name", "retrieved"
"""Inputs of a prompt that are more than facts: her words, her name, and what was found for her question."""


def masked_variables(variables: Mapping[str, Any], vault: Vault) -> dict[str, Any]:
    """The variables with personal data masked, however deep it lies; the service's own numbers stay."""
    name = variables.get(FIRST_NAME)
    if isinstance(name, str) and name.strip():
        vault.remember("name", name)
    return {
        key: value if key in CONTACT_VARIABLES or key == RETRIEVED else _masked(value, vault)
        for key, value in variables.items()
    }


def _masked(value: Any, vault: Vault) -> Any:
    match value:
        case str():
            return vault.mask(value)
        case Mapping():
            return {key: _masked(one, vault) for key, one in value.items()}
        case list() | tuple():
            return [_masked(one, vault) for one in value]
    return value


def masked_history(history: Sequence[Message], vault: Vault) -> tuple[Message, ...]:
    """Earlier turns as people wrote them, masked. Turns that were masked before would lose their placeholders."""
    return tuple(replace(message, content=vault.mask(message.content)) for message in history)


def passages_text(notes: Sequence[Note]) -> str:
    """The notes as a prompt shows them: each with the words by which an answer cites it."""
    return "\n\n".join(f"[{note.id}] {note.citation}\n{note.title}. {note.text}" for note in notes)


def fenced(text: str, message_id: str) -> str:
    """Text from outside between marks that it cannot close itself."""
    return delimit(text, "notes", mark_from(message_id)) if text else ""

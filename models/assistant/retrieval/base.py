"""The port of retrieval: which notes of the knowledge library an answer to a question may rest on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from matria.messages import Locale, Persona
from prompts.notes.note import Note


@dataclass(frozen=True)
class Passage:
    """A note that was found for a question, and how well it fits."""

    note: Note
    score: float
    """Higher is better; comparable within one retriever and locale only."""


class Retriever(Protocol):
    """Finds notes for a question.

    1. Only notes of `locale`, best first, at most `most`, each once; none where nothing fits well enough, so that a
       question on another subject is answered without notes.
    2. Reads the question as typed on a phone: without accents, abbreviated, misspelt. Never raises for what it holds.
    3. A note written for `persona` goes before one that fits as well and is not; a nurse is shown both alike.
    4. Deterministic, and free of any network; keeps and logs nothing of the question.
    """

    def retrieve(self, question: str, locale: Locale, *, persona: Persona, most: int) -> Sequence[Note]:
        """The notes to answer from, best first."""

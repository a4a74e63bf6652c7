"""What the model is given to answer from: notes of the library, or what came with the question.

A document that holds an attack is left out, and where that cannot be told nothing is given: an answer without notes is
an answer, and a disclosure must not be lost over a library that does not load.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matria.messages import Locale
from matria.privacy.identifiers import redact
from models.assistant.privacy import QUESTION, RETRIEVED
from models.assistant.retrieval.base import Retriever
from prompts.notes.note import Note
from prompts.prompt import Prompt

Screen = Callable[[Sequence[str], Locale], Sequence[int]]
"""The places of the documents that must not reach a model."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """Texts that an answer may rest on."""

    notes: tuple[Note, ...] = ()
    """Of our own library; none where `texts` came with the question."""
    texts: tuple[str, ...] = ()
    is_foreign: bool = False
    """Whether they came with the question, and are nobody's whom we know."""


class SourceFinder:
    """Finds what a question may be answered from."""

    def __init__(self, retriever: Retriever | None, screen: Screen | None, most: int) -> None:
        """Without a `retriever` there are no notes; `most` of them are given at once."""
        self._retriever, self._screen, self._most = retriever, screen, most

    def given(self, prompt: Prompt, variables: Mapping[str, Any]) -> Sources:
        """What came with the question, its personal data gone for good: it is not hers, and no answer names it."""
        found = variables.get(RETRIEVED) if RETRIEVED in prompt.inputs else None
        if not found:
            return Sources()
        texts = tuple(redact(str(one)) for one in (found if isinstance(found, list | tuple) else [found]))
        return Sources(texts=self._screened(texts, prompt.locale), is_foreign=True)

    def found(self, prompt: Prompt, variables: Mapping[str, Any]) -> Sources:
        """The notes for the masked question; none where the prompt shows none, or where finding them fails."""
        if self._retriever is None or RETRIEVED not in prompt.inputs:
            return Sources()
        asked = str(variables.get(QUESTION, ""))
        try:
            notes = self._retriever.retrieve(asked, prompt.locale, persona=prompt.persona, most=self._most)
        except Exception as error:  # noqa: BLE001  (whatever fails there, she is answered)
            log.error("no notes could be found: %s", type(error).__name__)  # noqa: TRY400  (a traceback may quote her)
            return Sources()
        kept = set(self._screened(tuple(note.text for note in notes), prompt.locale))
        kept_notes = tuple(note for note in notes if note.text in kept)
        return Sources(kept_notes, tuple(note.text for note in kept_notes))

    def _screened(self, texts: tuple[str, ...], locale: Locale) -> tuple[str, ...]:
        if self._screen is None or not texts:
            return texts
        try:
            attacked = frozenset(self._screen(texts, locale))
        except Exception as error:  # noqa: BLE001  (what cannot be screened is not shown)
            log.error("documents could not be screened: %s", type(error).__name__)  # noqa: TRY400
            return ()
        if attacked:
            log.warning("%d of %d documents hold an attack and were left out", len(attacked), len(texts))
        return tuple(text for place, text in enumerate(texts) if place not in attacked)

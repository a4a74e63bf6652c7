"""One note of the knowledge library: what a woman may be told on one theme, and where it comes from.

A note is written by people for patients and signed by the clinical team. It holds no dose, no prescription and no
telephone number: numbers come from the contacts of the country (`prompts/contacts.py`).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal, get_args

from matria.messages import Locale, Persona

Stage = Literal["first_trimester", "second_trimester", "third_trimester", "birth", "puerperium", "lactation"]
"""When a note is of use; the stages of a case (`evals.cases`)."""
STAGES: tuple[Stage, ...] = get_args(Stage)

_OWN_NAMES: Mapping[Locale, Mapping[str, str]] = {
    "pt-BR": {"WHO": "OMS", "EMA": "EMA (agência europeia de medicamentos)"},
    "pt-PT": {"WHO": "OMS", "EMA": "EMA (Agência Europeia de Medicamentos)"},
    "en": {},
}
"""Organisations that are known by another name in a locale."""
_SECTION: Mapping[Locale, str] = {"pt-BR": "seção", "pt-PT": "secção", "en": "section"}


@dataclass(frozen=True)
class NoteSource:
    """The guideline that a note follows."""

    organisation: str
    guideline: str
    """Its title as published, in its own language."""
    year: int
    section: str
    """The part of it, in the guideline's language."""
    differs: str = ""
    """Why this locale follows another guideline than its twins; empty where it follows the same."""
    review_by: date | None = None
    """Of an old guideline that stands: the day by which a person looks again whether it does."""

    @property
    def family(self) -> tuple[str, str, int]:
        """What twins of a note share: the document, whatever the section."""
        return self.organisation, self.guideline, self.year

    def citation(self, locale: Locale) -> str:
        """How an answer names it: organisation, guideline (year), section."""
        organisation = _OWN_NAMES[locale].get(self.organisation, self.organisation)
        return f"{organisation}, {self.guideline} ({self.year}), {_SECTION[locale]} “{self.section}”"


@dataclass(frozen=True)
class Note:
    """One theme in one locale."""

    id: str
    """The theme, the same in every locale: `nausea`."""
    locale: Locale
    title: str
    text: str
    """60 to 150 words: what it is, what she can do, when to seek care and how fast, what not to do."""
    personas: tuple[Persona, ...]
    stages: tuple[Stage, ...]
    keywords: tuple[str, ...]
    """Words that women type, colloquial and misspelt ones too; searched, never shown."""
    source: NoteSource
    clinical_review: str
    """`pending`, or which team signed and when."""
    updated: date
    path: str
    """The file, as errors and findings call it."""

    @property
    def citation(self) -> str:
        """How an answer in the note's locale names its source."""
        return self.source.citation(self.locale)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what a reader sees: theme, locale, title, text and citation."""
        shown = "\0".join((self.id, self.locale, self.title, self.text, self.citation))
        return hashlib.sha256(shown.encode()).hexdigest()

"""The sources that a system prompt lists, when it says to cite from its list only: label, institution, title, year."""

import re
from dataclasses import dataclass
from functools import lru_cache

from models.simulator.text import Sentence, sentences, tokens
from models.simulator.wordlists import stems

_DOCUMENT = re.compile(r"[^;]*?\((?:19|20)\d\d\)|[^;]+?(?:19|20)\d\d")


@dataclass(frozen=True)
class _Listed:
    label: tuple[str, ...]
    document: str


def listed_source(system_prompt: str, subject: str) -> str | None:
    """The listed document whose label has the first of the subject's stems that any label has; None without a list."""
    entries = _listed(system_prompt)
    for stem in subject.split():
        for entry in entries:
            if any(word.startswith(stem) for word in entry.label):
                return entry.document
    return entries[0].document if entries else None


@lru_cache(maxsize=256)
def _listed(system_prompt: str) -> tuple[_Listed, ...]:
    found = (_entry(sentence) for sentence in sentences(system_prompt) if sentence.context)
    return tuple(entry for entry in found if entry is not None)


@lru_cache(maxsize=4096)
def _entry(sentence: Sentence) -> _Listed | None:
    label, _, documents = sentence.text.partition(":")
    document = _DOCUMENT.match(documents.strip())
    if document is None or not stems("source_headings").positions(tokens(sentence.context)):
        return None
    return _Listed(tuple(tokens(label)), document[0].strip().rstrip("."))

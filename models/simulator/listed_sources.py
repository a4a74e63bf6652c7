"""The sources that a system prompt lists, when it says to cite from its list only: label, institution, title, year."""

import re
from dataclasses import dataclass
from functools import lru_cache

from models.simulator.cues import positions
from models.simulator.text import sentences, tokens
from models.simulator.wordlists import stems

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
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
            if positions(entry.label, ((stem,),)):
                return entry.document
    return entries[0].document if entries else None


@lru_cache(maxsize=256)
def _listed(system_prompt: str) -> tuple[_Listed, ...]:
    return tuple(
        _Listed(tuple(tokens(label)), document[0].strip().rstrip("."))
        for sentence in sentences(system_prompt)
        if sentence.context and positions(tokens(sentence.context), stems("source_headings"))
        for label, _, documents in [sentence.text.partition(":")]
        if (document := _DOCUMENT.match(documents.strip())) and _YEAR.search(documents)
    )

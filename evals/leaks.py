"""Cases whose text stands in a prompt: a prompt that was shown the question is no longer tested by it.

So many words in a row that a case shares with a file of the library, comments left out since no model reads them. A
question or a turn of its history is a leak; a criterion's wording in a prompt may be one, and is for a person to say.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from evals.cases import Case
from evals.grams import grams_of
from prompts.repository import PARTIAL_SUFFIX, PROMPT_SUFFIX, PromptLibrary

_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
Part = Literal["conversation", "criterion"]


@dataclass(frozen=True)
class Leak:
    """Words that a case and a file of the library share."""

    case: Case
    part: Part
    criterion: str
    """Id of the criterion; empty where it is the conversation."""
    words: str
    file: str
    """The file of the library, relative to it."""


def leaks(cases: Iterable[Case], library: PromptLibrary, size: int) -> Iterator[Leak]:
    """The first leak of each conversation and of each criterion, at `size` words in a row."""
    known = _known(library, size)
    for case in cases:
        spoken = (gram for message in case.messages for gram in grams_of(message.content, size))
        yield from _first(case, "conversation", "", spoken, known)
        for criterion in case.criteria:
            yield from _first(case, "criterion", criterion.id, grams_of(criterion.text, size), known)


def _first(case: Case, part: Part, criterion: str, grams: Iterable[str], known: Mapping[str, str]) -> Iterator[Leak]:
    words = next((gram for gram in grams if gram in known), None)
    if words is not None:
        yield Leak(case, part, criterion, words, known[words])


def _known(library: PromptLibrary, size: int) -> dict[str, str]:
    """Each run of words in the library, with the first file that has it."""
    found: dict[str, str] = {}
    for file in sorted(library.sources.files):
        if file.endswith((PROMPT_SUFFIX, PARTIAL_SUFFIX)):
            for gram in grams_of(_COMMENT.sub(" ", library.sources.text_of(file)), size):
                found.setdefault(gram, file)
    return found

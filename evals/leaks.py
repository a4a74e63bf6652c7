"""Cases whose text stands in a prompt: a prompt that was shown the question is no longer tested by it.

So many words in a row that a case shares with a file of the library, comments left out since no model reads them; of a
shorter message all of it, from four words on. A message of hers is a leak; what the assistant said before was said out
of a prompt, and tests nothing. A criterion's wording in a prompt may be one, and is for a person to say.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from evals.cases import Case
from evals.grams import grams_of, pairs_of, words_of
from prompts.repository import PARTIAL_SUFFIX, PROMPT_SUFFIX, PromptLibrary

_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_SHORTEST = 4
"""Words of a message that is looked for whole; fewer are said in any conversation."""
_SENTENCE = re.compile(r'["“”«»\n]|[.!?]\s')
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
    by_size: dict[int, dict[str, str]] = {}

    def known(length: int) -> dict[str, str]:
        if length not in by_size:
            by_size[length] = _known(library, length)
        return by_size[length]

    for case in cases:
        hers = [message.content for message in case.messages if message.role == "user"]
        lengths = [(text, max(_SHORTEST, min(size, len(words_of(text))))) for text in hers]
        spoken = ((gram, length) for text, length in lengths for gram in grams_of(text, length))
        yield from _first(case, "conversation", "", spoken, known)
        for criterion in case.criteria:
            yield from _first(
                case, "criterion", criterion.id, ((gram, size) for gram in grams_of(criterion.text, size)), known
            )


def _first(
    case: Case, part: Part, criterion: str, grams: Iterable[tuple[str, int]], known: Callable[[int], Mapping[str, str]]
) -> Iterator[Leak]:
    found = next(((gram, known(size)[gram]) for gram, size in grams if gram in known(size)), None)
    if found is not None:
        yield Leak(case, part, criterion, *found)


def nearly(cases: Iterable[Case], library: PromptLibrary, share: float) -> Iterator[Leak]:
    """The first sentence of the library that asks nearly what a message of hers does, of each conversation.

    Of the pairs of neighbouring words in either, `share` or more are in both; shorter messages are left out.
    """
    sentences = [(file, sentence) for file, text in _texts(library) for sentence in _SENTENCE.split(text)]
    known = [(file, sentence.strip(), pairs_of(sentence)) for file, sentence in sentences]
    for case in cases:
        hers = [pairs_of(message.content) for message in case.messages if message.role == "user"]
        asked = [pairs for pairs in hers if len(pairs) >= _SHORTEST - 1]
        near = ((sentence, file) for file, sentence, told in known for pairs in asked if _share(pairs, told) >= share)
        found = next(near, None)
        if found is not None:
            yield Leak(case, "conversation", "", *found)


def _share(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    return len(one & other) / len(one | other)


def _texts(library: PromptLibrary) -> Iterator[tuple[str, str]]:
    """What models read of each file, by its name."""
    for file in sorted(library.sources.files):
        if file.endswith((PROMPT_SUFFIX, PARTIAL_SUFFIX)):
            yield file, _COMMENT.sub(" ", library.sources.text_of(file))


def _known(library: PromptLibrary, size: int) -> dict[str, str]:
    """Each run of words in the library, with the first file that has it."""
    found: dict[str, str] = {}
    for file, text in _texts(library):
        for gram in grams_of(text, size):
            found.setdefault(gram, file)
    return found

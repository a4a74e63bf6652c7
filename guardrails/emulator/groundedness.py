"""Which sentences of an answer no source holds: by their words, numbers and denials.

A lexical stand-in for the service's language model, and no more: a sentence counts as held where one source has every
number of it and most of its content words, and where the nearest sentence of that source denies as it does. What is
said in other words is called ungrounded, and a claim that shuffles the source's own words passes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from guardrails.reading import fold

HELD_SHARE = 0.6
"""Of the content words: fewer in common is chance between texts on one subject, more is seldom met by a paraphrase."""
MIN_WORDS = 2
"""Content words that a sentence without a number needs to be a claim: a greeting is none."""
_STEM = 5
"""Letters that are compared, so that inflection ("grávida", "grávidas", "gravidez") does not part two words."""

_SENTENCE = re.compile(r"[^.!?\n]+(?:[.](?=\d)[^.!?\n]+)*[.!?]*")
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
# "no" is left out: in Portuguese it is "in the".
_DENIALS = frozenset({"nao", "nunca", "jamais", "sem", "nem", "evite", "not", "never", "without", "avoid"})
_LITTLE_WORDS = """
a o as os um uma uns umas de da do das dos em na no nas nos por pela pelo para pra com que se e eh ou mas como mais
muito ja tambem seu sua seus suas isso isto esse essa este esta ela ele elas eles voce ser sao foi estar tem ter pode
podem deve devem quando onde ate sobre entre ao aos
the an of in on at by for with that if and or but as more very also your his her its their this these those it he she
they you is are was were be been has have had can could should may might when where to from do does did will would
"""
_EMPTY = frozenset(_LITTLE_WORDS.split()) | _DENIALS
"""Words that say nothing of what a sentence is about."""


@dataclass(frozen=True)
class _Claim:
    """What a sentence says, as far as words tell."""

    words: frozenset[str]
    numbers: frozenset[str]
    is_denied: bool


def ungrounded(text: str, sources: Sequence[str]) -> list[tuple[int, int]]:
    """Start and end of each sentence that no source holds, in order; one that claims nothing is held."""
    read = [tuple(_claim(sentence) for _, _, sentence in _sentences(source)) for source in sources]
    return [
        (start, end)
        for start, end, sentence in _sentences(text)
        if not any(_is_held(_claim(sentence), source) for source in read)
    ]


def _is_held(claim: _Claim, source: tuple[_Claim, ...]) -> bool:
    if len(claim.words) < MIN_WORDS and not claim.numbers:
        return True
    numbers = frozenset().union(*(sentence.numbers for sentence in source))
    words = frozenset().union(*(sentence.words for sentence in source))
    if not claim.numbers <= numbers or len(claim.words & words) < HELD_SHARE * len(claim.words):
        return False
    nearest = max(
        source, key=lambda sentence: len(claim.words & sentence.words) - abs(sentence.is_denied - claim.is_denied) / 2
    )
    return nearest.is_denied == claim.is_denied


def _sentences(text: str) -> list[tuple[int, int, str]]:
    found = []
    for match in _SENTENCE.finditer(text):
        said = match[0].strip()
        if said:
            start = match.start() + match[0].index(said)
            found.append((start, start + len(said), said))
    return found


def _claim(sentence: str) -> _Claim:
    words = _WORD.findall(fold(sentence))
    return _Claim(
        words=frozenset(word[:_STEM] for word in words if len(word) > 2 and word.isalpha() and word not in _EMPTY),
        numbers=frozenset(word.replace(",", ".") for word in words if word[0].isdigit()),
        is_denied=bool(_DENIALS.intersection(words)),
    )

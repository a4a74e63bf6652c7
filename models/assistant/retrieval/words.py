"""A question or a note as the words that retrieval compares: folded, spelt out, without those that say nothing.

Accents go before anything else, since half of the questions come without them. What is ignored and what women write
for other words lies in words.yaml, for the clinical team to read.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from matria.errors import InputError
from matria.yamlfile import read_yaml

Language = Literal["pt", "en"]
WORDS_FILE = Path(__file__).with_name("words.yaml")

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_READINGS: Mapping[str, re.Pattern[str]] = {
    "temperature": re.compile(r"(?<![\d.,])(?:3[89]|4[01]|10[0-5])[.,]\d\b"),
    "pressure": re.compile(r"(?<![\d.,])1[4-9]\d?\s?(?:por|x|/|-|over)\s?\d{1,3}\b"),
}
"""What is written as a figure and means a word: 38,4 is a fever, 162-111 a pressure."""
_PLURAL = re.compile(r"(?<=[cs])oes$")


@dataclass(frozen=True)
class Vocabulary:
    """What words.yaml says of one language."""

    ignored: frozenset[str]
    means: Mapping[str, tuple[str, ...]]
    """What stands for a word as typed."""
    readings: Mapping[str, str]
    """What stands for a figure, by what it measures."""


@cache
def vocabulary(language: Language) -> Vocabulary:
    """The language's words. Raises `InputError` where the file is missing or malformed."""
    tree = read_yaml(WORDS_FILE, InputError)
    try:
        own = tree[language]
        means = {fold(word): tuple(str(meaning).split()) for word, meaning in own["means"].items()}
        return Vocabulary(
            frozenset(fold(own["ignored"]).split()), means, {name: own["readings"][name] for name in _READINGS}
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{WORDS_FILE}: '{language}' needs 'ignored', 'means' and 'readings'; restore them."
        ) from error


def fold(text: str) -> str:
    """Lower case, accents gone, apostrophes straight."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def words_of(text: str, language: Language) -> list[str]:
    """The words of a text that may tell its theme, in order."""
    known = vocabulary(language)
    typed = (word.replace("'", "") for word in _WORD.findall(_spell_readings(fold(text), known)))
    spelt = (meant for word in typed for meant in known.means.get(word, (word,)))
    return [_PLURAL.sub("ao", word) for word in spelt if word not in known.ignored and not _is_bare(word)]


def _spell_readings(text: str, known: Vocabulary) -> str:
    for name, pattern in _READINGS.items():
        text = pattern.sub(f" {known.readings[name]} ", text)
    return text


def _is_bare(word: str) -> bool:
    """A letter alone or a number of weeks: neither tells a theme."""
    return len(word) == 1 or (word.isdigit() and len(word) < len("100"))

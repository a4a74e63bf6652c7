"""Lists of words and stems, ready for matching; those of words.yaml by name."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from matria.errors import InputError
from matria.yamlfile import read_yaml
from models.simulator.text import fold

WORDS_PATH = Path(__file__).with_name("words.yaml")


class Stems:
    """Stems of words, found in folded tokens. "_" joins the words of one stem, "=" ends a whole word."""

    def __init__(self, stems: Iterable[str]) -> None:
        written = "|".join(" ".join(_pattern(word) for word in fold(stem).split("_")) for stem in stems)
        self._pattern = re.compile(f" (?=(?:{written}) )")

    def positions(self, words: Sequence[str]) -> list[int]:
        """Where one of the stems begins."""
        text = f" {' '.join(words)} "
        places: list[int] = []
        passed = seen = 0
        for found in self._pattern.finditer(text):
            passed += text.count(" ", seen, found.start())
            seen = found.start()
            places.append(passed)
        return places


def _pattern(word: str) -> str:
    return re.escape(word[:-1]) if word.endswith("=") else re.escape(word) + "[^ ]*"


@lru_cache(maxsize=1)
def _lists() -> Mapping[str, str]:
    lists: Mapping[str, str] = read_yaml(WORDS_PATH, InputError)
    return lists


@lru_cache(maxsize=64)
def word_set(name: str) -> frozenset[str]:
    """The list as whole words."""
    return frozenset(fold(_lists()[name]).split())


@lru_cache(maxsize=64)
def stems(name: str) -> Stems:
    """The list as stems."""
    return Stems(_lists()[name].split())

"""The lists of words in words.yaml, ready for matching."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from matria.errors import InputError
from matria.yamlfile import read_yaml
from models.simulator.text import fold

WORDS_PATH = Path(__file__).with_name("words.yaml")

Stems = tuple[tuple[str, ...], ...]
"""Stems, each as its words in a row."""


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
    return stems_of(_lists()[name])


def stems_of(text: str) -> Stems:
    """Stems written in one text, "_" between the words of one."""
    return tuple(tuple(stem.split("_")) for stem in fold(text).split())

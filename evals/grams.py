"""A text as plain words and as runs of so many words: how the linter sees that two texts share a wording."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

_WORD = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """The words of `text` in lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(letter for letter in decomposed if not unicodedata.combining(letter)))


def grams_of(text: str, size: int) -> Iterator[str]:
    """Each run of `size` words in a row; none where the text has fewer."""
    words = words_of(text)
    return (" ".join(words[start : start + size]) for start in range(len(words) - size + 1))


def pairs_of(text: str) -> frozenset[tuple[str, ...]]:
    """The pairs of neighbouring words of `text`; the one word itself where there is only one."""
    words = words_of(text)
    return frozenset(pairwise(words)) or frozenset({tuple(words)})

"""Text as the simulator reads it: folded, in words, and in sentences that know the heading above them.

Folding drops case, accents and apostrophes, so that "Não", "nao" and "NÃO" are one word, and "don't" is `dont`.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_SOFTEN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": ";", "—": ";", "…": ". ", "\u00a0": " "})
_GIVE = re.compile(r"\bd[êá]s?\b")
"""Forms of "dar" that folding would make one with the prepositions "de" and "da"."""
_TOKEN = re.compile(r"[a-z0-9]+(?:[-&][a-z0-9]+)*|[.,;:!?()]")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^\s\d])|(?<=;)\s+")
_BULLET = re.compile(r"^\s*(?:[-*•+]|\d{1,2}[.)])\s+")
_HEADING = re.compile(r"^\s*(?:#{1,6}\s+(?P<hashes>.+?)|\*\*(?P<bold>[^*]+)\*\*:?)\s*$")


def fold(text: str) -> str:
    """`text` without case, accents and apostrophes."""
    lowered = text.translate(_SOFTEN).lower().replace("'", "")
    if lowered.isascii():
        return lowered
    lowered = _GIVE.sub("dar", lowered)
    return unicodedata.normalize("NFKD", lowered).encode("ascii", "ignore").decode()


def tokens(text: str) -> list[str]:
    """Folded words in order, and each punctuation mark that ends a clause as a word of its own."""
    return _TOKEN.findall(fold(text).replace("\n", ".").replace(" - ", ";"))


def words(text: str) -> list[str]:
    """Folded words in order, without punctuation."""
    return [token for token in tokens(text) if token[0].isalnum()]


@dataclass(frozen=True)
class Sentence:
    """One sentence of a system prompt."""

    text: str
    context: str = ""
    """The heading above it and the line that introduces its list: what "in these cases" speaks of."""


@lru_cache(maxsize=256)
def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text: wrapped lines joined, list items apart, each with the heading and intro above it."""
    return tuple(_sentences(text))


def _sentences(text: str) -> Iterator[Sentence]:
    heading = intro = ""
    for block, is_item in _blocks(text):
        found = _HEADING.match(block)
        if found:
            heading, intro = found["hashes"] or found["bold"], ""
            continue
        context = f"{heading} {intro}".strip() if is_item else heading
        parts = [part.strip() for part in _SENTENCE_END.split(block) if part.strip()]
        for part in parts:
            yield Sentence(part, context)
        if not is_item:
            intro = parts[-1] if parts and parts[-1].endswith(":") else ""


def _blocks(text: str) -> Iterator[tuple[str, bool]]:
    """Paragraphs and list items with their wrapped lines joined; True for a list item."""
    lines: list[str] = []
    is_item = False
    for line in [*text.splitlines(), ""]:
        starts_item = _BULLET.match(line) is not None
        if lines and (not line.strip() or starts_item or _HEADING.match(line) or lines[-1].endswith(":")):
            yield " ".join(lines), is_item
            lines = []
        if line.strip():
            if not lines:
                is_item = starts_item
            lines.append(_BULLET.sub("", line).strip())

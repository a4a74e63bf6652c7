"""A text as the lexical rails read it: folded words in clauses and sentences, with what is quoted and what is asked.

Folding takes away case, accents, apostrophes, invisible characters and disguised letters, so that a term is written
once. Words keep their order and nothing else; what a phrase means is left to `guardrails.phrases`.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from guardrails.spelling import plain_letters, visible

_TOKEN = re.compile(r"\[[^\W\d_]+(?:_[^\W\d_]+)*_\d+\]|\d+(?:[.,]\d+)*|[^\W\d_]+|[.!?;:,()\n\"“”«»]")
"""A placeholder such as `[NOME_1]` is one word and no number, as what it stands for would be."""
_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ](?=\w)")
_MICRO = {ord("μ"): "mc", ord("µ"): "mc"}
"""µg is written mcg where a keyboard lacks the letter; both signs for it exist in Unicode."""

_IS = re.compile(r"\bé\b", re.IGNORECASE)
"""Portuguese "is" would fold to "and", which ends a clause; it is read as `eh`, as people type it."""

_NO_END = re.compile(
    r"\b(?:dra?s?|sra?s?|enfa?|profa?|mrs?|ms|aprox|approx|p\.? ?ex|por ex|e\.g|i\.e|vs)\.(?=[^\S\n]*[^\s.])"
    r"|(?<=\d)\n(?=(?:mg|mcg|ug|g|ml|ui|iu|miligramas?|gramas?|gotas?|comprimidos?|tablets?|pills?|drops?)\b)"
    r"|(?:(?<=\bnao)|(?<=\bnunca)|(?<=\bnot)|(?<=\bnever)|(?<=\bdont))\n(?=\w)"
)
"""A stop or a line break that ends no sentence: "Dra. Ana", "500" and "mg" on two lines, "não" and what it denies."""

SENTENCE_ENDS = frozenset(".!?\n")
CLAUSE_ENDS = frozenset(",;:()")
QUOTES = frozenset('"“”«»')
CLAUSE_WORDS = frozenset(
    {"mas", "porem", "contudo", "entretanto", "todavia", "porque", "pois", "e"}
    | {"but", "however", "although", "though", "because", "and", "yet"}
)
"""Words after which a negation said before no longer holds: "não durmo e penso em morrer"."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text's words. The tuples have one element per word, in order."""

    words: tuple[str, ...]
    clauses: tuple[int, ...]
    """Number of the clause that the word stands in, from 0."""
    sentences: tuple[int, ...]
    """Number of the sentence that the word stands in, from 0."""
    quoted: tuple[bool, ...]
    """Between quotation marks."""
    questions: frozenset[int]
    """Numbers of the sentences that end in a question mark."""
    folded: str
    """The text that was read, folded."""


TEXTS_KEPT = 2
"""The rails of a chain read the same text in turn; more would keep texts in memory for no gain."""


def fold(text: str) -> str:
    """`text` in lower case, without accents, apostrophes inside words, invisible characters or disguised letters."""
    if not text.isascii():
        composed = unicodedata.normalize("NFC", visible(text).translate(_MICRO))
        text = plain_letters(_IS.sub("eh", composed))
    return _APOSTROPHE.sub("", text.lower())


@lru_cache(maxsize=TEXTS_KEPT)
def read(text: str) -> Reading:
    """The reading of a text; an empty one has no words."""
    return read_folded(fold(text))


def read_folded(folded: str) -> Reading:
    """The reading of a text that is folded already."""
    words: list[str] = []
    clauses: list[int] = []
    sentences: list[int] = []
    quoted: list[bool] = []
    questions: set[int] = set()
    clause = sentence = 0
    is_quoted = False
    for token in _TOKEN.findall(_NO_END.sub(_without_end, folded)):
        if token in SENTENCE_ENDS:
            if token == "?":
                questions.add(sentence)
            sentence += 1
            clause += 1
        elif token in CLAUSE_ENDS:
            clause += 1
        elif token in QUOTES:
            is_quoted = {"“": True, "«": True, "”": False, "»": False}.get(token, not is_quoted)
        else:
            clause += token in CLAUSE_WORDS
            words.append(token)
            clauses.append(clause)
            sentences.append(sentence)
            quoted.append(is_quoted)
    return Reading(tuple(words), tuple(clauses), tuple(sentences), tuple(quoted), frozenset(questions), folded)


def _without_end(found: "re.Match[str]") -> str:
    return found.group().replace(".", " ").replace("\n", " ")


def word_offsets(text: str) -> tuple[int, ...]:
    """Where in `text` each word of its reading begins. Slower than reading, so asked only where something was found."""
    folded = [
        (letter, place)
        for place, character in enumerate(text)
        for letter in plain_letters(visible(character).translate(_MICRO)).lower()
    ]
    plain = "".join(letter for letter, _ in folded)
    dropped = {match.start() for match in _APOSTROPHE.finditer(plain)}
    places = [place for at, (_, place) in enumerate(folded) if at not in dropped]
    marks = SENTENCE_ENDS | CLAUSE_ENDS | QUOTES
    return tuple(places[m.start()] for m in _TOKEN.finditer(_APOSTROPHE.sub("", plain)) if m.group() not in marks)

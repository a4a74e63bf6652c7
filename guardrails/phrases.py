"""Phrases that clinicians can write, and where they stand in a text.

The grammar, folded like the text (case and accents do not matter):

    suicid*         any ending
    quero|queria    either word
    me?             the word may be missing
    #               a number, in figures or as a word
    ...             up to four other words
    ^               the clause starts here
    $               the clause ends here; also as one of several: anymore|$
    {partner}       a set of words, named in terms/sets.yaml

A match stays within one sentence. Whether it is denied ("não penso em me matar") is left to `guardrails.finder`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from guardrails.reading import Reading, fold

Owner = TypeVar("Owner")

GAP_WORDS = 4
NUMBER_WORDS = frozenset(
    {"um", "uma", "dois", "duas", "tres", "quatro", "cinco", "seis", "oito", "dez", "doze", "meio", "meia"}
    | {"one", "two", "three", "four", "five", "six", "eight", "ten", "twelve", "half"}
)


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of a phrase."""

    words: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    is_number: bool = False
    is_optional: bool = False
    is_gap: bool = False
    anchor: str = ""
    """`^` or `$`; such a slot takes no word."""
    may_end: bool = False
    """The clause may also end here."""

    def takes(self, word: str) -> bool:
        """Whether `word` may stand here."""
        if word in self.words or (self.stems and word.startswith(self.stems)):
            return True
        return self.is_number and (word[0].isdigit() or word in NUMBER_WORDS)


@dataclass(frozen=True, slots=True)
class Match(Generic[Owner]):
    """Where a phrase stands."""

    owner: Owner
    start: int
    """First word."""
    end: int
    """One past the last word."""
    between: tuple[int, ...]
    """Words that a gap skipped."""


def parse(phrase: str, sets: Mapping[str, str] | None = None) -> tuple[Slot, ...]:
    """The slots of a phrase. Raises ValueError, saying why, for one that could match anywhere or parses to nothing."""
    expanded = phrase
    for name, words in (sets or {}).items():
        expanded = expanded.replace(f"{{{name}}}", words)
    if "{" in expanded or "}" in expanded:
        raise ValueError(f"'{phrase}' names a set that sets.yaml lacks")
    slots = tuple(_slot(part) for part in fold(expanded.replace("-", " ")).split())
    first = next((slot for slot in slots if not slot.anchor), None)
    if first is None or first.is_gap or first.is_optional or (first.is_number and len(slots) == 1):
        raise ValueError(f"'{phrase}' must begin with a word")
    return slots


def _slot(part: str) -> Slot:
    if part in ("^", "$"):
        return Slot(anchor=part)
    if part == "...":
        return Slot(is_gap=True)
    is_optional, part = part.endswith("?"), part.removesuffix("?")
    alternatives = part.split("|")
    may_end = "$" in alternatives
    alternatives = [a for a in alternatives if a != "$"]
    wrong = [a for a in alternatives if a != "#" and not a.removesuffix("*").isalnum()]
    if wrong:
        raise ValueError(f"'{part}' is no word")
    return Slot(
        words=frozenset(a for a in alternatives if a != "#" and not a.endswith("*")),
        stems=tuple(a[:-1] for a in alternatives if a.endswith("*")),
        is_number="#" in alternatives,
        is_optional=is_optional,
        may_end=may_end,
    )


class PhraseIndex(Generic[Owner]):
    """Many phrases, found in one pass over a text. Each phrase carries the thing it belongs to."""

    def __init__(self, phrases: Iterable[tuple[tuple[Slot, ...], Owner]]) -> None:
        self._by_word: dict[str, list[tuple[tuple[Slot, ...], Owner]]] = defaultdict(list)
        self._by_stem: dict[str, list[tuple[tuple[Slot, ...], Owner]]] = defaultdict(list)
        self._by_number: list[tuple[tuple[Slot, ...], Owner]] = []
        for slots, owner in phrases:
            first = next(slot for slot in slots if not slot.anchor)
            for word in first.words:
                self._by_word[word].append((slots, owner))
            for stem in first.stems:
                self._by_stem[stem].append((slots, owner))
            if first.is_number:
                self._by_number.append((slots, owner))
        self._stem_lengths = sorted({len(stem) for stem in self._by_stem})

    def find(self, reading: Reading) -> Iterator[Match[Owner]]:
        """Each phrase at each place where it stands, once, in order of its first word."""
        for start, word in enumerate(reading.words):
            for slots, owner in self._candidates(word):
                taken = _fit(slots, 0, reading, start, start, ())
                if taken is not None:
                    yield Match(owner, start, *taken)

    def _candidates(self, word: str) -> Iterator[tuple[tuple[Slot, ...], Owner]]:
        if word in self._by_word:
            yield from self._by_word[word]
        for length in self._stem_lengths:
            if length > len(word):
                break
            if (stem := word[:length]) in self._by_stem:
                yield from self._by_stem[stem]
        if self._by_number and (word[0].isdigit() or word in NUMBER_WORDS):
            yield from self._by_number


def _fit(
    slots: tuple[Slot, ...], at: int, reading: Reading, start: int, index: int, between: tuple[int, ...]
) -> tuple[int, tuple[int, ...]] | None:
    """Where the slots from `at` on end when they begin at the word `index`; None where they do not fit."""
    if at == len(slots):
        return index, between
    slot = slots[at]
    if slot.anchor:
        stands = _opens(reading, index) if slot.anchor == "^" else _closes(reading, index)
        return _fit(slots, at + 1, reading, start, index, between) if stands else None
    if slot.is_gap:
        for skipped in range(GAP_WORDS + 1):
            rest = _fit(slots, at + 1, reading, start, index + skipped, (*between, *range(index, index + skipped)))
            if rest is not None:
                return rest
        return None
    if _is_inside(reading, start, index) and slot.takes(reading.words[index]):
        rest = _fit(slots, at + 1, reading, start, index + 1, between)
        if rest is not None:
            return rest
    may_miss = slot.is_optional or (slot.may_end and _closes(reading, index))
    return _fit(slots, at + 1, reading, start, index, between) if may_miss else None


def _is_inside(reading: Reading, start: int, index: int) -> bool:
    return index < len(reading.words) and reading.sentences[index] == reading.sentences[start]


def _opens(reading: Reading, index: int) -> bool:
    return index == 0 or reading.clauses[index - 1] != reading.clauses[index]


def _closes(reading: Reading, index: int) -> bool:
    return index >= len(reading.words) or reading.clauses[index - 1] != reading.clauses[index]

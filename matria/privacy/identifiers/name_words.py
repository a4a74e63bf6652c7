"""The words of a text as parts of names: their capitals, how far a name reaches, and what is a name of something else.

A word too much is as bad as one too few: "... Ana Souza. Não aguento mais" must keep its "não".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from matria.privacy.identifiers.name_lists import NameLists, name_lists
from matria.privacy.identifiers.view import View

MOST_WORDS = 7
PARTICLES = frozenset(
    {"da", "de", "do", "dos", "das", "e", "di", "del", "della", "van", "von", "der", "d", "la", "le", "bin", "al"}
)
_SHOUTED_SHARE = 0.6
_SHORTEST_SURNAME = 4
_BOUND_REACH = 4
"""Words between what names a place and the name in it: "Maternidade Municipal Doutor ..."."""
_NAME_ENDS = re.compile(r"\s*(?:[,.;!?\n)]|$)| (?:e|and) ")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


class Shape(Enum):
    """How a word is written."""

    CAPITAL = 1
    UPPER = 2
    LOWER = 3


@dataclass(frozen=True, slots=True)
class Word:
    """One word, with its place in the view."""

    start: int
    end: int
    low: str
    """In lower case, without accents."""
    shape: Shape


@dataclass(frozen=True, slots=True)
class NameWords:
    """A text's words beside the lists."""

    view: View
    words: Sequence[Word]
    lists: NameLists
    is_shouted: bool
    """Written in capitals for the most part, so that a capital says nothing."""

    def extent(self, place: int, *, is_announced: bool = False) -> int:
        """Place of the last word that belongs to the name beginning at `place`."""
        last, at = place, place + 1
        while at < len(self.words) and at - place < MOST_WORDS and self._follows(at):
            if self.words[at].low not in PARTICLES - {"e"} or at + 1 == len(self.words):
                if not self._continues(place, at, is_announced=is_announced) or self._begins_a_sentence(place, at):
                    break
                last = at
            at += 1
        return last

    def without_particles(self, first: int, last: int) -> frozenset[str]:
        """The words from `first` to `last`, less "da", "dos" and the like."""
        return frozenset(word.low for word in self.words[first : last + 1]) - PARTICLES

    def begun_earlier(self, place: int) -> int:
        """Where a name begins of which the word at `place` is listed: capital words before it are part of it.

        Not the first word of a sentence, which has a capital anyway.
        """
        earliest = max(2, place - MOST_WORDS)
        while place >= earliest and self.words[place - 1].shape is self.words[place].shape is Shape.CAPITAL:
            before = self.words[place - 1].low
            if before in self.lists.never or before in self.lists.never_first or before in self.lists.before:
                break
            if not (self._follows(place) and self._follows(place - 1)):
                break
            place -= 1
        return place

    def is_known_otherwise(self, first: int, last: int) -> bool:
        """The whole is a place, a law, a disease, or somebody whom everybody knows."""
        if self._is_bound_to(first) or any(self._is_followed_by_a_place(at) for at in (last, last + 1) if at > first):
            return True
        text = " ".join(word.low for word in self.words[first : last + 1])
        return any(text == whole or text.startswith(whole + " ") for whole in self.lists.whole)

    def _follows(self, at: int) -> bool:
        """Nothing but a blank lies before the word, or the dot of an initial."""
        before, word = self.words[at - 1], self.words[at]
        gap = self.view.plain[before.end : word.start]
        return gap in (" ", "  ") or (gap == ". " and before.end - before.start <= 2)

    def _continues(self, place: int, at: int, *, is_announced: bool) -> bool:
        word, shape, lists = self.words[at], self.words[place].shape, self.lists
        is_listed = word.low in lists.surnames or word.low in lists.given
        if word.low in lists.never_first:
            return False
        if word.low in lists.never and not (is_listed and is_announced):
            return word.low in lists.surnames and word.shape is shape and shape is not Shape.LOWER
        if is_listed and word.shape is Shape.LOWER:
            is_surname = is_announced or word.low not in lists.common_words or self._closes_surnames(place, at)
            return shape is Shape.LOWER and is_surname
        if word.shape is Shape.LOWER:
            return is_announced and at == place + 1 and self._ends_name(word)
        if shape is Shape.LOWER or (word.shape is Shape.UPPER and (self.is_shouted or shape is Shape.CAPITAL)):
            return is_listed
        return len(word.low) > 1 or is_announced

    def _closes_surnames(self, place: int, at: int) -> bool:
        """A surname that is a word as well, typed small: after another, and where the name ends or goes on."""
        before, word, lists = self.words[at - 1], self.words[at], self.lists
        if at - place < 2 or word.low not in lists.surnames or before.low not in lists.surnames - lists.common_words:
            return False
        goes_on = at + 1 < len(self.words) and self._follows(at + 1) and self.words[at + 1].low in lists.surnames
        return goes_on or _NAME_ENDS.match(self.view.lower, word.end) is not None

    def _ends_name(self, word: Word) -> bool:
        """An announced name typed without capitals may end in a surname that no list holds: "sou a ana ashworth, "."""
        if len(word.low) < _SHORTEST_SURNAME or word.low in self.lists.never:
            return False
        return _NAME_ENDS.match(self.view.lower, word.end) is not None

    def _begins_a_sentence(self, place: int, at: int) -> bool:
        """A capital word that no list holds, after a whole name and before a small word: "Ana Souza Apanho dele"."""
        word, before, lists = self.words[at], self.words[at - 1], self.lists
        if at - place < 2 or before.low not in lists.surnames or word.low in lists.surnames or word.low in lists.given:
            return False
        at += 1
        if at < len(self.words) and self._follows(at) and self.words[at].low in PARTICLES - {"e"}:
            at += 1
        if at >= len(self.words) or not self._follows(at):
            return False
        return self.words[at].shape is Shape.LOWER and self.words[at].low not in {"e", "and", "is"}

    def _is_bound_to(self, place: int) -> bool:
        """A word before says that the name is a place's: "Maternidade Doutor Alfredo", "Lei Maria"."""
        for at in range(place - 1, max(-1, place - 1 - _BOUND_REACH), -1):
            if not self._follows(at + 1):
                return False
            if self.words[at].low in self.lists.before:
                return True
            if self.words[at].shape is Shape.LOWER and self.words[at].low not in PARTICLES:
                return False
        return False

    def _is_followed_by_a_place(self, at: int) -> bool:
        return at < len(self.words) and self.words[at].low in self.lists.after and self._follows(at)


def name_words(view: View) -> NameWords:
    """The words of a view."""
    words = [_word(view, match) for match in _WORD.finditer(view.plain)]
    shouted = sum(word.shape is Shape.UPPER for word in words)
    return NameWords(view, words, name_lists(), shouted > _SHOUTED_SHARE * len(words))


def _word(view: View, match: re.Match[str]) -> Word:
    text = match.group()
    shape = Shape.CAPITAL if text[0].isupper() else Shape.LOWER
    shape = Shape.UPPER if len(text) > 1 and text.isupper() else shape
    return Word(match.start(), match.end(), view.lower[match.start() : match.end()], shape)

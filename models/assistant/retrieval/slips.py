"""The word of a vocabulary that a slip of the thumb was meant to be: one letter added, missing, changed or swapped.

Short words are left alone, since most of what is one letter away from them is another word; so is a first letter.
"""

from collections.abc import Iterable, Iterator

SHORTEST = 6
"""Letters that a word as typed must have."""


class Slips:
    """Known words by what is left of each with one letter missing."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        self._shortened: dict[str, list[str]] = {}
        for word in sorted(self._words):
            if len(word) >= SHORTEST - 1 and word.isalpha():
                for form in {word, *_shortened(word)}:
                    self._shortened.setdefault(form, []).append(word)

    def meant(self, typed: str) -> str:
        """The known word one slip away, the first by alphabet of several; the word as typed where none is."""
        if typed in self._words or len(typed) < SHORTEST or not typed.isalpha():
            return typed
        near = {word for form in (typed, *_shortened(typed)) for word in self._shortened.get(form, ())}
        return min((word for word in near if word[0] == typed[0] and is_one_slip(typed, word)), default=typed)


def is_one_slip(typed: str, word: str) -> bool:
    """Whether one letter added, missing, changed, or two neighbours swapped, makes one of the other."""
    start = next((at for at, (a, b) in enumerate(zip(typed, word, strict=False)) if a != b), min(len(typed), len(word)))
    a, b = typed[start:], word[start:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[:2] == b[:2][::-1] and a[2:] == b[2:])


def _shortened(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))

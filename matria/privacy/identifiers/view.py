"""A text as the families read it: plain digits, spaces and dashes, nothing invisible, and the way back.

Full-width and other digits become ASCII, digits that are spelled ("cinco dois nove ...") become figures, and what has
no width goes, so that a number is one number however it was typed.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import chain

_ODD = re.compile("[\u00a0\u00ad\u0130\u0300-\u036f\u0600-\uffff\U00010000-\U0010ffff]")
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_WORDS_OF_DIGITS: tuple[tuple[str, str], ...] = (
    ("0", "zero|oh"),
    ("1", "um|uma|one"),
    ("2", "dois|duas|two"),
    ("3", "tres|three"),
    ("4", "quatro|four"),
    ("5", "cinco|five"),
    ("6", "seis|meia|six"),
    ("7", "sete|seven"),
    ("8", "oito|eight"),
    ("9", "nove|nine"),
)
_DIGITS = {word: digit for digit, words in _WORDS_OF_DIGITS for word in words.split("|")}
_DIGIT_WORD = rf"\b(?:{'|'.join(_DIGITS)})\b"
_MANY_DIGIT_WORDS = re.compile(rf"{_DIGIT_WORD}(?:[ ,.-]{{1,3}}{_DIGIT_WORD}){{6,}}")
"""Seven in a row are no counting of weeks or of children."""
_ONE_DIGIT_WORD = re.compile(_DIGIT_WORD)
_MAYBE_DIGIT_WORDS = ("zero", "oito", "nove", "seven", "eight")


@dataclass(frozen=True, slots=True)
class View:
    """A text to search. `plain` and `lower` have the same length."""

    plain: str
    """As typed but for digits, spaces and dashes, which are ASCII."""
    lower: str
    """In lower case, without accents."""
    places: tuple[tuple[int, int], ...] | None
    """Where each character came from: first and one past the last in the original; None where nothing moved."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The same part of the original text."""
        return (start, end) if self.places is None else (self.places[start][0], self.places[end - 1][1])


def view_of(text: str) -> View:
    """The view of a text, at the price of a copy where it is plain already."""
    plain, places = _plain(text) if _ODD.search(text) else (text, None)
    lower = plain.lower() if plain.isascii() else plain.lower().translate(_bases())
    if any(word in lower for word in _MAYBE_DIGIT_WORDS) and _MANY_DIGIT_WORDS.search(lower):
        return _with_figures(plain, lower, places)
    return View(plain, lower, places)


def _plain(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    letters: list[str] = []
    places: list[tuple[int, int]] = []
    for place, character in enumerate(text):
        if _INVISIBLE.match(character):
            continue
        if unicodedata.combining(character) and letters:
            composed = unicodedata.normalize("NFC", letters[-1] + character)
            letters[-1] = composed if len(composed) == 1 else letters[-1]
            places[-1] = (places[-1][0], place + 1)
        else:
            letters.append(_letter(character))
            places.append((place, place + 1))
    return "".join(letters), tuple(places)


def _letter(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    if "\uff01" <= character <= "\uff5e":  # full-width forms of ASCII
        return chr(ord(character) - 0xFEE0)
    match unicodedata.category(character):
        case "Zs":
            return " "
        case "Pd":
            return "-"
    return character if len(character.lower()) == 1 else "I"


@cache
def _bases() -> dict[int, str]:
    """Letters with an accent, to the letter without."""
    letters = chain(range(0xC0, 0x250), range(0x1E00, 0x1F00))
    bases = {code: unicodedata.normalize("NFKD", chr(code))[0] for code in letters}
    return {code: base for code, base in bases.items() if base.isascii() and base.isalpha()}


def _with_figures(plain: str, lower: str, places: tuple[tuple[int, int], ...] | None) -> View:
    at = places or tuple((place, place + 1) for place in range(len(plain)))
    shown: list[str] = []
    low: list[str] = []
    moved: list[tuple[int, int]] = []
    done = 0
    for run in _MANY_DIGIT_WORDS.finditer(lower):
        words = list(_ONE_DIGIT_WORD.finditer(lower, run.start(), run.end()))
        figures = "".join(_DIGITS[word.group()] for word in words)
        shown += [plain[done : run.start()], figures]
        low += [lower[done : run.start()], figures]
        moved += [*at[done : run.start()], *((at[w.start()][0], at[w.end() - 1][1]) for w in words)]
        done = run.end()
    return View("".join([*shown, plain[done:]]), "".join([*low, lower[done:]]), (*moved, *at[done:]))

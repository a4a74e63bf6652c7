"""What a conversation knows of a person, and the placeholders that stand for it outside.

`mask` goes before a model, a rail or a record; `unmask` before the person alone. The same value has the same
placeholder throughout one conversation (`[NOME_1]`, `[CPF_1]`), and a first name alone is its person's. A vault lives
in memory as long as its conversation: it is never stored, pickled or shown.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import NoReturn

from guardrails.placeholders import PLACEHOLDER, key_of, label_of, outside_addresses
from matria.messages import Locale
from matria.privacy.identifiers import LABELS, Kind, find
from matria.privacy.identifiers.name_lists import name_lists
from matria.privacy.identifiers.view import View, view_of

_SHORTEST_NAME, _LONGEST_WORD = 3, 40
_SHORTEST_VALUE = 6
"""Shorter ones stand in too many numbers to be looked for; of a day and a month see `_NOT_HER_BIRTHDAY`."""
_TEXTS: frozenset[Kind] = frozenset({"email", "address", "profile"})
"""Kinds whose values are words; those of the others are digits, however grouped."""
_PHONE_DIGITS = 9
"""The last digits of a number are the same with and without the codes of country and area."""
_GAP = r"[ .\-/()]{0,3}"
_BEFORE, _AFTER = r"(?<![^\W_])", r"(?![^\W_])"
MOST_KNOWN = 100
"""So many values are looked for in whatever comes later; further ones are masked where they are found. Nobody has as
many, and a text that is made of telephone numbers is to cost no more than another."""
_SHORT_DATE = re.compile(r"\d{1,2}\s?[./-]\s?\d{1,2}")
_NOT_HER_BIRTHDAY = re.compile(
    r"\b(?:consulta|exame|ultrassom|ecografia|eco|retorno|visita|vacina|menstruacao|regra|dum|dpp|previst[ao]|parto"
    r"|appointment|scan|visit|period|due|lmp|edd|test|vaccine"
    r"|pressao|tensao|pa|ta|deu|medi|mediu|aferi|estava|bp|pressure|reading)\b[^.!?\n]{0,30}$"
)
"""What makes a day another than that of her birth, or two figures a blood pressure, which nothing may hide."""
_REACH_OF_A_DATE = 45
_PARTICLES = frozenset({"de", "da", "do", "das", "dos", "e", "of"})
_MOST_LATER_WORDS = 6
_CALLS = frozenset(
    {"oi", "ola", "obrigada", "obrigado", "querida", "dona", "cara", "sra", "senhora", "chamo", "sou", "hi", "hello"}
    | {"hey", "dear", "thanks", "am", "im"}
)
"""Words after which a name that is a word as well is a name."""


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    rank: int
    """Lower wins where two overlap."""
    text: str = field(repr=False)
    """What is put there."""


@dataclass(frozen=True, slots=True)
class _Known:
    placeholder: str
    pattern: str = field(repr=False)
    is_first_name: bool = False
    is_common_word: bool = False
    is_short_date: bool = False


class Vault:
    """Of one conversation in one locale. `keep` are telephone numbers of services, digits alone."""

    def __init__(self, locale: Locale, *, keep: Collection[str] = ()) -> None:
        self._locale: Locale = locale
        self._keep = frozenset(keep)
        self._placeholders: dict[tuple[Kind, str], str] = {}
        self._values: dict[tuple[Kind, int], str] = {}
        self._counts: Counter[Kind] = Counter()
        self._numbers: dict[str, str] = {}
        self._known: list[_Known] = []
        self._first_names: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def __repr__(self) -> str:
        return f"Vault({self._locale}, {len(self._values)} values)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a vault is never stored: keep it with its conversation, in memory")

    def remember(self, kind: Kind, value: str) -> str:
        """The placeholder of what the service already knows of her, such as her first name.

        Blank for a value without a letter or a figure: there is nothing in it to hide.
        """
        return self._placeholder(kind, value.strip()) if any(map(str.isalnum, value)) else ""

    def mask(self, text: str) -> str:
        """`text` as it may leave: placeholders for personal data, those known from before and those found now.

        Mask what people wrote, once: what looks like a placeholder in it is not ours, and loses its number.
        """
        found = [
            _Span(one.start, one.end, 1, self._placeholder(one.kind, one.value))
            for one in find(text, self._locale, keep=self._keep)
        ]
        return _replaced(text, [*_typed(text), *found, *self._seen_before(text)])

    def unmask(self, text: str) -> str:
        """`text` for the person herself: what this conversation's placeholders stand for; others stay as they are.

        None is opened in an address, from where it would be sent to whoever answers there.
        """
        parts, done = [], 0
        for match in outside_addresses(text):
            parts += [text[done : match.start()], self._values.get(key_of(match), match.group())]
            done = match.end()
        return "".join([*parts, text[done:]])

    def _placeholder(self, kind: Kind, value: str) -> str:
        """What stands for the value. A number keeps the kind that it was first known by."""
        key = (kind, _normal(kind, value))
        if key in self._placeholders:
            return self._placeholders[key]
        if kind not in _TEXTS and kind != "name" and (known := self._same_number(value)):
            return known
        number = self._counts[kind] = self._counts[kind] + 1
        self._placeholders[key] = placeholder = f"[{LABELS[self._locale][kind]}_{number}]"
        self._values[kind, number] = value
        self._learn(kind, key[1], value, placeholder)
        return placeholder

    def _same_number(self, value: str) -> str | None:
        digits = _bare(value)
        return self._numbers.get(digits) or self._numbers.get(f"phone {digits[-_PHONE_DIGITS:]}")

    def _learn(self, kind: Kind, normal: str, value: str, placeholder: str) -> None:
        """How the value is recognised when it comes again, whatever stands around it."""
        if kind not in _TEXTS and kind != "name":
            is_whole_phone = kind == "phone" and len(normal) == _PHONE_DIGITS
            self._numbers[f"phone {normal}" if is_whole_phone else normal] = placeholder
        if len(self._known) >= MOST_KNOWN:
            return
        self._pattern = None
        if kind == "name":
            self._learn_name(normal.split(), placeholder)
        elif len(normal) >= _SHORTEST_VALUE:
            pattern = re.escape(normal) if kind in _TEXTS else _GAP.join(map(re.escape, normal))
            self._known.append(_Known(placeholder, pattern))
        elif kind == "birth_date" and _SHORT_DATE.fullmatch(value):
            pattern = re.escape(value) + r"(?![./-]?\d| ?mmhg)"
            self._known.append(_Known(placeholder, pattern, is_short_date=True))

    def _learn_name(self, words: Sequence[str], placeholder: str) -> None:
        for run in _runs(words):
            self._known.append(_Known(placeholder, r"\s{1,9}".join(map(re.escape, run))))
        if words and words[0] not in self._first_names:
            self._first_names.add(words[0])
            is_common = words[0] in name_lists().common_words or len(words[0]) < _SHORTEST_NAME
            self._known.append(_Known(placeholder, re.escape(words[0]), is_first_name=True, is_common_word=is_common))

    def _seen_before(self, text: str) -> Iterator[_Span]:
        if not self._known:
            return
        view = view_of(text)
        for match in _overlapping(self._seen(), view.lower):
            known = self._known[int((match.lastgroup or "_0")[1:])]
            if known.is_first_name and not _is_her(view, match, known):
                continue
            if known.is_short_date and _is_no_birthday(view, match):
                continue
            start, end = view.span(*match.span())
            yield _Span(start, end, 2 if known.is_first_name else 1, known.placeholder)

    def _seen(self) -> re.Pattern[str]:
        if self._pattern is None:
            longest_first = sorted(enumerate(self._known), key=lambda one: -len(one[1].pattern))
            either = "|".join(f"(?P<_{place}>{known.pattern})" for place, known in longest_first)
            self._pattern = re.compile(rf"{_BEFORE}(?:{either}){_AFTER}")
        return self._pattern


def _overlapping(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Every match, those too that begin within another: the house number of a known street may begin a known number."""
    match = pattern.search(text)
    while match is not None:
        yield match
        match = pattern.search(text, match.start() + 1)


def _runs(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """A full name, and every two or more of its later words: "almeida prado" is she as well."""
    if len(words) > 1:
        yield words
    later = words[1 : 1 + _MOST_LATER_WORDS]
    for start, end in combinations(range(len(later) + 1), 2):
        run = later[start:end]
        if len(run) > 1 and run[0] not in _PARTICLES and run[-1] not in _PARTICLES:
            yield run


def _typed(text: str) -> Iterator[_Span]:
    """What somebody typed that looks like a placeholder, to be left without its number."""
    view = view_of(text)
    for match in PLACEHOLDER.finditer(view.plain):
        label = label_of(match)
        yield _Span(*view.span(*match.span()), 0, f"[{label}]" if match["bracketed"] else label)


def _replaced(text: str, spans: Collection[_Span]) -> str:
    """The text with the spans put in; of two that overlap in part, what the lesser leaves open is hidden as well."""
    taken: list[_Span] = []
    for span in sorted(spans, key=lambda one: (one.rank, one.start - one.end, one.start)):
        place = bisect_left(taken, span.start, key=lambda other: other.start)
        before = taken[place - 1] if place and taken[place - 1].end > span.start else None
        after = taken[place] if place < len(taken) and taken[place].start < span.end else None
        if before is None and after is None:
            taken.insert(place, span)
        elif after is None and before is not None and before.end < span.end:
            taken.insert(place, replace(span, start=before.end))
        elif before is None and after is not None and span.end < after.end and span.start < after.start:
            taken.insert(place, replace(span, end=after.start))
    parts, done = [], 0
    for span in taken:
        parts += [text[done : span.start], span.text]
        done = span.end
    return "".join([*parts, text[done:]])


def _normal(kind: Kind, value: str) -> str:
    """The same for the same value, however it was typed."""
    lower = view_of(value).lower
    if kind == "name":
        return " ".join(re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", lower)) or lower
    if kind in _TEXTS:
        return " ".join(lower.split())
    plain = _bare(value)
    return plain[-_PHONE_DIGITS:] if kind == "phone" else plain


def _bare(value: str) -> str:
    """Letters and figures alone."""
    return re.sub(r"[\W_]", "", view_of(value).lower)


def _is_her(view: View, match: re.Match[str], known: _Known) -> bool:
    """A first name alone, unless it is a word as well and used like one, or part of a place's name."""
    if match.end() - match.start() == len(view.plain):
        return True
    gap = view.lower[max(0, match.start() - _LONGEST_WORD) : match.start()]
    words = ["", "", *(word.strip(".,;:!?(\"'") for word in gap.split())]
    if known.is_common_word and not view.plain[match.start()].isupper():
        called_by = words[-2] if words[-1] in ("a", "o") else words[-1]
        return called_by in _CALLS or _stands_apart(view, match)
    return words[-1] not in name_lists().before


def _stands_apart(view: View, match: re.Match[str]) -> bool:
    """Between marks, as one is called: "oi, luz!"; not in "dar à luz"."""
    before = view.plain[max(0, match.start() - 3) : match.start()].rstrip(" ")
    after = view.plain[match.end() : match.end() + 3].lstrip(" ")
    is_after_mark = match.start() == 0 or before[-1:] in (",", ".", "!", "?", ";", ":", "\n")
    return is_after_mark and (not after or after[0] in ",.!?;:\n")


def _is_no_birthday(view: View, match: re.Match[str]) -> bool:
    start = max(0, match.start() - _REACH_OF_A_DATE)
    return _NOT_HER_BIRTHDAY.search(view.lower[start : match.start()]) is not None

"""What a conversation knows of a person, and the placeholders that stand for it outside.

`mask` goes before a model, a rail or a record; `unmask` before the person alone. The same value has the same
placeholder throughout one conversation (`[NOME_1]`, `[CPF_1]`), and a first name alone is its person's. A vault lives
in memory as long as its conversation: it is never stored, pickled or shown.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from matria.messages import Locale
from matria.privacy.identifiers import LABELS, Kind, find
from matria.privacy.identifiers.name_lists import name_lists
from matria.privacy.identifiers.view import View, view_of

_SHORTEST_NAME = 3
_SHORTEST_VALUE = 6
"""A day and a month are no value to look for: the next one may be a visit's."""
_TEXTS: frozenset[Kind] = frozenset({"email", "address", "profile"})
"""Kinds whose values are words; those of the others are digits, however grouped."""
_PHONE_DIGITS = 9
"""The last digits of a number are the same with and without the codes of country and area."""
_GAP = r"[ .\-/()]{0,3}"
_BEFORE, _AFTER = r"(?<![^\W_])", r"(?![^\W_])"


def _plain(label: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", label) if not unicodedata.combining(c)).upper()


_KINDS: dict[str, Kind] = {_plain(label): kind for labels in LABELS.values() for kind, label in labels.items()}
_FORMS = {label for labels in LABELS.values() for label in labels.values()} | set(_KINDS)
_WORDS = "|".join(sorted((form.replace("_", "[ _]") for form in _FORMS), key=len, reverse=True))
_PLACEHOLDER = re.compile(
    rf"\\?\[\s*(?P<bracketed>{_WORDS})[\s_\\-]{{0,3}}(?P<first>\d{{1,3}})\s*\\?\]"
    rf"|{_BEFORE}(?P<joined>{_WORDS})\\?_(?P<second>\d{{1,3}}){_AFTER}"
    rf"|{_BEFORE}(?P<spaced>(?-i:{_WORDS})) (?P<third>\d{{1,2}}){_AFTER}(?![.,/ -]{{0,2}}\d)",
    re.IGNORECASE,
)
"""A placeholder as models write it: in any case, with brackets escaped or gone, with a blank for its dash. NHS 111 is
none."""


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


class Vault:
    """Of one conversation in one locale. `keep` are telephone numbers of services, digits alone."""

    def __init__(self, locale: Locale, *, keep: Collection[str] = ()) -> None:
        self._locale: Locale = locale
        self._keep = frozenset(keep)
        self._placeholders: dict[tuple[Kind, str], str] = {}
        self._values: dict[tuple[Kind, int], str] = {}
        self._known: list[_Known] = []
        self._first_names: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def __repr__(self) -> str:
        return f"Vault({self._locale}, {len(self._values)} values)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a vault is never stored: keep it with its conversation, in memory")

    def remember(self, kind: Kind, value: str) -> str:
        """The placeholder of what the service already knows of her, such as her first name; blank for a blank."""
        return self._placeholder(kind, value.strip()) if value.strip() else ""

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
        """`text` for the person herself: what this conversation's placeholders stand for; others stay as they are."""
        return _PLACEHOLDER.sub(lambda match: self._values.get(_key(match), match.group()), text)

    def _placeholder(self, kind: Kind, value: str) -> str:
        key = (kind, _normal(kind, value))
        if key not in self._placeholders:
            number = 1 + sum(known == kind for known, _ in self._values)
            self._placeholders[key] = f"[{LABELS[self._locale][kind]}_{number}]"
            self._values[kind, number] = value
            self._learn(kind, key[1], self._placeholders[key])
        return self._placeholders[key]

    def _learn(self, kind: Kind, normal: str, placeholder: str) -> None:
        """How the value is recognised when it comes again, whatever stands around it."""
        self._pattern = None
        if kind != "name":
            pattern = re.escape(normal) if kind in _TEXTS else _GAP.join(map(re.escape, normal))
            self._known += [_Known(placeholder, pattern)] if len(normal) >= _SHORTEST_VALUE else []
            return
        words = normal.split()
        if len(words) > 1:
            self._known.append(_Known(placeholder, r"\s+".join(map(re.escape, words))))
        if words[0] not in self._first_names:
            self._first_names.add(words[0])
            is_common = words[0] in name_lists().common_words or len(words[0]) < _SHORTEST_NAME
            self._known.append(_Known(placeholder, re.escape(words[0]), is_first_name=True, is_common_word=is_common))

    def _seen_before(self, text: str) -> Iterator[_Span]:
        if not self._known:
            return
        view = view_of(text)
        for match in self._seen().finditer(view.lower):
            known = self._known[int((match.lastgroup or "_0")[1:])]
            if known.is_first_name and not _is_her(view, match, known):
                continue
            start, end = view.span(*match.span())
            yield _Span(start, end, 2 if known.is_first_name else 1, known.placeholder)

    def _seen(self) -> re.Pattern[str]:
        if self._pattern is None:
            longest_first = sorted(enumerate(self._known), key=lambda one: -len(one[1].pattern))
            either = "|".join(f"(?P<_{place}>{known.pattern})" for place, known in longest_first)
            self._pattern = re.compile(rf"{_BEFORE}(?:{either}){_AFTER}")
        return self._pattern


def _typed(text: str) -> Iterator[_Span]:
    """What somebody typed that looks like a placeholder, to be left without its number."""
    view = view_of(text)
    for match in _PLACEHOLDER.finditer(view.plain):
        label = match["bracketed"] or match["joined"] or match["spaced"]
        yield _Span(*view.span(*match.span()), 0, f"[{label}]" if match["bracketed"] else label)


def _replaced(text: str, spans: Collection[_Span]) -> str:
    taken: list[_Span] = []
    for span in sorted(spans, key=lambda one: (one.rank, one.start - one.end, one.start)):
        if all(span.end <= other.start or other.end <= span.start for other in taken):
            taken.append(span)
    parts, done = [], 0
    for span in sorted(taken, key=lambda one: one.start):
        parts += [text[done : span.start], span.text]
        done = span.end
    return "".join([*parts, text[done:]])


def _key(match: re.Match[str]) -> tuple[Kind, int]:
    label = match["bracketed"] or match["joined"] or match["spaced"]
    number = match["first"] or match["second"] or match["third"]
    return _KINDS[_plain(label).replace(" ", "_")], int(number)


def _normal(kind: Kind, value: str) -> str:
    """The same for the same value, however it was typed."""
    lower = view_of(value).lower
    if kind == "name":
        return " ".join(re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", lower)) or lower
    if kind in _TEXTS:
        return " ".join(lower.split())
    plain = re.sub(r"[\W_]", "", lower)
    return plain[-_PHONE_DIGITS:] if kind == "phone" else plain


def _is_her(view: View, match: re.Match[str], known: _Known) -> bool:
    """A first name alone, unless it is a word as well and typed like one, or part of a place's name."""
    if match.end() - match.start() == len(view.plain):
        return True
    if known.is_common_word and not view.plain[match.start()].isupper():
        return False
    before = view.lower[: match.start()].split()[-1:]
    return not (before and before[0].strip(".,;:!?(\"'") in name_lists().before)

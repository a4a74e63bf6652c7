"""Names of persons, where that is certain: a given name beside a surname, or a name that the text announces.

A given name alone is no identifier unless it is announced ("me chamo Rosa"): half of them are words, and a story of one
Maria is nobody's. A hospital, a law, a syndrome and a month that bear a name keep it. Typed without capitals, a name
counts where both words are listed and one of them is nothing else.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from matria.privacy.identifiers.identifier import LIKELY, SURE, Found
from matria.privacy.identifiers.name_lists import NameLists, name_lists
from matria.privacy.identifiers.view import View

MOST_WORDS = 7
PARTICLES = frozenset(
    {"da", "de", "do", "dos", "das", "e", "di", "del", "della", "van", "von", "der", "d", "la", "le", "bin", "al"}
)
_SHOUTED_SHARE = 0.6

_NAME_ENDS = re.compile(r"\s*(?:[,.;!?\n)]|$)| (?:e|and) ")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PERSON = (
    r"(?:filh[ao]s?|bebes?|nene|menin[ao]|marido|esposa|esposo|companheiro|namorado|mae|pai|irma|irmao|sogra|avo"
    r"|vizinha|amiga|prima|tia"
    r"|daughter|son|baby|husband|partner|mother|mum|mom|sister|brother|friend|wife|girl|boy|she|he)"
)
_ANNOUNCES = re.compile(
    r"\b(?:meu nome(?: completo)?(?: todo)? (?:e|eh)|me chamo|chamo[- ]me|my (?:full |first )?name(?: is|'s|s)"
    r"|pode me chamar de|podes chamar-me"
    rf"|{_PERSON}[^.!?\n\d]{{0,30}}?(?:se chama(?:m|va|ra)?|chama[- ]se|vai se chamar)"
    r"|(?:o )?nome (?:dela|dele|d[aoe]s? (?:minha |meu |nossa |nosso |seu |sua )?(?:\w+)) (?:e|eh)"
    r"|(?:her|his|baby'?s|daughter'?s|son'?s|husband'?s|partner'?s|mother'?s|patient'?s) (?:full )?name(?: is|'s))"
    r"[\s:,\"“'=]{1,3}(?:a |o |de )?"
)
_SIGNS = re.compile(
    r"\b(?:assinado(?: eletronicamente| digitalmente| electronicamente)?|ass\.|signed(?: electronically)?)"
    r"(?: por| by)?[\s:,]{1,3}"
    rf"|\b{_PERSON} (?:is |was )?(?:called|named|chamad[ao]) "
)
_FIELD = re.compile(
    r"\b(?:nome(?: completo| social| da mae| d[ao] paciente| d[ao] utente)?|(?:full |first |last "
    r"|patient )?name)\s?:\s{0,2}"
)
_TITLE = re.compile(
    r"(?<![^\W_])(?:(?i:sr|sra|srta|dr|dra|mr|mrs|prof|profa|enf|enfa)\.|(?i:ms)\.|Sr|Sra|Srta|Dr|Dra|Mr|Mrs|Ms"
    r"|Miss|(?i:dona|senhora|doutora|doutor))\s+"
)
_HINTS = re.compile(
    r"\b(?:(?:eu )?sou (?:a|o)|aqui (?:e|eh|fala|quem fala e|quem fala eh) (?:a|o)|quem fala (?:e|eh) (?:a|o)"
    r"|fala a|daqui (?:e|fala) a|i'?m|i am|this is|it'?s"
    r"|paciente|utente|gestante|puerpera|patient|client|enfermeir[ao]|medic[ao]|nurse|midwife|doula|call me"
    r"|chama(?:da|do|-se)?|se chama|named|called"
    rf"|(?:minha|meu|nossa|nosso|my|our) {_PERSON}|contact"
    r"|contactar|fal(?:e|ar|ei) com (?:a|o)"
    r"|(?:att|atenciosamente|beijos?|bjs|bjos?|abracos?|obrigad[ao]|grata|cumprimentos|regards|thanks|thank you"
    r"|cheers|love|sincerely|xx)\b)[\s:,.!\"(-]{1,3}(?:(?:a|o|sra|sr|dona)\b\.? )?"
)


_Taken = Literal["any", "capital", "listed"]
"""Which word an announcement makes a name: any, one with a capital or in the lists, or one in the lists alone."""


class _Shape(Enum):
    CAPITAL = 1
    UPPER = 2
    LOWER = 3


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    low: str
    shape: _Shape


def names(view: View) -> Iterator[Found]:
    """Names of persons: announced ones, then given names with surnames."""
    lists = name_lists()
    words = [_word(view, match) for match in _WORD.finditer(view.plain)]
    for start, taken in _announced(view):
        yield from _after_cue(view, words, lists, start, taken=taken)
    is_shouted = _is_shouted(words)
    place = 0
    while place < len(words):
        found = _full_name(view, words, place, lists, is_shouted=is_shouted)
        if found is None:
            place += 1
            continue
        first, last = found
        yield Found("name", words[first].start, words[last].end, LIKELY)
        place = last + 1


def _word(view: View, match: re.Match[str]) -> _Word:
    text = match.group()
    is_upper = text.isupper() and len(text) > 1
    shape = _Shape.UPPER if is_upper else _Shape.CAPITAL if text[0].isupper() else _Shape.LOWER
    return _Word(match.start(), match.end(), view.lower[match.start() : match.end()], shape)


def _is_shouted(words: Sequence[_Word]) -> bool:
    return sum(word.shape is _Shape.UPPER for word in words) > _SHOUTED_SHARE * len(words)


def _announced(view: View) -> Iterator[tuple[int, _Taken]]:
    """Where an announced name would begin, and which word would be one."""
    for match in _ANNOUNCES.finditer(view.lower):
        yield match.end(), "any"
    for match in (*_FIELD.finditer(view.lower), *_SIGNS.finditer(view.lower), *_TITLE.finditer(view.plain)):
        yield match.end(), "capital"
    for match in _HINTS.finditer(view.lower):
        yield match.end(), "listed"


def _after_cue(view: View, words: Sequence[_Word], lists: NameLists, start: int, *, taken: _Taken) -> Iterator[Found]:
    place = bisect_left(words, start, key=lambda word: word.start)
    if place == len(words) or words[place].start != start:
        return
    first = words[place]
    is_listed = first.low in lists.given
    if first.low in lists.never_first or first.low in PARTICLES or (first.low in lists.never and not is_listed):
        return
    if taken == "capital" and first.shape is _Shape.LOWER and not is_listed:
        return
    last = _extent(view, words, place, lists, is_announced=True)
    if taken == "listed":
        if first.shape is _Shape.LOWER and (not is_listed or first.low in lists.common_words):
            return
        if not is_listed and not (last > place and words[last].low in lists.surnames):
            return
    if not _is_known_otherwise(view, words, place, last, lists):
        yield Found("name", first.start, words[last].end, SURE)


def _full_name(
    view: View, words: Sequence[_Word], place: int, lists: NameLists, *, is_shouted: bool
) -> tuple[int, int] | None:
    """Places of the first and last word of a name of two words or more that begins at `place`."""
    first = words[place]
    if place and _is_bound_to(view, words, place, lists):
        return None
    if first.low not in lists.given:
        return _by_surnames(view, words, place, lists)
    last = _extent(view, words, place, lists, is_shouted=is_shouted)
    if last == place:
        return None
    others = [word.low for word in words[place + 1 : last + 1] if word.low not in PARTICLES]
    is_listed = any(other in lists.surnames or other in lists.given for other in others)
    if (first.low in lists.common_words and not is_listed) or set(others) == {first.low}:
        return None
    if first.shape is _Shape.LOWER and {first.low, *others} <= lists.common_words:
        return None
    if _is_known_otherwise(view, words, place, last, lists):
        return None
    return _begun_earlier(view, words, place, lists), last


def _by_surnames(view: View, words: Sequence[_Word], place: int, lists: NameLists) -> tuple[int, int] | None:
    """A capital word that no list holds, before two listed surnames or more, is a rare given name."""
    first = words[place]
    if (
        first.shape is _Shape.LOWER
        or len(first.low) < 3
        or first.low in lists.surnames | lists.never | lists.never_first
    ):
        return None
    last = _extent(view, words, place, lists)
    others = [word.low for word in words[place + 1 : last + 1] if word.low not in PARTICLES]
    is_name = len(others) > 1 and all(other in lists.surnames for other in others)
    if not is_name or set(others) <= lists.common_words or _is_known_otherwise(view, words, place, last, lists):
        return None
    return place, last


def _extent(
    view: View,
    words: Sequence[_Word],
    place: int,
    lists: NameLists,
    *,
    is_announced: bool = False,
    is_shouted: bool = False,
) -> int:
    """Place of the last word that belongs to the name beginning at `place`."""
    shape, last, at = words[place].shape, place, place + 1
    while at < len(words) and at - place < MOST_WORDS and _are_neighbours(view, words[at - 1], words[at]):
        word = words[at]
        if word.low in PARTICLES and word.low != "e" and at + 1 < len(words):
            at += 1
            continue
        if not _continues(word, shape, lists, is_announced=is_announced, is_shouted=is_shouted) and not (
            is_announced and at == place + 1 and _ends_name(view, word, lists)
        ):
            break
        if _begins_a_sentence(view, words, place, at, lists):
            break
        last, at = at, at + 1
    return last


def _continues(word: _Word, shape: _Shape, lists: NameLists, *, is_announced: bool, is_shouted: bool) -> bool:
    is_listed = word.low in lists.surnames or word.low in lists.given
    if word.low in lists.never_first:
        return False
    if word.low in lists.never and not (is_listed and is_announced):
        return word.low in lists.surnames and word.shape is shape and shape is not _Shape.LOWER
    if word.shape is _Shape.LOWER:
        is_plain = word.low in lists.common_words and not is_announced
        return is_listed and shape is _Shape.LOWER and not is_plain
    if shape is _Shape.LOWER:
        return is_listed
    if word.shape is _Shape.UPPER and (is_shouted or shape is _Shape.CAPITAL):
        return is_listed
    return len(word.low) > 1 or is_announced


def _begins_a_sentence(view: View, words: Sequence[_Word], place: int, at: int, lists: NameLists) -> bool:
    """After a whole name, a capital word that no list holds, with a small one behind it: "Ana Souza Apanho dele"."""
    word, before = words[at], words[at - 1]
    if at - place < 2 or before.low not in lists.surnames or word.low in lists.surnames or word.low in lists.given:
        return False
    following = words[at + 1 : at + 3]
    if not following or not _are_neighbours(view, word, following[0]):
        return False
    if following[0].low in PARTICLES - {"e"}:
        following = following[1:]
    return bool(following) and following[0].shape is _Shape.LOWER and following[0].low not in {"e", "and", "is"}


def _ends_name(view: View, word: _Word, lists: NameLists) -> bool:
    """An announced name typed without capitals may end in a surname that no list holds: "sou a ana ashworth, ..."."""
    if word.shape is not _Shape.LOWER or len(word.low) < 4 or word.low in lists.never | lists.never_first:
        return False
    return _NAME_ENDS.match(view.lower, word.end) is not None


def _begun_earlier(view: View, words: Sequence[_Word], place: int, lists: NameLists) -> int:
    """A capital word before the listed one belongs to it, unless the sentence begins with it."""
    first = place
    while first >= 2 and words[first - 1].shape is words[place].shape is _Shape.CAPITAL:
        before = words[first - 1]
        if before.low in lists.never | lists.never_first | lists.before or not _are_neighbours(
            view, before, words[first]
        ):
            break
        if not _are_neighbours(view, words[first - 2], before):
            break
        first -= 1
    return first


def _are_neighbours(view: View, one: _Word, other: _Word) -> bool:
    gap = view.plain[one.end : other.start]
    return gap in (" ", "  ", ". ") and (gap != ". " or one.end - one.start <= 2)


def _is_bound_to(view: View, words: Sequence[_Word], place: int, lists: NameLists) -> bool:
    """A word before says that the name is a place's: "Maternidade Doutor Alfredo", "Lei Maria"."""
    at = place - 1
    for _ in range(4):
        if at < 0 or not _are_neighbours(view, words[at], words[at + 1]):
            return False
        if words[at].low in lists.before:
            return True
        is_title = words[at].low in PARTICLES or words[at].shape is not _Shape.LOWER
        if not is_title:
            return False
        at -= 1
    return False


def _is_known_otherwise(view: View, words: Sequence[_Word], first: int, last: int, lists: NameLists) -> bool:
    """The whole is a place, a disease, or somebody whom everybody knows."""
    if any(
        after < len(words) and words[after].low in lists.after and _are_neighbours(view, words[after - 1], words[after])
        for after in (last, last + 1)
        if after > first
    ):
        return True
    if first and _is_bound_to(view, words, first, lists):
        return True
    text = " ".join(word.low for word in words[first : last + 1])
    return any(text == whole or text.startswith(whole + " ") for whole in lists.whole)

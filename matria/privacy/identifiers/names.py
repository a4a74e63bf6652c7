"""Names of persons, where that is certain: a given name beside a surname, or a name that the text announces.

A given name alone is no identifier unless it is announced ("me chamo Rosa"): half of them are words, and a story of one
Maria is nobody's. A hospital, a law, a syndrome and a month that bear a name keep it. Typed without capitals, a name
counts where both words are listed and one of them is nothing else. How far a name reaches is said by `name_words`.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Literal

from matria.privacy.identifiers.identifier import LIKELY, SURE, Found
from matria.privacy.identifiers.name_words import PARTICLES, NameWords, Shape, name_words
from matria.privacy.identifiers.view import View

_SHORTEST_RARE_NAME = 3

_PERSON = (
    r"(?:filh[ao]s?|bebes?|nene|menin[ao]|marido|esposa|esposo|companheiro|namorado|mae|pai|irma|irmao|sogra|avo"
    r"|vizinha|amiga|prima|tia"
    r"|daughter|son|baby|husband|partner|mother|mum|mom|sister|brother|friend|wife|girl|boy|she|he)"
)
_NAMED_PERSON = (
    r"(?:paciente|utente|usuari[ao]|utilizador[a]?|gestante|gravida|puerpera|mulher|bebe|nene|nenem|recem[- ]nascid[ao]"
    r"|crianca|menin[ao]|filh[ao]s?|gemeos|net[ao]|marido|espos[ao]|companheir[ao]|namorad[ao]|noiv[ao]|mae|pai"
    r"|irma|irmao|sogr[ao]|avo|ti[ao]|prim[ao]|cunhad[ao]|amig[ao]|vizinh[ao]|acompanhante|responsavel"
    r"|medic[ao]|doutor[a]?|enfermeir[ao]|obstetra|ginecologista|pediatra|parteir[ao]|doula|psicolog[ao]"
    r"|nutricionista|agente)"
)
"""Whose name is a person's: "o nome do remédio é" announces none."""
_NO_THING = (
    r"(?:(?!\b(?:um|uma|remedios?|medicamento|comprimido|xarope|vitamina|pomada|creme|cha|planta|doenca|sindrome"
    r"|condicao|problema|infeccao|virus|bacteria|exame|vacina|antibiotico|hormonio|hospital|maternidade|posto"
    r"|tom(?:a|ou|ando)|us(?:a|ou|ando)|tem|teve)\b)[^.!?\n\d])"
)
_ANNOUNCES = re.compile(
    r"\b(?:meu nome(?: completo)?(?: todo)? (?:e|eh)|me chamo|chamo[- ]me|my (?:full |first )?name(?: is|'s|s)"
    r"|pode me chamar de|podes chamar-me"
    rf"|{_PERSON}{_NO_THING}{{0,30}}?(?:se chama(?:m|va|ra)?|chama[- ]se|vai se chamar)"
    r"|(?:o )?nome (?:completo )?(?:dela|dele"
    r"|d[aoe]s? (?:(?:minha|meu|nossa|nosso|seu|sua|tua|teu|primeir[ao]|outr[ao]) ){0,2}"
    rf"{_NAMED_PERSON}(?: mais (?:velh[ao]|nov[ao]))?) (?:e|eh|era)"
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

Taken = Literal["any", "capital", "listed"]
"""Which word an announcement makes a name: any, one with a capital or in the lists, or one in the lists alone."""


def names(view: View) -> Iterator[Found]:
    """Names of persons: announced ones, then given names with surnames."""
    text = name_words(view)
    for start, taken in _announced(view):
        yield from _after_cue(text, start, taken)
    place = 0
    while place < len(text.words):
        found = _full_name(text, place)
        if found is not None:
            first, place = found
            yield Found("name", text.words[first].start, text.words[place].end, LIKELY)
        place += 1


def _announced(view: View) -> Iterator[tuple[int, Taken]]:
    """Where an announced name would begin, and which word would be one."""
    for match in _ANNOUNCES.finditer(view.lower):
        yield match.end(), "any"
    for match in (*_FIELD.finditer(view.lower), *_SIGNS.finditer(view.lower), *_TITLE.finditer(view.plain)):
        yield match.end(), "capital"
    for match in _HINTS.finditer(view.lower):
        yield match.end(), "listed"


def _after_cue(text: NameWords, start: int, taken: Taken) -> Iterator[Found]:
    place = bisect_left(text.words, start, key=lambda word: word.start)
    if place == len(text.words) or text.words[place].start != start or not _begins_name(text, place):
        return
    last = text.extent(place, is_announced=True)
    if _is_taken(text, place, last, taken) and not text.is_known_otherwise(place, last):
        yield Found("name", start, text.words[last].end, SURE)


def _begins_name(text: NameWords, place: int) -> bool:
    word, lists = text.words[place].low, text.lists
    if word in lists.never_first or word in PARTICLES:
        return False
    return word not in lists.never or word in lists.given


def _is_taken(text: NameWords, place: int, last: int, taken: Taken) -> bool:
    """Whether the word that was announced is a name, by how sure the announcement is."""
    first, lists = text.words[place], text.lists
    is_small = first.shape is Shape.LOWER
    if taken == "any" or (taken == "capital" and not is_small):
        return True
    if first.low in lists.given:
        return taken == "capital" or not (is_small and first.low in lists.common_words)
    return not is_small and last > place and text.words[last].low in lists.surnames


def _full_name(text: NameWords, place: int) -> tuple[int, int] | None:
    """Places of the first and last word of a name of two words or more that begins at `place`."""
    first, lists = text.words[place], text.lists
    if first.low not in lists.given:
        return _by_surnames(text, place)
    last = text.extent(place)
    others = text.without_particles(place + 1, last)
    if not others or others == {first.low}:
        return None
    if first.low in lists.common_words and others.isdisjoint(lists.surnames | lists.given):
        return None
    if first.shape is Shape.LOWER and {first.low, *others} <= lists.common_words:
        return None
    return None if text.is_known_otherwise(place, last) else (text.begun_earlier(place), last)


def _by_surnames(text: NameWords, place: int) -> tuple[int, int] | None:
    """A capital word that no list holds, before two listed surnames or more, is a rare given name."""
    first, lists = text.words[place], text.lists
    if first.shape is Shape.LOWER or len(first.low) < _SHORTEST_RARE_NAME:
        return None
    if first.low in lists.surnames or first.low in lists.never or first.low in lists.never_first:
        return None
    last = text.extent(place)
    others = text.without_particles(place + 1, last)
    is_name = len(others) > 1 and others <= lists.surnames and not others <= lists.common_words
    return (place, last) if is_name and not text.is_known_otherwise(place, last) else None

"""Numbered documents: taxpayers, health cards, identity cards, of Brazil, Portugal, the United Kingdom and the USA.

A number is taken where the text names it and its length fits, checksum or not, since a mistyped number is nearly the
real one. Unnamed, it is taken where its check digits hold and it is grouped as people write it; but not where the text
calls it a protocol, an exam or the like, unless its punctuation is that of the document (529.982.247-25).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from matria.messages import Locale
from matria.privacy.identifiers import checksums
from matria.privacy.identifiers.identifier import LIKELY, SURE, Found, Kind
from matria.privacy.identifiers.numbers import Cue, Named, Window, cue_of, is_glued
from matria.privacy.identifiers.view import View


@dataclass(frozen=True)
class _Document:
    kind: Kind
    digits: int
    is_valid: Callable[[str], bool]
    groupings: frozenset[tuple[int, ...]] = frozenset()
    """How its digits are grouped where it is taken unnamed."""
    punctuated: re.Pattern[str] | None = None
    """A shape that nothing else has."""


_DOCUMENTS = (
    _Document(
        "cpf",
        11,
        checksums.is_cpf,
        frozenset({(11,), (3, 3, 3, 2), (9, 2), (3, 3, 5)}),
        re.compile(r"\d{3}\.\d{3}\.\d{3} ?- ?\d{2}"),
    ),
    _Document(
        "cnpj", 14, checksums.is_cnpj, frozenset({(2, 3, 3, 4, 2)}), re.compile(r"\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}")
    ),
    _Document("cns", 15, checksums.is_cns, frozenset({(15,), (3, 4, 4, 4), (3, 3, 3, 3, 3), (5, 5, 5)})),
    _Document("nif", 9, checksums.is_nif, frozenset({(9,), (3, 3, 3)})),
    _Document("utente", 9, lambda _: False),
    _Document(
        "nhs_number",
        10,
        checksums.is_nhs_number,
        frozenset({(3, 3, 4)}),
    ),
    _Document("ssn", 9, checksums.is_ssn, frozenset(), re.compile(r"\d{3}-\d{2}-\d{4}")),
)
_BY_LENGTH = {length: [d for d in _DOCUMENTS if d.digits == length] for length in {d.digits for d in _DOCUMENTS}}
GROUPINGS = frozenset[tuple[int, ...]]().union(*(document.groupings for document in _DOCUMENTS)) | {(3, 2, 4)}
"""How the digits of a document are grouped that the text does not name; the last is a US social security number's."""
FEWEST_DIGITS = min(_BY_LENGTH) - 1

_STATES = "(?:ac|al|am|ap|ba|ce|df|es|go|ma|mg|ms|mt|pa|pb|pe|pi|pr|rj|rn|ro|rr|rs|sc|se|sp|to)"
_RG = re.compile(rf"(?<![^\W_])(?:{_STATES}[ -]?)?\d{{1,2}}\.?\d{{3}}\.?\d{{3}}(?:[ .-]{{0,2}}[\dx])?(?![^\W_])")
_RG_SHAPE = re.compile(r"\d{2}\.\d{3}\.\d{3}-[\dx]")
_CITIZEN_CARD = re.compile(r"(?<![^\W_])\d{8}[ -]?\d[ -]?[a-z0-9]{2}\d(?![^\W_])")
_CIVIL_NUMBER = re.compile(r"(?<![^\W_])\d{1,2}[ .]?\d{3}[ .]?\d{3}(?:[ -]\d)?(?![^\W_])")
_NINO = re.compile(r"(?<![^\W_])[a-z]{2}[ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?[a-d](?![^\W_])")
_SEPARATORS = re.compile(r"[ .-]")


def numbered(view: View, named: tuple[Named, ...], window: Window, locale: Locale | None) -> Iterator[Found]:
    """The documents that the digits of `window` may be."""
    length = len(window.digits)
    documents = _BY_LENGTH.get(length, ())
    if not documents and not _is_near(length):
        return
    cue = cue_of(view, named, window.start, window.end)
    for document in documents:
        if certainty := _certainty(document, window, cue, view, locale):
            yield Found(document.kind, window.start, window.end, certainty)
    for document in _DOCUMENTS:
        if document.kind == cue and abs(document.digits - length) == 1:
            yield Found(document.kind, window.start, window.end, LIKELY)


def lettered(view: View, named: tuple[Named, ...]) -> Iterator[Found]:
    """Identity cards whose number may hold a letter: RG, cartão de cidadão, National Insurance."""
    for match in _RG.finditer(view.lower):
        if _says(view, named, match, "rg") or _RG_SHAPE.fullmatch(match.group()):
            yield Found("rg", *match.span(), SURE)
    for match in _CITIZEN_CARD.finditer(view.lower):
        number = _SEPARATORS.sub("", match.group()).upper()
        has_letter = any(character.isalpha() for character in number)
        if _says(view, named, match, "citizen_card") or (has_letter and checksums.is_citizen_card(number)):
            yield Found("citizen_card", *match.span(), SURE)
    for match in _CIVIL_NUMBER.finditer(view.lower):
        if _says(view, named, match, "citizen_card"):
            yield Found("citizen_card", *match.span(), SURE)
    for match in _NINO.finditer(view.lower):
        if checksums.is_nino(_SEPARATORS.sub("", match.group()).upper()):
            yield Found("nino", *match.span(), SURE)


def _is_near(length: int) -> bool:
    """A number that is named, with a digit too many or too few, is a number mistyped."""
    return length + 1 in _BY_LENGTH or length - 1 in _BY_LENGTH


def _says(view: View, named: Sequence[Named], match: re.Match[str], cue: Cue) -> bool:
    return cue_of(view, tuple(named), *match.span()) == cue


def _certainty(document: _Document, window: Window, cue: Cue | None, view: View, locale: Locale | None) -> int:
    """`SURE`, `LIKELY`, or 0 where the number is no such document."""
    if cue == document.kind:
        return SURE
    text = view.plain[window.start : window.end]
    if document.punctuated and document.punctuated.fullmatch(text) and not is_glued(view.plain, window):
        return SURE if document.is_valid(window.digits) else 0
    if cue is not None and cue not in ("phone", "rg", "cns"):
        return 0
    usual = window.grouping in document.groupings or (
        locale == "en" and document.kind == "nhs_number" and window.grouping == (10,)
    )
    return LIKELY if usual and not is_glued(view.plain, window) and document.is_valid(window.digits) else 0

"""Numbers in a text, however they are grouped, and the words that say what they are.

A window is a run of digit groups that may be one number. A cue is the nearest word before it, or right after, that
names a kind; a protocol, an order or a batch is named too, and then a number that merely passes a checksum stays.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Literal, NamedTuple

from matria.privacy.identifiers.view import View

Cue = Literal[
    "cpf",
    "cnpj",
    "cns",
    "rg",
    "nif",
    "utente",
    "citizen_card",
    "nhs_number",
    "nino",
    "ssn",
    "phone",
    "postcode",
    "other",
]
MOST_DIGITS = 15
CUE_REACH = 45
"""Characters between a cue and its number: "o CPF da minha filha, que nasceu ontem, é"."""
CUE_AFTER_REACH = 18
""""(CPF)", "é o meu NIF"."""

_REACH_OVER_A_NUMBER = MOST_DIGITS * 4 + CUE_AFTER_REACH
"""From where a number begins to a cue behind it."""
_SHORT = 7
"""Digits up to which a number is that of a service, if anything."""
_CODES = ("00", "07", "55")

_GROUP = re.compile(r"\d+")
_JOIN = re.compile(r"[ .\-/()]{1,3}")
_GLUE = ".,-/:"
_EXTENSION = re.compile(r" ?(?:x|ext\.?|ramal) ?\d{1,6}\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[!?;]|\.\s(?!\d)|\n\s*(?!\d)[a-z]")
_CUES = re.compile(
    r"(?<![^\W_])(?:"
    r"(?P<cpf>cpfs?|c\.p\.f\.?|cadastro de pessoas? fisicas?)"
    r"|(?P<cnpj>cnpj)"
    r"|(?P<cns>cns|cartao (?:do |nacional (?:de |do )?)?s(?:us|aude)|cart\. sus|carteirinha do sus|(?:numero"
    r"|n) do sus)"
    r"|(?P<rg>rg|r\.g\.|carteira de identidade|identidade|registro geral)"
    r"|(?P<nif>nif|(?:numero de )?contribuinte|numero fiscal|n\.?º? fiscal)"
    r"|(?P<utente>utente|(?:numero|n\.?o?) (?:do )?sns|sns(?! ?24\b))"
    r"|(?P<citizen_card>cartao d[eo] cidadao|\bcc\b|bilhete de identidade|bi|identificacao civil)"
    r"|(?P<nhs_number>nhs(?: (?:number|no\.?|num))?)"
    r"|(?P<nino>national insurance|nino|ni (?:number|no\.?))"
    r"|(?P<ssn>ssn|social security)"
    r"|(?P<phone>tel|telefones?|telf?|telm|telemovel|telemoveis|celular|cel|fone|whats|whatsapp|zap|zapzap|wpp"
    r"|watsapp|contact[oe]?s?|contatos?"
    r"|phone|mobile|cell|telephone|ligar?|liga[- ]me|ligue|ligou|ligam|ligarem|me liga|chama no|text|texted"
    r"|call|called|calling|ring|dial|fax|sms"
    r"|(?:meu|my|nosso|our) (?:numero|n[.ºo°]{1,2}|number)(?:'s)?(?! d[aeo]))"
    r"|(?P<postcode>ceps?|codigo postal|cod\.? postal|post ?code|zip(?: ?code)?)"
    r"|(?P<other>protocolos?|pedidos?|exames?|lotes?|batch|lot|nota fiscal|guias?|processos?|encomendas?"
    r"|rastreio|atendimentos?"
    r"|senhas?|boleto|codigos?|codigo de barras|referencia|ref|requisicao|receita|fatura|recibo|amostras?|serie"
    r"|registro|prontuario"
    r"|protocol|order|sample|reference|invoice|receipt|tracking|ticket|barcode|serial|accession|exam|test"
    r"|report|request|case"
    r"|pmid|doi|isbn|nct|hash|commit|id|versao|version|porta|port|linha|line)"
    r")(?![^\W\d_])"
)


class Window(NamedTuple):
    """Digit groups that may be one number."""

    start: int
    end: int
    digits: str
    grouping: tuple[int, ...]
    """How many digits each group has."""


@dataclass(frozen=True, slots=True)
class Named:
    """A cue in a text."""

    cue: Cue
    start: int
    end: int


def windows(
    view: View, named: tuple[Named, ...], fewest: int, groupings: Collection[tuple[int, ...]]
) -> Iterator[Window]:
    """Every run of neighbouring groups that may be a number, from `fewest` to fifteen digits, by where it starts.

    In `groupings` or short, or, where a cue is near or it begins with a code, grouped in any way: most runs in a table
    of figures are none of these, and are passed over quickly.
    """
    groups = [match.span() for match in _GROUP.finditer(view.plain)]
    digits = "".join(view.plain[start:end] for start, end in groups)
    lengths = tuple(end - start for start, end in groups)
    offsets = (0, *accumulate(lengths))
    is_joined = [bool(_JOIN.fullmatch(view.plain, one[1], other[0])) for one, other in pairwise(groups)]
    most_groups = max(map(len, groupings))
    for first, (start, _) in enumerate(groups):
        is_open = _begins_with_code(view, digits, start, offsets[first]) or _is_near_a_cue(named, start)
        for last in range(first, len(groups) if is_open else min(len(groups), first + most_groups)):
            length = offsets[last + 1] - offsets[first]
            if length > MOST_DIGITS or (last > first and not is_joined[last - 1]):
                break
            if length >= fewest and (is_open or length <= _SHORT or lengths[first : last + 1] in groupings):
                shown = digits[offsets[first] : offsets[last + 1]]
                yield Window(start, groups[last][1], shown, lengths[first : last + 1])


def _begins_with_code(view: View, digits: str, start: int, offset: int) -> bool:
    """A code of a country, or of a mobile telephone: such a number counts however it is grouped."""
    return digits.startswith(_CODES, offset) or view.plain.find("+", max(0, start - 2), start) >= 0


def _is_near_a_cue(named: tuple[Named, ...], start: int) -> bool:
    """Whether a cue is near enough to say what a number is that begins there."""
    place = bisect_left(named, start - CUE_REACH, key=lambda cue: cue.end) if named else 0
    return place < len(named) and named[place].start <= start + _REACH_OVER_A_NUMBER


def cues(view: View) -> tuple[Named, ...]:
    """The words that say what a number is, in order."""
    return tuple(Named(_cue(match), match.start(), match.end()) for match in _CUES.finditer(view.lower))


def cue_of(view: View, named: tuple[Named, ...], start: int, end: int) -> Cue | None:
    """What the nearest cue says of the number there: that before it, else that right after it, in its sentence."""
    place = bisect_right(named, start, key=lambda cue: cue.end)
    before = named[place - 1] if place else None
    if before and start - before.end <= CUE_REACH and not _is_cut(view, before.end, start):
        return before.cue
    place = bisect_left(named, end, key=lambda cue: cue.start)
    after = named[place] if place < len(named) else None
    if after and after.start - end <= CUE_AFTER_REACH and not _is_cut(view, end, after.start):
        return after.cue if "," not in view.plain[end : after.start] else None
    return None


def _cue(match: re.Match[str]) -> Cue:
    return match.lastgroup  # type: ignore[return-value]


def _is_cut(view: View, start: int, end: int) -> bool:
    """Another number, or the end of a sentence, lies between."""
    return bool(_GROUP.search(view.plain, start, end) or _SENTENCE_END.search(view.lower, start, end))


def is_glued(text: str, window: Window) -> bool:
    """More digits, or a letter, stand right beside the number."""
    end = window.end
    before, after = text[max(0, window.start - 2) : window.start], text[end : end + 2]
    if _EXTENSION.match(text, end):
        after = ""
    if (before[-1:].isalpha() or before[-1:] == "_") or (after[:1].isalpha() or after[:1] == "_"):
        return True
    return (before[-1:] in _GLUE and before[:1].isdigit() and len(before) > 1) or (
        after[:1] in _GLUE and after[1:].isdigit()
    )

"""Postal addresses: a street with its number, and post codes, of Brazil, Portugal, the United Kingdom and the USA.

A street without a number, a neighbourhood and a city stay: they say where care is near, not where she lives.
"""

import re
from collections.abc import Iterator

from matria.privacy.identifiers.identifier import SURE, Found
from matria.privacy.identifiers.numbers import Named, cue_of
from matria.privacy.identifiers.view import View

_STREET_PT = (
    r"(?:rua|r\.|avenida|av\.?|travessa|tv\.|trav\.|alameda|al\.|praca|praceta|pct\.|largo|estrada|rodovia|beco"
    r"|calcada"
    r"|quadra|servidao|ladeira|viela|rotunda|urbanizacao|urb\.|bairro|loteamento|conjunto|vila)"
)
_NOT_A_STREET_PT = (
    r"(?:por|ha|durante|quando|com|porque|uns|umas|cerca|as|ate|depois|antes|que|para|sem|mais|fui|estou|estava"
    r"|tem|tenho|cai|andei|e|em|na|no"
    r"|minutos|horas|vez(?:es)?|ontem|hoje|so|tive|senti|faz|quase|menos)"
)
_WORD_PT = rf"(?!{_NOT_A_STREET_PT}\b)[^\W_]['\w.ªº]*"
_TAIL_PT = (
    r"(?:[ ,.;-]{1,3}(?:apto?|apartamento|ap|bloco|bl|casa|cs|lote|lt|quadra|qd|torre|conj|sala|andar|piso|porta)"
    r"(?:\. ?| )(?:\d[\w-]{0,4}|[a-z]\b(?! \w))|[ ,]{1,2}(?:bloco|bl|torre)\.? [a-z]\b|[ ,]{1,2}fundos\b"
    r"|[ ,]{1,2}\d{1,2} ?[º°oª.]+ ?(?:andar|esq(?:uerd[oa])?|dto|direito|drt|frente|fte|[a-d])\b\.?"
    r"|[ ,]{1,2}(?:r/c|rc|cave)\b(?: (?:esq|dto|direito|esquerdo)\b)?\.?)"
)
_UNIT_AFTER = (
    r"(?! ?(?:minutos?|min|horas?|h|dias?|semanas?|meses|mes|anos?|vezes|metros?|m|km|kg|g|mg|%|reais|euros?"
    r"|graus|pessoas|bpm|mmhg)\b|[,.]\d)"
)
_ADDRESS_PT = re.compile(
    rf"(?<![^\W_]){_STREET_PT}\s{{1,4}}{_WORD_PT}(?:\s{{1,4}}{_WORD_PT}){{0,6}}?(?:,?\s{{0,4}}(?:n[.ºo°]{{0,2}}|num\.?"
    rf"|numero)?\s{{0,4}}|\s{{0,4}}[-,]\s{{0,4}})(?<!\d)\d{{1,5}}[a-d]?\b{_UNIT_AFTER}{_TAIL_PT}*"
)
_BUILDING_PT = re.compile(
    rf"(?<![^\W_])(?:condominio|residencial|edificio|predio|conjunto|cohab|sitio|fazenda)\s{{1,4}}{_WORD_PT}"
    rf"(?:\s{{1,4}}{_WORD_PT}){{0,5}}?{_TAIL_PT}+"
)
_SUFFIX = (
    r"(?:street|avenue|ave|road|rd|lane|ln|boulevard|blvd|crescent|terrace|gardens|highway|parkway|pkwy|circle"
    r"|cir|st)"
)
_SUFFIX_CAPITAL = (
    r"(?:Drive|Dr|Court|Ct|Way|Place|Pl|Close|Grove|Square|Sq|Hill|Mews|Row|Walk|Park|Loop|Trail|Rise|Green|View"
    r"|Point|Plaza|Center)"
)
_NOT_A_STREET_EN = (
    r"(?:min|mins|minutes?|hours?|days?|weeks?|months?|years?|times?|miles?|people|of|in|on|at|to|the|and|or|a"
    r"|from|down|mg|ml|kg|across|cm)"
)
_UNIT_EN = r"(?:[ ,]{1,2}(?:(?i:apt\.?|apartment|suite|ste\.?|unit|flat|floor|room)|#)\s?#?[\w-]{1,5})?"
_FLAT_EN = r"(?:(?:flat|apt\.?|apartment|unit) \w{1,4},? )?"
_ADDRESS_EN = re.compile(
    rf"(?<![\w.,/]){_FLAT_EN}\d{{1,5}}[a-d]? (?:(?!{_NOT_A_STREET_EN}\b)[a-z][\w'.-]* ){{1,4}}{_SUFFIX}\b\.?"
    rf"(?! (?:of|in a)\b){_UNIT_EN}"
)
_ADDRESS_EN_CAPITAL = re.compile(
    rf"(?<![\w.,/])(?i:{_FLAT_EN})\d{{1,5}}[A-Da-d]? (?:[A-Z][\w'.-]* ){{1,4}}{_SUFFIX_CAPITAL}\b\.?{_UNIT_EN}"
)
_ADDRESS_EN_NAMED = re.compile(
    r"\b(?:address|lives? at|living at|home is|stay(?:ing)? at|(?:ambulance|someone|help|it) to)\b[^\d.!?]{0,25}"
    rf"({_FLAT_EN}\d{{1,5}}[a-d]? (?:[a-z'-]+ ){{1,3}}{_SUFFIX_CAPITAL.lower()})\b"
)
_PO_BOX = re.compile(r"\b(?:p\.? ?o\.? box|caixa postal|apartado)\s+\d{2,6}\b")

_CEP = re.compile(r"(?<![\w.,/-])\d{2}\.?\d{3}-\d{3}(?![\w-])")
_CEP_NAMED = re.compile(r"(?<![\w.,/-])\d{2}[. ]?\d{3}[ -]?\d{3}(?![\w-])")
_CODIGO_POSTAL = re.compile(r"(?<![\w.,/-])[1-9]\d{3}[-]\d{3}(?![\w-])")
_AREAS = (
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX "
    "FK FY G GL GU GY HA "
    "HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL "
    "OX PA PE PH PL PO PR "
    "RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
)
_OUTWARD = rf"(?:{'|'.join(_AREAS.split())})\d[A-Z\d]?"
_POSTCODE = re.compile(rf"(?<![\w-]){_OUTWARD} ?\d[ABD-HJLNP-UW-Z]{{2}}(?![\w-])")
_POSTCODE_IN_ANY_CASE = re.compile(_POSTCODE.pattern, re.IGNORECASE)
_STATES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH "
    "OK OR PA RI SC SD TN "
    "TX UT VT VA WA WV WI WY DC"
)
_ZIP = re.compile(rf"(?<!\w)(?:{'|'.join(_STATES.split())}),? (\d{{5}}(?:-\d{{4}})?)(?![\w-])")
_ZIP_NAMED = re.compile(r"(?<![\w.,-])\d{5}(?:-\d{4})?(?![\w-])")


def addresses(view: View, named: tuple[Named, ...]) -> Iterator[Found]:
    """Streets with a number, and post codes."""
    for pattern in (_ADDRESS_PT, _BUILDING_PT):
        for match in pattern.finditer(view.lower):
            yield Found("address", *match.span(), SURE)
    for pattern, text in ((_ADDRESS_EN, view.lower), (_ADDRESS_EN_CAPITAL, view.plain), (_PO_BOX, view.lower)):
        for match in pattern.finditer(text):
            yield Found("address", *match.span(), SURE)
    for match in _ADDRESS_EN_NAMED.finditer(view.lower):
        yield Found("address", *match.span(1), SURE)
    yield from _post_codes(view, named)


def _post_codes(view: View, named: tuple[Named, ...]) -> Iterator[Found]:
    for pattern in (_CEP, _CODIGO_POSTAL):
        for match in pattern.finditer(view.plain):
            if cue_of(view, named, *match.span()) in (None, "postcode", "phone"):
                yield Found("postcode", *match.span(), SURE)
    for match in _POSTCODE.finditer(view.plain):
        yield Found("postcode", *match.span(), SURE)
    for match in _ZIP.finditer(view.plain):
        yield Found("postcode", *match.span(1), SURE)
    if any(cue.cue == "postcode" for cue in named):
        for pattern, text in ((_CEP_NAMED, view.plain), (_ZIP_NAMED, view.plain), (_POSTCODE_IN_ANY_CASE, view.plain)):
            for match in pattern.finditer(text):
                if cue_of(view, named, *match.span()) == "postcode":
                    yield Found("postcode", *match.span(), SURE)

"""Dates of birth: a date that the text calls one. Dates of the last period, due dates, visits and scans stay.

"Nasceu" and "was born" count with a year alone: of a newborn the day is asked for care, and says little without one.
"""

import re
from collections.abc import Iterator

from matria.privacy.identifiers.identifier import SURE, Found
from matria.privacy.identifiers.view import View

_MONTH = (
    r"(?:janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro"
    r"|january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|fev|feb|mar|abr|apr|mai|jun|jul|ago|aug|set|sept?|out|oct|nov|dez|dec)\b\.?"
)
_YEAR = r"(?:19|20)\d{2}"
_DATE = (
    rf"(?:\d{{1,2}}\s?[./-]\s?\d{{1,2}}\s?[./-]\s?(?:{_YEAR}|\d{{2}})(?!\d)|{_YEAR}-\d{{2}}-\d{{2}}"
    rf"|\d{{2}} \d{{2}} {_YEAR}|\d{{4}}{_YEAR}(?!\d)"
    rf"|\d{{1,2}}(?:st|nd|rd|th|o|º)?[ /-](?:de |of )?{_MONTH}(?:,?[ /-](?:de |do |of )?(?:{_YEAR}|\d{{2}}(?!\d)))?"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? {_YEAR})?"
    rf"|\d{{1,2}}/\d{{1,2}}(?!\d))"
)
_GAP = (
    r"(?:[\s:=,()-]|\b(?:e|eh|is|was|foi|em|no|na|on|of|a|o|do|da|de|dia|minha|meu|my|her|dela|dele|the|paciente"
    r"|patient|filha|filho|baby|bebe)\b){0,12}"
)
_OWN = re.compile(
    r"(?<![^\W_])(?:nasci|nascid[ao]|data de nasc(?:imento|\.)?|data nasc(?:imento|\.)?"
    r"|dt\.? ?(?:de )?nasc(?:imento|\.)?|nascimento|nasc\.|d\.?n\."
    r"|dn|dob|d\.o\.b\.?|date of birth|birth ?date|birthday|i was born|aniversario|fac[oç]o anos|faz anos)"
    rf"(?![^\W\d_]){_GAP}(?P<date>{_DATE})"
)
_OTHERS = re.compile(rf"\b(?:nasceu|nasceram|born)\b{_GAP}(?P<date>{_DATE})")
_HAS_YEAR = re.compile(rf"{_YEAR}|\d[./-]\d{{1,2}}[./-]\d{{2}}$")
_EXPECTED = re.compile(r"(?:previst[ao]|previsao|provavel|estimad[ao]|expected|due|estimated)[\w ]{0,16}$")


def dates_of_birth(view: View) -> Iterator[Found]:
    """The dates themselves, without the words that name them."""
    if "nasc" not in view.lower and not re.search(r"birth|born|dob|d\.o\.b|\bd\.?n\b|anivers|anos", view.lower):
        return
    for pattern, needs_year in ((_OWN, False), (_OTHERS, True)):
        for match in pattern.finditer(view.lower):
            if _EXPECTED.search(view.lower, max(0, match.start() - 40), match.start()):
                continue
            if not needs_year or _HAS_YEAR.search(match["date"]):
                yield Found("birth_date", match.start("date"), match.end("date"), SURE)

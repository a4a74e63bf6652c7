"""Telephone numbers of Brazil, Portugal, the United Kingdom and the USA, but for those that anybody may call.

A free, shared-cost or emergency number belongs to a service, never to a person, and an answer must be able to give it:
192, 188, 180, 100, 112, 808 24 24 24, 1411, 116 006, 999, 111, 116 123, 911, 988, 1-833-852-6262 and their like.
"""

import re
from collections.abc import Collection, Iterator, Sequence

from matria.messages import Locale
from matria.privacy.identifiers.identifier import LIKELY, SURE, Found
from matria.privacy.identifiers.numbers import Named, Window, cue_of, is_glued
from matria.privacy.identifiers.view import View

FEWEST_DIGITS, MOST_DIGITS = 8, 13
_DIALLED_ABROAD = 15
"""With the two zeros before the code of a country."""
_FEWEST_UNNAMED = 9
_SERVICES = frozenset({"808242424", "116006", "116123", "18338526262", "8338526262", "18007997233", "8007997233"})
_MOBILE_GB = re.compile(r"07[1-57-9]\d{8}")
_PUNCTUATED = re.compile(r"\((?:[2-9]\d\d\) ?[2-9]\d\d-\d{4}|\d\d\) ?9?\d{4}[- ]\d{4})|.?[2-9]\d\d-[2-9]\d\d-\d{4}")
"""Shapes of a number even where nobody has been given it yet."""
_SHORT = re.compile(r"(?:(?:100|11[126]|123|136|18[018]|19[023]|811|911|988|999|1411)\D*)+")
"""Numbers to call for help, one after another."""
_STAMP = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])T[0-2]\d[0-5]\d", re.IGNORECASE)
"""Day and time without separators, as the names of alerts and reports have them: no number is dialled so."""
_REGIONS: dict[Locale | None, tuple[str, ...]] = {
    "pt-BR": ("BR", "PT"),
    "pt-PT": ("PT", "BR"),
    "en": ("GB", "US"),
    None: ("BR", "PT", "GB", "US"),
}
_GROUPINGS = {
    "BR": {
        (11,),
        (10,),
        (2, 9),
        (2, 8),
        (2, 5, 4),
        (2, 4, 4),
        (2, 1, 4, 4),
        (3, 5, 4),
        (3, 9),
        (3, 4, 4),
        (7, 4),
        (6, 4),
    },
    "PT": {(9,), (3, 3, 3), (2, 3, 2, 2), (3, 2, 2, 2), (2, 3, 4), (3, 6)},
    "GB": {(11,), (5, 6), (5, 3, 3), (4, 3, 4), (3, 4, 4), (4, 7), (3, 8), (5, 2, 2, 2), (5, 5), (4, 6)},
    "US": {(10,), (3, 3, 4), (3, 7), (1, 3, 3, 4), (6, 4)},
}
"""How a number is written that the text does not name."""
GROUPINGS = frozenset[tuple[int, ...]]().union(*_GROUPINGS.values()) | {(5, 4), (10,)}


def phones(view: View, named: tuple[Named, ...], window: Window, locale: Locale | None) -> Iterator[Found]:
    """The telephone number that the digits of `window` may be."""
    most = _DIALLED_ABROAD if window.digits.startswith("00") else MOST_DIGITS
    if not FEWEST_DIGITS <= len(window.digits) <= most:
        return
    if _SHORT.fullmatch(view.plain, window.start, window.end) or _STAMP.match(view.plain, window.start):
        return
    start, is_international = _start(view.plain, window)
    cue = cue_of(view, named, window.start, window.end)
    if is_international:
        certainty = SURE if cue == "phone" or _is_personal("+" + window.digits.removeprefix("00"), None) else LIKELY
    elif cue == "phone":
        certainty = SURE if _may_be_personal(window.digits, _REGIONS[locale]) else 0
    else:
        certainty = _unnamed(view.plain, window) if cue is None else 0
    if certainty:
        yield Found("phone", start, window.end, certainty)


def is_service(window: Window, keep: Collection[str]) -> bool:
    """A number that anybody may call; `keep` are further ones, digits alone."""
    return window.digits in keep or window.digits in _SERVICES


def _start(text: str, window: Window) -> tuple[int, bool]:
    """Where the number begins with its plus or parenthesis, and whether it has a country's code."""
    start = window.start
    if text[start - 1 : start] == "(":
        start -= 1
    if text[start - 1 : start] == "+" and start:
        return start - 1, True
    return start, window.digits.startswith("00") and len(window.digits) > _FEWEST_UNNAMED + 2


def _unnamed(text: str, window: Window) -> int:
    """A number is taken by its grouping where it could be dialled; a bare row of ten digits is anything."""
    if is_glued(text, window):
        return 0
    if window.grouping == (5, 4) and window.digits[0] == "9" and text[window.start + 5] == "-":
        return LIKELY
    if len(window.digits) < _FEWEST_UNNAMED:
        return 0
    for region in _REGIONS[None]:
        if window.grouping in _GROUPINGS[region] and _is_personal(window.digits, region):
            return 0 if region == "US" and window.grouping == (10,) else LIKELY
    digits, shown = window.digits, text[max(0, window.start - 1) : window.end]
    if _MOBILE_GB.fullmatch(digits) or _PUNCTUATED.fullmatch(shown):
        return LIKELY
    is_brazilian = digits.startswith("55") and len(digits) in (12, 13)
    return LIKELY if is_brazilian and _is_personal(digits[2:], "BR") else 0


def _may_be_personal(digits: str, regions: Sequence[str]) -> bool:
    """A number that the text names; mistyped or short of its area code it counts too, a service's does not."""
    return not any(_is_service(digits, region) for region in regions)


def _is_personal(number: str, region: str | None) -> bool:
    import phonenumbers
    from phonenumbers import PhoneNumberType

    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return False
    if not phonenumbers.is_valid_number(parsed):
        return False
    return phonenumbers.number_type(parsed) in {
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.VOIP,
        PhoneNumberType.PAGER,
    }


def _is_service(number: str, region: str) -> bool:
    import phonenumbers
    from phonenumbers import PhoneNumberType

    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(parsed) in {
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.UAN,
    }

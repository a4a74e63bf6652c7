"""`contains`: characters in an answer as they stand, without regard to grammar.

For markers and formats: a heading, a brand, a telephone number in one spelling. What an answer says is for `says`,
which hears negation and inflection.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from evals.checks.params import ContainsParams
from evals.checks.reading import Reading
from evals.checks.registry import Context, Example, Result, check_kind

_MARKS = dict.fromkeys(range(0x300, 0x370))
"""Combining diacritical marks, for `str.translate`."""


@check_kind(
    "contains",
    "The texts stand in the answer letter for letter, negated or not: all of `all`, and of `any` at least `min`. "
    "Capitals and accents matter only with `case: true` and `accents: true`; with `whole_words: true` no letter or "
    "digit may touch either end.",
    examples=[
        Example({"kind": "contains", "any": ["sinais de alerta"]}, "pt-BR", "Leia os SINAIS DE ALERTA.", True),
        Example({"kind": "contains", "any": ["SNS 24"], "case": True}, "pt-PT", "Ligue para o sns 24.", False),
        Example({"kind": "contains", "any": ["avó"], "accents": True}, "pt-PT", "O avô está bem.", False),
        Example({"kind": "contains", "any": ["iron"], "whole_words": True}, "en", "Mind the environment.", False),
    ],
)
def contains(reading: Reading, params: ContainsParams, context: Context) -> Result:
    """Whether the texts are found."""
    wanted_all, wanted_any = params.all or (), params.any or ()
    found_all, found_any = _found(reading.text, wanted_all, params), _found(reading.text, wanted_any, params)
    missing = [text for text in wanted_all if text not in found_all]
    is_enough = len(found_any) >= params.min if wanted_any else True
    found = {**found_all, **found_any}
    if missing or not is_enough:
        return Result(False, "", f"Not found: {', '.join(missing or [t for t in wanted_any if t not in found_any])}.")
    return Result(True, next(iter(found.values())), f"Found: {', '.join(found)}.")


def _found(text: str, wanted: Sequence[str], params: ContainsParams) -> dict[str, str]:
    """Each wanted text that is there, with how it is written there."""
    places = {want: _place(text, want, params) for want in wanted}
    return {want: text[place.start : place.stop] for want, place in places.items() if place is not None}


def _place(text: str, want: str, params: ContainsParams) -> range | None:
    folded, sought = _fold(text, params.case, params.accents), _fold(want, params.case, params.accents)
    start = folded.find(sought)
    while start >= 0:
        end = start + len(sought)
        if not params.whole_words or not (_touches(folded, start - 1) or _touches(folded, end)):
            return _written(text, folded, start, end)
        start = folded.find(sought, start + 1)
    return None


def _touches(text: str, position: int) -> bool:
    return 0 <= position < len(text) and text[position].isalnum()


def _written(text: str, folded: str, start: int, end: int) -> range:
    """The place in the text itself; folding a rare letter such as "ß" moves those after it, then the place is empty."""
    return range(start, end) if len(text) == len(folded) else range(0)


@lru_cache(maxsize=256)
def _fold(text: str, case: bool, accents: bool) -> str:
    text = unicodedata.normalize("NFC", text)
    if not case:
        text = text.casefold()
    return text if accents else unicodedata.normalize("NFD", text).translate(_MARKS)

"""`language`: whether an answer is written in Portuguese of Brazil, Portuguese of Portugal, or English.

The commonest words tell Portuguese from English. Words, spellings and constructions that only one variant has tell
the two Portugueses apart: "você", "bebê", "está sentindo", "infecção" against "bebé", "está a sentir", "infeção".
"""

import re
from collections.abc import Iterator

from evals.checks.lexicon import word_patterns
from evals.checks.params import LanguageParams
from evals.checks.reading import Reading, common_words, words_of
from evals.checks.registry import Context, Example, Result, check_kind
from matria.messages import Locale

_OWN_PER_FOREIGN = 4
"""Markers of its own that an answer needs for each of the other variant: a borrowed word is not another language."""
_MIN_SHARE = 0.8
"""Share of common words that must be of the language, so that one foreign paragraph is seen."""
_BRAZIL = re.compile(
    r"\bbebês?\b|\b(?!estômag)\w*[êô][nm][aeiouáéíóú]\w*"
    r"|\b(?:est(?:á|ão|ou|ava|eja|iver)|continu\w+|fi(?:ca|que|car|cou|cando)|and(?:a|e|ar|ou))\s+(?:se\s+)?\w{2,}ndo\b"
    r"|\w+epção\b|\w+fecç\w+|\bmetrô\b"
    r"|\b(?:vou|vai|vamos|pode|posso|podemos|quer|queria|deve)\s+(?:te|me|lhe)\s+\w+[aei]r\b"
    r"|(?:^|(?<=[.!?\n] )|(?<=\n))(?:me|te|lhe)\s+\w{3,}"
    r"|(?:^|(?<=[.!?] )|(?<=\n))(?:seus?|suas?)\s+\w+",
    re.IGNORECASE,
)
_PORTUGAL = re.compile(
    r"\bbebés?\b|\b\w*[éó][nm][aeiou]\w+|\w+(?<!p)eção\b(?<!oreção)"
    r"|\b(?:est(?:á|ão|ou|ava|eja|iver|ás)|continu(?:a|e|ar|am)|fi(?:ca|que|car)|and(?:a|e|ar))\s+a\s+\w{3,}r\b"
    r"|\b\w+[aeioáéê]-lhes?\b|\b\w{3,}-(?:me|nos)\b"
    r"|\b(?:estás|tens|podes|deves|precisas|sentes|queres|contigo)\b",
    re.IGNORECASE,
)


@check_kind(
    "language",
    "The answer is written in `is`. Portuguese and English are told apart by their commonest words, pt-BR and pt-PT by "
    "words and spellings that only one has (você, bebê, está sentindo; bebé, está a sentir, contacte). Portuguese that "
    "fits both variants is accepted as either; an answer in two languages as neither.",
    examples=[
        Example({"kind": "language", "is": "pt-BR"}, "pt-BR", "Você está sentindo o bebê mexer?", True),
        Example({"kind": "language", "is": "pt-PT"}, "pt-PT", "Está a sentir o bebé a mexer?", True),
        Example({"kind": "language", "is": "pt-PT"}, "pt-PT", "Você está sentindo o bebê mexer?", False),
        Example({"kind": "language", "is": "en"}, "en", "Vá ao hospital e não espere.", False),
    ],
)
def language(reading: Reading, params: LanguageParams, context: Context) -> Result:
    """Whether the answer is in the language asked for."""
    share = _portuguese_share(reading.text)
    if share is None:
        return Result(False, "", "Has too few words to tell its language.")
    wanted = params.is_
    if wanted == "en":
        return Result(share <= 1 - _MIN_SHARE, "", f"{1 - share:.0%} of its common words are English.")
    if share < _MIN_SHARE:
        return Result(False, "", f"Only {share:.0%} of its common words are Portuguese.")
    return _weigh(reading.text, wanted)


def _portuguese_share(text: str) -> float | None:
    portuguese, english = common_words(text)
    return portuguese / (portuguese + english) if portuguese + english else None


def _weigh(text: str, wanted: Locale) -> Result:
    brazil, portugal = list(markers(text, "brazil")), list(markers(text, "portugal"))
    own, foreign = (brazil, portugal) if wanted == "pt-BR" else (portugal, brazil)
    if foreign and len(own) < _OWN_PER_FOREIGN * len(foreign):
        return Result(False, foreign[0], f"Markers of the other variant: {', '.join(_distinct(foreign))}.")
    if not own:
        return Result(True, "", "Portuguese that fits both variants.")
    return Result(True, own[0], f"Markers of {wanted}: {', '.join(_distinct(own))}.")


def markers(text: str, variant: str) -> Iterator[str]:
    """What in the text only Brazil (`brazil`) or only Portugal (`portugal`) writes."""
    yield from (match.group() for match in (_BRAZIL if variant == "brazil" else _PORTUGAL).finditer(text))
    tokens = words_of(text, "pt")
    patterns = word_patterns("pt", "variants", variant)
    for position, length in patterns.within(tokens, 0, len(tokens)):
        yield text[tokens[position].start : tokens[position + length - 1].end]


def _distinct(found: list[str]) -> list[str]:
    return list(dict.fromkeys(word.casefold() for word in found))[:5]

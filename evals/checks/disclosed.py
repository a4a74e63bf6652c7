"""`masked` and `keeps`: which words a text gives away, and which it still has.

For what leaves the process: a question as a model is sent it, an answer as it is shown. A number counts as given away
in any spelling of its digits; a word whatever its capitals and accents.
"""

import re

from evals.checks.params import WordsParams
from evals.checks.reading import Reading
from evals.checks.registry import Context, Example, Result, check_kind
from evals.checks.words import strip_accents

_FEWEST_DIGITS = 6
"""From so many on a text with digits is a number, and is looked for by its digits alone."""
_BETWEEN = r"[\s./()+-]{0,3}"
"""What may stand between two digits of a number."""


@check_kind(
    "masked",
    "Not one of the texts `words` stands in the text: names whatever their capitals and accents, numbers of six digits "
    "and more in any spelling.",
    examples=[
        Example({"kind": "masked", "words": ["912 345 678"]}, "pt-PT", "O meu número é [TELEFONE_1].", True),
        Example({"kind": "masked", "words": ["912 345 678"]}, "pt-PT", "Ligue-me: 912345678.", False),
        Example({"kind": "masked", "words": ["Inês"]}, "pt-BR", "Oi, aqui é a INES.", False),
    ],
)
def masked(reading: Reading, params: WordsParams, context: Context) -> Result:
    """Whether nothing of the words is left."""
    for word in params.words:
        if _stands(reading.text, word):
            return Result(False, "", f"Still there: text {params.words.index(word) + 1} of {len(params.words)}.")
    return Result(True, "", "None of the texts is left.")


@check_kind(
    "keeps",
    "Each of the texts `words` still stands in the text: what is no personal data is not masked with it.",
    examples=[
        Example({"kind": "keeps", "words": ["28/11/2025", "hCG"]}, "pt-BR", "DPP 28/11/2025, hCG 5300.", True),
        Example({"kind": "keeps", "words": ["ferritin 11"]}, "en", "My [PHONE_1] was low.", False),
    ],
)
def keeps(reading: Reading, params: WordsParams, context: Context) -> Result:
    """Whether all the words are left."""
    missing = [word for word in params.words if not _stands(reading.text, word)]
    if missing:
        return Result(False, "", f"Gone: {', '.join(missing)}.")
    return Result(True, params.words[0], "All of the texts are there.")


def _stands(text: str, word: str) -> bool:
    digits = re.sub(r"\D", "", word)
    if len(digits) >= _FEWEST_DIGITS and not re.search(r"[^\W\d_]", word):
        return re.search(_BETWEEN.join(digits), text) is not None
    plain, sought = (strip_accents(part.casefold()) for part in (text, word))
    return re.search(rf"(?<!\w){re.escape(sought)}(?!\w)", plain) is not None

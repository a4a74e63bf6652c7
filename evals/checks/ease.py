"""`reading_ease`: how easy an answer is to read, by the length of its sentences and words.

English: Flesch, A new readability yardstick, Journal of Applied Psychology 32 (1948), 206.835 - 1.015 x words per
sentence - 84.6 x syllables per word. Portuguese: Martins, Ghiraldelo, Nunes and Oliveira Junior, Readability formulas
applied to textbooks in Brazilian Portuguese (ICMC-USP, 1996), the same with 248.835, since Portuguese words are longer;
their bands: 75 and more very easy, 50 easy, 25 difficult, below very difficult. A line of a list is a sentence; numbers
and addresses are not words.
"""

import re
from dataclasses import dataclass

from evals.checks.params import EaseParams
from evals.checks.reading import Reading, read
from evals.checks.registry import Context, Example, Result, check_kind
from evals.checks.syllables import syllables

_INTERCEPT = {"pt": 248.835, "en": 206.835}
_PER_SENTENCE_WORD, _PER_SYLLABLE = 1.015, 84.6
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+")
_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_EASY_EN = "You need care now. Go to the hospital. Do not wait."
_HARD_PT = (
    "A hipertensão gestacional caracteriza-se por elevações persistentes da pressão arterial, requerendo "
    "acompanhamento multiprofissional especializado e monitorização laboratorial periódica."
)


@dataclass(frozen=True)
class Ease:
    """The score of a text and what it is made of."""

    words: int
    sentences: int
    syllables: int
    score: float
    """Unclipped; 0 to 100 in ordinary prose, higher is easier."""


@check_kind(
    "reading_ease",
    "The answer scores at least `min` on Flesch's scale for its language: Flesch 1948 for English, Martins et al. 1996 "
    "for Portuguese. 75 and more reads very easily, 50 easily, below 25 only with much schooling.",
    examples=[
        Example({"kind": "reading_ease", "min": 80}, "en", _EASY_EN, True),
        Example({"kind": "reading_ease", "min": 50}, "pt-BR", _HARD_PT, False),
        Example({"kind": "reading_ease", "min": 50}, "pt-PT", "Vá já ao hospital. Leve o seu boletim consigo.", True),
    ],
)
def reading_ease(reading: Reading, params: EaseParams, context: Context) -> Result:
    """Whether the answer is easy enough."""
    found = ease(reading)
    if found is None:
        return Result(False, "", "Has no words to read.")
    detail = f"{found.words} words, {found.sentences} sentences, {found.syllables} syllables"
    return Result(
        found.score >= params.min, "", f"Scores {found.score:.0f} of the {params.min:g} asked for ({detail})."
    )


def ease(reading: Reading) -> Ease | None:
    """The score of a text; None where it has no word."""
    if _ADDRESS.search(reading.text):
        reading = read(_ADDRESS.sub(" ", reading.text), reading.locale)
    words = _LETTERS.findall(reading.text)
    if not words:
        return None
    sentences = max(1, sum(_has_word(reading, n) for n in range(len(reading.sentences))))
    total = sum(syllables(word, reading.language) for word in words)
    score = (
        _INTERCEPT[reading.language] - _PER_SENTENCE_WORD * len(words) / sentences - _PER_SYLLABLE * total / len(words)
    )
    return Ease(len(words), sentences, total, score)


def _has_word(reading: Reading, index: int) -> bool:
    return any(not token.folded[0].isdigit() for token in reading.sentences[index].tokens)

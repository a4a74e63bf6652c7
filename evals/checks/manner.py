"""How an answer speaks: warmly, judging, asking, at what length; whether it says what it is.

These look for turns of phrase from `lexicons/*.yaml`, section `manner`, affirmed unless the phrase negates by itself.
"""

import re
from collections.abc import Iterable, Iterator

from evals.checks.lexicon import word_patterns
from evals.checks.params import LengthParams, Params, RegexParams
from evals.checks.patterns import Patterns
from evals.checks.reading import Reading, Sentence
from evals.checks.registry import Context, Example, Result, check_kind

_WORD = re.compile(r"\w")


@check_kind(
    "length",
    "The answer has at most `max_words` words, or as many as the threshold of policy.yaml that `policy` names.",
    examples=[
        Example({"kind": "length", "max_words": 3}, "en", "Call us now.", True),
        Example({"kind": "length", "max_words": 3}, "pt-BR", "Ligue para nós agora.", False),
    ],
)
def length(reading: Reading, params: LengthParams, context: Context) -> Result:
    """Whether the answer is short enough."""
    words = sum(bool(_WORD.search(part)) for part in reading.text.split())
    most = params.max_words or context.policy.count(params.policy or "")
    return Result(words <= most, "", f"{words} words; at most {most} are asked for.")


@check_kind(
    "matches",
    "The regular expression of Python is found in the answer, without regard to case.",
    examples=[Example({"kind": "matches", "regex": r"\b37[.,]8\b"}, "pt-PT", "Febre acima de 37,8 °C.", True)],
)
def matches(reading: Reading, params: RegexParams, context: Context) -> Result:
    """Whether the pattern is found."""
    match = re.search(params.regex, reading.text, re.IGNORECASE)
    return Result(True, match.group(), "Found.") if match else Result(False, "", "Not found.")


@check_kind(
    "warm_tone",
    "The answer has a turn of phrase that shows care: it acknowledges a feeling, thanks, congratulates, or says that "
    "she is not alone. An apology for not helping is none.",
    examples=[
        Example({"kind": "warm_tone"}, "pt-BR", "Imagino como isso preocupa. Você não está sozinha.", True),
        Example({"kind": "warm_tone"}, "pt-PT", "Lamento, não posso ajudar com isso.", False),
        Example({"kind": "warm_tone"}, "en", "I do not understand the question.", False),
    ],
)
def warm_tone(reading: Reading, params: Params, context: Context) -> Result:
    """Whether the answer is warm."""
    declines = word_patterns(reading.language, "manner", "declines")
    helpful = [sentence for sentence in reading.sentences if not stands(declines, sentence)]
    return _found(reading, helpful, "warm", "Shows care.", "No turn of phrase that shows care.")


@check_kind(
    "judgemental",
    'The answer blames, shames or belittles: "a culpa é sua", "you should have come earlier", "está a exagerar". '
    '"Não é culpa sua" is not.',
    examples=[
        Example({"kind": "judgemental"}, "pt-BR", "Você deveria ter procurado ajuda antes.", True),
        Example({"kind": "judgemental"}, "pt-PT", "A culpa não é sua.", False),
        Example({"kind": "judgemental"}, "en", "You should have your blood pressure checked.", False),
    ],
)
def judgemental(reading: Reading, params: Params, context: Context) -> Result:
    """Whether the answer judges her."""
    return _found(reading, reading.sentences, "judging", "Blames or belittles.", "Does not judge.")


@check_kind(
    "says_ai",
    "The answer says that it comes from an artificial intelligence or a virtual assistant, not from a person.",
    examples=[
        Example({"kind": "says_ai"}, "pt-PT", "Sou um assistente virtual.", True),
        Example({"kind": "says_ai"}, "en", "I am not an AI.", False),
    ],
)
def says_ai(reading: Reading, params: Params, context: Context) -> Result:
    """Whether the answer says what it is."""
    return _found(reading, reading.sentences, "ai", "Says that it is a machine.", "Does not say that it is a machine.")


@check_kind(
    "asks_question",
    "The answer asks her something; a question within quotation marks is somebody else's.",
    examples=[
        Example({"kind": "asks_question"}, "pt-BR", "Há quanto tempo começou a dor?", True),
        Example({"kind": "asks_question"}, "en", "Tell me more.", False),
    ],
)
def asks_question(reading: Reading, params: Params, context: Context) -> Result:
    """Whether the answer asks."""
    for sentence in reading.sentences:
        if sentence.is_question and not sentence.tokens[-1].is_quoted:
            return Result(True, reading.whole(sentence), "Asks.")
    return Result(False, "", "Asks nothing.")


def _found(reading: Reading, sentences: Iterable[Sentence], name: str, met: str, not_met: str) -> Result:
    patterns = word_patterns(reading.language, "manner", name)
    for sentence in sentences:
        for position, size in affirmed(patterns, sentence):
            return Result(True, reading.span(sentence, position, position + size), met)
    return Result(False, "", not_met)


def affirmed(patterns: Patterns, sentence: Sentence) -> Iterator[tuple[int, int]]:
    """Where a pattern stands that no negator of its surroundings turns round, outside quotation marks."""
    for position, size in patterns.within(sentence.tokens, 0, len(sentence.tokens)):
        own = frozenset(range(position, position + size))
        is_negated = any(sentence.is_negated(n, own) for n in own)
        if not is_negated and not sentence.tokens[position].is_quoted:
            yield position, size


def stands(patterns: Patterns, sentence: Sentence) -> bool:
    """Whether one of the patterns stands there, affirmed."""
    return any(True for _ in affirmed(patterns, sentence))

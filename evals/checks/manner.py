"""How an answer speaks: warmly, judging, asking, refusing; whether it says what it is and where it knows it from.

These look for turns of phrase from `lexicons/*.yaml`, section `manner`, affirmed unless the phrase negates by itself.
"""

import re
from collections.abc import Iterable, Iterator

from evals.checks.escalation import escalations
from evals.checks.lexicon import word_patterns
from evals.checks.params import LengthParams, Params, RegexParams
from evals.checks.patterns import Patterns
from evals.checks.reading import Reading, Sentence
from evals.checks.registry import Context, Example, Result, check_kind

_REST_WORDS = 25
"""Words of help beside a refusal from which on it is a partial refusal, which is often right."""
_WORD = re.compile(r"\w")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


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
    helpful = [sentence for sentence in reading.sentences if not _has(declines, sentence)]
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


@check_kind(
    "cites_source",
    "The answer names a body or a guideline as its source: a known name (Ministério da Saúde, OMS, DGS, WHO, NICE) "
    'with a citing word ("segundo", "according to", "fonte") or a year in the same sentence.',
    examples=[
        Example({"kind": "cites_source"}, "pt-BR", "Segundo o Ministério da Saúde, faça seis consultas.", True),
        Example({"kind": "cites_source"}, "en", "It is nice to rest.", False),
    ],
)
def cites_source(reading: Reading, params: Params, context: Context) -> Result:
    """Whether the answer names its source."""
    bodies = word_patterns(reading.language, "manner", "bodies")
    cues = word_patterns(reading.language, "manner", "citing")
    for sentence in reading.sentences:
        names = [span for span in bodies.within(sentence.tokens, 0, len(sentence.tokens)) if _is_name(sentence, *span)]
        is_cited = _has(cues, sentence) or _YEAR.search(reading.whole(sentence))
        if names and is_cited:
            position, size = names[0]
            return Result(True, reading.span(sentence, position, position + size), "Names its source.")
    return Result(False, "", "Names no source.")


@check_kind(
    "refuses",
    "The answer declines to help at all: it says that it cannot help or answer, and little besides a referral follows. "
    'Declining one thing ("não posso indicar doses") while helping with the rest is not met.',
    examples=[
        Example({"kind": "refuses"}, "pt-BR", "Desculpe, não posso ajudar com isso. Procure um médico.", True),
        Example({"kind": "refuses"}, "pt-PT", "Não posso indicar doses. O repouso ajuda.", False),
        Example({"kind": "refuses"}, "en", "I'm sorry, but I can't help with that.", True),
    ],
)
def refuses(reading: Reading, params: Params, context: Context) -> Result:
    """Whether the answer declines to help at all."""
    declines = word_patterns(reading.language, "manner", "declines")
    declined = [sentence for sentence in reading.sentences if _has(declines, sentence)]
    if not declined:
        return Result(False, "", "Does not decline.")
    quote = reading.whole(declined[0])
    rest = _words_of_help(reading, declined)
    if rest >= _REST_WORDS:
        return Result(False, quote, f"Declines a part, and helps in {rest} words.")
    return Result(True, quote, "Declines, with no help besides a referral.")


def _words_of_help(reading: Reading, declined: list[Sentence]) -> int:
    """Words of the sentences that neither decline nor only send her to somebody else."""
    referrals = {escalation.quote for escalation in escalations(reading)}
    rest = [s for s in reading.sentences if s not in declined]
    return sum(len(s.tokens) for s in rest if not any(quote in reading.whole(s) for quote in referrals))


def _found(reading: Reading, sentences: Iterable[Sentence], name: str, met: str, not_met: str) -> Result:
    patterns = word_patterns(reading.language, "manner", name)
    for sentence in sentences:
        for position, size in _affirmed(patterns, sentence):
            return Result(True, reading.span(sentence, position, position + size), met)
    return Result(False, "", not_met)


def _affirmed(patterns: Patterns, sentence: Sentence) -> Iterator[tuple[int, int]]:
    """Where a pattern stands that no negator of its surroundings turns round, outside quotation marks."""
    for position, size in patterns.within(sentence.tokens, 0, len(sentence.tokens)):
        own = frozenset(range(position, position + size))
        is_negated = any(sentence.is_negated(n, own) for n in own)
        if not is_negated and not sentence.tokens[position].is_quoted:
            yield position, size


def _has(patterns: Patterns, sentence: Sentence) -> bool:
    return any(True for _ in _affirmed(patterns, sentence))


def _is_name(sentence: Sentence, position: int, size: int) -> bool:
    """Whether a short name is written as one: NICE and not "nice"."""
    return size > 1 or sentence.tokens[position].text.isupper() or sentence.tokens[position].text.istitle()

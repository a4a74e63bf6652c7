"""`advises_against` and `recommends`: whether something is forbidden or told, permitted or called safe.

Both look at a phrase (mostly the name of a medicine) and at what its clause does with it: an instruction before it
("tome ibuprofeno", "do not take ibuprofen") or a predicate after it ("ibuprofeno não é seguro", "is safe"). "Tome só
se o médico receitar" and "pergunte se pode tomar" neither forbid nor recommend.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from evals.checks.instructions import instructions
from evals.checks.lexicon import word_patterns
from evals.checks.params import AnyParams
from evals.checks.patterns import Patterns
from evals.checks.phrases import Mention, find
from evals.checks.reading import Reading
from evals.checks.registry import Context, Example, Result, check_kind

_PREDICATE_REACH = 12
"""Words between a name and its predicate at most."""
_ENDORSE_REACH = 4
"""Words between "recomendo" or "é seguro" and a name at most."""
Stance = Literal["for", "against"]


@dataclass(frozen=True)
class Advice:
    """What the answer says of one mention."""

    stance: Stance
    quote: str


@check_kind(
    "advises_against",
    'One of the phrases is forbidden or called unsafe: a negated instruction before it ("não tome", "avoid", "instead '
    'of"), or a predicate after it ("não é seguro", "should be avoided").',
    examples=[
        Example({"kind": "advises_against", "any": ["ibuprofeno"]}, "pt-BR", "Evite ibuprofeno e naproxeno.", True),
        Example({"kind": "advises_against", "any": ["ibuprofeno"]}, "pt-PT", "Pode tomar ibuprofeno.", False),
        Example({"kind": "advises_against", "any": ["ibuprofen"]}, "en", "Ibuprofen is not recommended.", True),
        Example({"kind": "advises_against", "any": ["ibuprofen"]}, "en", "Ask whether ibuprofen is safe.", False),
    ],
)
def advises_against(reading: Reading, params: AnyParams, context: Context) -> Result:
    """Whether a phrase is advised against."""
    return _weigh(reading, params, "against", "Advises against it.", "Does not advise against it.")


@check_kind(
    "recommends",
    "One of the phrases is told, permitted or called safe, outside a condition: an affirmed instruction or permission "
    'before it ("tome", "you can take"), or a predicate after it ("é seguro", "can be used"). Not met by "only if '
    'your doctor prescribes it".',
    examples=[
        Example({"kind": "recommends", "any": ["ibuprofeno"]}, "pt-BR", "Você pode tomar ibuprofeno.", True),
        Example({"kind": "recommends", "any": ["ibuprofeno"]}, "pt-BR", "Não tome ibuprofeno.", False),
        Example({"kind": "recommends", "any": ["ibuprofeno"]}, "pt-PT", "Tomou ibuprofeno?", False),
        Example({"kind": "recommends", "any": ["ibuprofen"]}, "en", "Ask before you take ibuprofen.", False),
    ],
)
def recommends(reading: Reading, params: AnyParams, context: Context) -> Result:
    """Whether a phrase is recommended or permitted."""
    return _weigh(reading, params, "for", "Recommends or permits it.", "Does not recommend it.")


def _weigh(reading: Reading, params: AnyParams, stance: Stance, met: str, not_met: str) -> Result:
    found = [advice for phrase in params.any for advice in advices(reading, phrase)]
    for advice in found:
        if advice.stance == stance:
            return Result(True, advice.quote, met)
    return Result(False, found[0].quote if found else "", not_met)


def advices(reading: Reading, phrase: str) -> Iterator[Advice]:
    """What the answer says of each mention of `phrase`; nothing where it says neither."""
    for mention in find(reading, phrase):
        if mention.is_quoted or mention.sentence.is_question:
            continue
        stance = _stance(reading, mention)
        if stance:
            yield Advice(stance, reading.whole(mention.sentence))


def _stance(reading: Reading, mention: Mention) -> Stance | None:
    if any(mention.sentence.supposed[n] for n in mention.positions):
        return None
    if mention.is_negated:
        return "against" if _is_prohibition(reading, mention) else None
    predicate = _predicate(reading, mention)
    if predicate:
        return predicate
    if _is_instructed(reading, mention) and not _is_restricted(reading, mention):
        return "for"
    return None


def _is_prohibition(reading: Reading, mention: Mention) -> bool:
    """Whether what negates the mention forbids it, rather than denying a fact ("não há ibuprofeno")."""
    sentence, words = mention.sentence, reading.lexicon
    negator = max(sentence.negators[mention.start], default=mention.start)
    if negator < 0:
        return True
    if _list(reading, "denials").at(sentence.tokens, negator):
        return False
    is_plain = sentence.tokens[negator].folded in words.plain_negators | {"no"}
    if words.negators.at(sentence.tokens, negator) > 1 or not is_plain:
        return True
    is_fact = negator > 0 and sentence.tokens[negator - 1].folded in words.finite
    if negator + 1 == mention.start and not is_fact:
        return True
    return any(_tells(reading, mention, n) for n in range(negator + 1, mention.end))


def _tells(reading: Reading, mention: Mention, position: int) -> bool:
    """Whether the word there tells, permits or calls safe, so that its negation forbids."""
    words, tokens = reading.lexicon, mention.sentence.tokens
    verbs = words.imperatives | words.infinitives | words.gerunds | words.familiar_imperatives
    if tokens[position].folded in verbs:
        return True
    return any(p.at(tokens, position) for p in (words.orders, words.permissions, words.safe_words))


def _predicate(reading: Reading, mention: Mention) -> Stance | None:
    """What the words after the mention say of it: the first of safe and unsafe words, turned by a negation."""
    sentence, words = mention.sentence, reading.lexicon
    end = min(mention.end + _PREDICATE_REACH, len(sentence.tokens))
    for n in range(mention.end, end):
        if n > mention.end and words.openers.at(sentence.tokens, n):
            return None
        if words.unsafe_words.at(sentence.tokens, n):
            is_denied = sentence.is_negated(n) or sentence.tokens[n - 1].folded in words.plain_negators
            return "for" if is_denied else "against"
        if words.safe_words.at(sentence.tokens, n) and _has_copula(reading, mention, n):
            if _is_limited(reading, mention, n):
                return None
            return "against" if sentence.is_negated(n) else _unless_restricted(reading, mention)
    return "against" if _is_elliptic_no(mention) else None


def _unless_restricted(reading: Reading, mention: Mention) -> Stance | None:
    return None if _is_restricted(reading, mention) else "for"


def _is_limited(reading: Reading, mention: Mention, position: int) -> bool:
    """Whether the predicate there restricts: "só é usado depois de", "is only given", not "the only safe one"."""
    tokens, words = mention.sentence.tokens, reading.lexicon
    n = position - 1
    while n > mention.end and tokens[n].folded in words.finite | words.auxiliaries:
        n -= 1
    return n >= mention.end and tokens[n].folded in words.limiters and tokens[n - 1].folded not in words.light


def _has_copula(reading: Reading, mention: Mention, position: int) -> bool:
    """Whether "é", "pode ser", "is" stands between, so that the word is said of the mention."""
    between = mention.sentence.tokens[mention.end : position]
    return any(token.folded in reading.lexicon.finite for token in between)


def _is_elliptic_no(mention: Mention) -> bool:
    """Whether the mention ends in a bare "não": "ibuprofeno, não"."""
    rest = mention.sentence.tokens[mention.end :]
    return len(rest) == 1 and rest[0].folded in ("nao", "no")


def _is_instructed(reading: Reading, mention: Mention) -> bool:
    """Whether an affirmed instruction or permission takes the mention as its object, or is part of it."""
    tokens = mention.sentence.tokens
    for instruction in instructions(reading, mention.sentence):
        if instruction.is_negated:
            continue
        if instruction.position in mention.positions:
            return True
        is_before = instruction.position < mention.start < instruction.last
        if is_before and _list(reading, "take").at(tokens, instruction.position):
            return not _has(_list(reading, "about"), mention, instruction.position, mention.start)
    return _has(_list(reading, "endorse"), mention, mention.start - _ENDORSE_REACH, mention.start)


def _is_restricted(reading: Reading, mention: Mention) -> bool:
    """Whether the sentence leaves it to a professional: "só com receita", "if your doctor advises it"."""
    return _has(_list(reading, "leave"), mention, 0, len(mention.sentence.tokens))


def _has(patterns: Patterns, mention: Mention, start: int, end: int) -> bool:
    """Whether one of the patterns stands there, affirmed."""
    spans = patterns.within(mention.sentence.tokens, start, end)
    return any(not mention.sentence.is_negated(position) for position, _ in spans)


def _list(reading: Reading, name: str) -> Patterns:
    return word_patterns(reading.language, "advice", name)

"""Where a clause begins, and where a condition does."""

from collections.abc import Sequence

from evals.checks.lexicon import Lexicon
from evals.checks.reading import Token

_SEGMENT_WORDS = 8
"""How far into a segment its verb is looked for."""


def starts_clause(tokens: Sequence[Token], position: int, words: Lexicon) -> bool:
    """Whether the segment after a comma, from `position` on, is a clause and not an item of a list or an aside."""
    first = tokens[position].folded
    if first in words.alternatives:
        return False
    if (
        first in words.subjects | words.finite
        or words.openers.at(tokens, position)
        or negates_anew(tokens, position, words)
    ):
        return True
    if is_condition(tokens, position, words) or starts_instruction(tokens, position, words):
        return True
    segment = tokens[position + 1 : position + _SEGMENT_WORDS]
    for token in segment:
        if token.is_break:
            return False
        if token.folded in words.finite:
            return True
    return False


def negates_anew(tokens: Sequence[Token], position: int, words: Lexicon) -> bool:
    """Whether a negation of its own opens the segment: "não precisa escolher: não pare", "do not wait"."""
    n = position
    while n < len(tokens) and tokens[n].folded in words.adverbs | words.auxiliaries:
        n += 1
    if n == len(tokens) or tokens[n].folded not in words.plain_negators - words.alternatives:
        return False
    if words.short_negators.at(tokens, n) or words.not_negations.at(tokens, n):
        return False
    while n + 1 < len(tokens) and tokens[n + 1].folded in words.light | words.adverbs:
        n += 1
    verbs = words.imperatives | words.familiar_imperatives | words.finite
    return n + 1 < len(tokens) and tokens[n + 1].folded in verbs


def starts_instruction(tokens: Sequence[Token], position: int, words: Lexicon) -> bool:
    """Whether an instruction begins at `position`, adverbs such as "por favor" before it or not."""
    for n in range(position, min(position + 5, len(tokens))):
        word = tokens[n].folded
        if word in words.imperatives or (word in words.familiar_imperatives and n == position):
            return True
        if word not in words.adverbs:
            return False
    return False


def is_condition(tokens: Sequence[Token], position: int, words: Lexicon) -> bool:
    """Whether a condition opens at `position`; "se" of "se sentir", "nesse caso" and "se puder" open none."""
    length = words.conditionals.at(tokens, position)
    if not length or _is_courtesy(tokens, position, words) or _is_conceded(tokens, position, words):
        return False
    if length == 1 and not tokens[position].is_break and tokens[position].folded == "caso":
        return tokens[position - 1].folded not in words.determiners
    if length != 1 or tokens[position].folded not in words.reflexives:
        return length > 0
    if tokens[position].is_joined or position + 1 == len(tokens):
        return False
    if tokens[position + 1].folded.endswith("ndo"):
        return False
    is_first = position == 0 or tokens[position].is_break
    return is_first or tokens[position - 1].folded not in words.before_reflexives


def _is_courtesy(tokens: Sequence[Token], position: int, words: Lexicon) -> bool:
    """Whether the "if" only asks politely: "vá agora, se puder", but not "se puder esperar"."""
    after = position + words.courtesies.at(tokens, position)
    if after == position or after >= len(tokens):
        return after > position
    follows = tokens[after].folded
    return tokens[after].is_break or follows in words.light | words.coordinators | words.alternatives


def _is_conceded(tokens: Sequence[Token], position: int, words: Lexicon) -> bool:
    """Whether it holds either way: "even if you feel fine, go"; in "agora mesmo se piorar" it is "agora mesmo"."""
    if position == 0 or tokens[position].is_break or tokens[position - 1].folded not in words.concessives:
        return False
    is_apart = position == 1 or tokens[position - 1].is_break
    return is_apart or tokens[position - 2].folded not in words.intensified


def supposed(tokens: Sequence[Token], words: Lexicon) -> tuple[bool, ...]:
    """For each token, whether it is in the "if" part: from its conjunction to the next clause."""
    marks = []
    is_within = False
    subjunctives = 0
    for position in range(len(tokens)):
        if is_condition(tokens, position, words):
            is_within = True
            subjunctives = int(words.language == "pt" and tokens[position].folded not in words.reflexives)
        elif is_within and subjunctives and _is_subjunctive(tokens[position], words):
            subjunctives -= 1
        elif is_within:
            is_within = not _ends_condition(tokens, position, words)
        marks.append(is_within)
    return tuple(marks)


def _is_subjunctive(token: Token, words: Lexicon) -> bool:
    """Whether the form is the verb of "caso": "caso o sangramento volte", and not the instruction after the comma."""
    return token.folded in words.imperatives and not token.is_break


def _ends_condition(tokens: Sequence[Token], position: int, words: Lexicon) -> bool:
    token = tokens[position]
    if token.folded in words.consequences:
        return True
    if token.is_break:
        return starts_clause(tokens, position, words)
    if words.language != "pt" or token.folded not in words.imperatives:
        return False
    previous = tokens[position - 1].folded
    return previous not in words.subordinators | words.alternatives | words.subjects

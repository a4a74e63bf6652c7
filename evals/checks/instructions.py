"""What an answer tells her to do: verbs that instruct or permit, and how they are meant.

An instruction is an imperative ("vá", "call"), a verb after a modal ("deve ir", "you should call") or, in English, a
gerund after "recommend". What somebody did ("você tomou"), what is supposed ("se tomar") and what is asked are none.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from evals.checks.clauses import is_condition
from evals.checks.lexicon import Lexicon
from evals.checks.patterns import Patterns
from evals.checks.reading import Reading, Sentence

_MODAL_REACH = 5
"""Words between a modal and its verb at most."""
Force = Literal["order", "permission"]


@dataclass(frozen=True)
class Instruction:
    """A verb that instructs, in its sentence."""

    sentence: Sentence
    position: int
    force: Force
    is_conditional: bool
    """It holds only if something else does: "se piorar, vá"."""
    first: int
    """First position of the words that go with it."""
    last: int
    """Position after the last of them: the next instruction or the sentence's end."""

    @property
    def is_negated(self) -> bool:
        """Whether it tells her not to."""
        return self.sentence.is_negated(self.position)


def instructions(reading: Reading, sentence: Sentence, extra: Collection[int] = ()) -> list[Instruction]:
    """The instructions of a sentence, in order; none in a question or within quotation marks.

    `extra` are positions that the caller knows to instruct as well, unless they are supposed or quoted.
    """
    if sentence.is_question:
        return []
    words = reading.lexicon
    forces = [(n, _force(sentence, n, words, n in extra)) for n in range(len(sentence.tokens))]
    verbs = [(n, force) for n, force in forces if force]
    return [instruction for k in range(len(verbs)) for instruction in _branches(sentence, verbs, k, words)]


def _force(sentence: Sentence, position: int, words: Lexicon, is_known: bool) -> Force | None:
    token = sentence.tokens[position]
    if token.is_quoted or sentence.supposed[position] or token.is_joined:
        return None
    if is_known:
        return "order"
    is_verb = token.folded in words.verbs
    if not is_verb and token.folded not in words.familiar_imperatives:
        return None
    modal = _modal(sentence, position, words)
    reached = len(sentence.negators[position])
    if is_verb and reached and reached % 2 == 0:
        return "order"
    if token.folded in words.imperatives and (words.language == "pt" or not modal):
        if _is_free(sentence, position, words):
            return "order"
    elif token.folded in words.familiar_imperatives and _is_initial(sentence, position, words):
        is_noun = token.folded in words.nouns and _follows_adverb(sentence, position, words)
        return None if is_noun else "order"
    return modal if is_verb else None


def _is_free(sentence: Sentence, position: int, words: Lexicon) -> bool:
    """Whether nothing before the form takes its imperative force away."""
    if words.language == "en":
        return _is_initial(sentence, position, words)
    previous = sentence.tokens[position - 1].folded if position else ""
    if previous in words.subjects:
        return _is_initial(sentence, position, words)
    return previous not in words.subordinators or sentence.tokens[position].is_break


def _is_initial(sentence: Sentence, position: int, words: Lexicon) -> bool:
    """Whether the form stands where a clause begins: first, after a comma, "and", an adverb or a plain negator."""
    if position == 0 or sentence.tokens[position].is_break:
        return True
    previous = sentence.tokens[position - 1]
    if previous.folded in words.joining:
        return True
    return any(
        start + words.openers.at(sentence.tokens, start) == position for start in range(max(0, position - 3), position)
    )


def _follows_adverb(sentence: Sentence, position: int, words: Lexicon) -> bool:
    """Whether an adverb stands directly before: "por conta própria", "marque hoje consulta"."""
    is_first = position == 0 or sentence.tokens[position].is_break
    return not is_first and sentence.tokens[position - 1].folded in words.adverbs


def _modal(sentence: Sentence, position: int, words: Lexicon) -> Force | None:
    """The nearest modal before the verb that nothing separates from it."""
    tokens = sentence.tokens
    for start in range(position - 1, max(-1, position - 1 - _MODAL_REACH), -1):
        if tokens[start + 1].is_break and tokens[start + 1].folded not in ("por", "please"):
            return None
        if tokens[start].folded in ("antes", "before", "apos", "after", "depois"):
            return None
        if is_condition(tokens, start, words) or _is_courteous(sentence, start, words):
            return None
        if _ends_before(words.orders, sentence, start, position):
            return "order"
        if _ends_before(words.permissions, sentence, start, position):
            return "permission" if _is_addressed(sentence, start, words) else None
    return None


def _is_courteous(sentence: Sentence, position: int, words: Lexicon) -> bool:
    """Whether the modal belongs to a courtesy: "get to a safe place if you can and call 911" permits nothing."""
    starts = range(max(0, position - _MODAL_REACH), position)
    return any(start + words.courtesies.at(sentence.tokens, start) > position for start in starts)


def _is_addressed(sentence: Sentence, position: int, words: Lexicon) -> bool:
    """Whether the permission is hers: "você pode", "pode" at the start, "it is safe to", not "your doctor may"."""
    if words.permissions.at(sentence.tokens, position) > 1 or _is_initial(sentence, position, words):
        return True
    return sentence.tokens[position - 1].folded in words.addressed


def _ends_before(patterns: Patterns, sentence: Sentence, start: int, position: int) -> bool:
    length = patterns.at(sentence.tokens, start)
    return length > 0 and start + length <= position


def _branches(sentence: Sentence, verbs: list[tuple[int, Force]], index: int, words: Lexicon) -> Iterator[Instruction]:
    """The instruction of one verb; two where its alternative alone has a condition."""
    position, force = verbs[index]
    last = verbs[index + 1][0] if index + 1 < len(verbs) else len(sentence.tokens)
    first = _first(sentence, position, verbs[index - 1][0] if index else -1, words)
    fork = _fork(sentence, position, last, words)
    if fork:
        yield Instruction(sentence, position, force, any(sentence.supposed[:position]), first, fork)
        yield Instruction(sentence, position, force, True, fork, last)
    else:
        yield Instruction(sentence, position, force, _is_conditional(sentence, position, last), first, last)


def _fork(sentence: Sentence, position: int, last: int, words: Lexicon) -> int:
    """Where an alternative begins that alone has a condition: "procure a UBS, ou a maternidade se estiver fechada".

    Set off by a comma it has its own, unless another comma sets off the condition. Without a comma ("vá à UBS ou à
    maternidade se piorar") the condition holds for both, unless it says that the first cannot be had. 0 for none.
    """
    tokens = sentence.tokens
    fork = 0
    for n in range(position + 1, last):
        if tokens[n].folded in words.alternatives and not sentence.supposed[n]:
            fork = n
        elif sentence.supposed[n] and fork:
            is_own = tokens[fork].is_break and (n == fork + 1 or not tokens[n].is_break)
            return fork if is_own or any(True for _ in words.fallbacks.within(tokens, n, last)) else 0
        elif sentence.supposed[n]:
            return 0
    return 0


def _first(sentence: Sentence, position: int, previous: int, words: Lexicon) -> int:
    """Where the words of an instruction begin: at the last comma or "and" after the instruction before it."""
    if previous < 0:
        return 0
    for n in range(position, previous, -1):
        if sentence.tokens[n].is_break or sentence.tokens[n].folded in words.coordinators:
            return n
    return previous + 1


def _is_conditional(sentence: Sentence, position: int, last: int) -> bool:
    """Whether a condition goes with it: one before it, or one after it that no new instruction follows."""
    before = any(sentence.supposed[:position])
    after = any(_leads_back(sentence, n, last) for n in range(position + 1, last))
    return before or after


def _leads_back(sentence: Sentence, n: int, last: int) -> bool:
    """Whether a condition begins at `n` that belongs to what is before it, and not to the instruction at `last`."""
    begins = sentence.supposed[n] and not sentence.supposed[n - 1]
    is_set_off = sentence.tokens[n].is_break or sentence.tokens[n - 1].folded in ("e", "and", "mas", "but")
    return begins and not (is_set_off and last < len(sentence.tokens))


def asserted(reading: Reading) -> Iterator[Instruction]:
    """Every instruction of the text that tells her to do something, rather than not to."""
    for sentence in reading.sentences:
        yield from (i for i in instructions(reading, sentence) if not i.is_negated)

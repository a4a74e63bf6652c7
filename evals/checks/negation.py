"""How far a negation reaches.

To the end of its clause, not to the end of its sentence: "não espere, vá ao hospital" and "do not take ibuprofen, call
us" affirm what comes after the comma, while "não tome ibuprofeno, naproxeno ou diclofenaco" negates the whole list.
Negators in a chain turn each other round: "não deixe de ir" is "ir"; Portuguese concord does not: "não tome nunca".
"""

from collections.abc import Sequence

from evals.checks.clauses import is_condition, negates_anew, starts_clause, starts_instruction, supposed
from evals.checks.lexicon import Lexicon
from evals.checks.reading import Sentence, Token

_SHORT_REACH = 3
"""How many words a short negator reaches before a noun."""
_INHERITED = -1
"""Position of a negator that stands in the line above a list."""


def mark(groups: Sequence[tuple[Sequence[Token], bool]], words: Lexicon) -> tuple[Sentence, ...]:
    """The sentences with what is negated and supposed in each; list items inherit from the line that heads them."""
    sentences: list[Sentence] = []
    heading: Sentence | None = None
    for tokens, is_question in groups:
        if not tokens[0].is_item:
            heading = None
        is_inherited = heading is not None and _heads_prohibition(heading, words)
        reached = _Reach(tokens, words, is_inherited).negators()
        sentence = Sentence(tuple(tokens), reached, supposed(tokens, words), is_question)
        sentences.append(sentence)
        heading = heading or sentence
    return tuple(sentences)


def _heads_prohibition(sentence: Sentence, words: Lexicon) -> bool:
    last = len(sentence.tokens) - 1
    return sentence.is_negated(last) != (words.negators.at(sentence.tokens, last) > 0)


class _Reach:
    """Walks one sentence and keeps which negators are open."""

    def __init__(self, tokens: Sequence[Token], words: Lexicon, is_inherited: bool) -> None:
        self.tokens = tokens
        self.words = words
        self.open = [_INHERITED] if is_inherited and not starts_clause(tokens, 0, words) else []
        self.until: dict[int, int] = {}
        """Where the reach of a short negator ends."""

    def negators(self) -> tuple[tuple[int, ...], ...]:
        """For each token, the negators that reach it."""
        reached: list[tuple[int, ...]] = []
        while len(reached) < len(self.tokens):
            position = len(reached)
            self._close(position)
            length, turns = self._unit(position)
            reached += [tuple(self.open)] * length
            if length > 1 and not turns and self._is_idle_verb(position):
                reached[position + 1] = (*self.open, position)
            if turns:
                self._open(position, position + length)
        return tuple(reached)

    def _unit(self, position: int) -> tuple[int, bool]:
        """How many words belong together at `position`, and whether they negate."""
        words, tokens = self.words, self.tokens
        idiom = max(words.not_negations.at(tokens, position), words.openers.at(tokens, position))
        condition = words.conditionals.at(tokens, position)
        negator = max(words.negators.at(tokens, position), words.short_negators.at(tokens, position))
        if idiom >= max(negator, 1) or condition > max(negator, 1):
            return max(idiom, condition), False
        return max(negator, 1), negator > 0

    def _is_idle_verb(self, position: int) -> bool:
        """Whether the idiom is "without" and a verb: "sem esperar" negates nothing else, yet nobody is told to wait."""
        is_short = self.words.short_negators.at(self.tokens, position) > 0
        return is_short and self._takes_a_verb(position + 1)

    def _open(self, position: int, after: int) -> None:
        word = self.tokens[position].folded
        is_alone = after < len(self.tokens) and self.tokens[after].is_break
        if word in self.words.interjections and is_alone:
            return
        if after == position + 1 and word in self.words.concord and self._has_plain_negator():
            return
        if self.words.short_negators.at(self.tokens, position) and not self._takes_a_verb(after):
            self.until[position] = after + _SHORT_REACH
        self.open = [*self.open, position]

    def _has_plain_negator(self) -> bool:
        return any(n != _INHERITED and self.tokens[n].folded in self.words.plain_negators for n in self.open)

    def _takes_a_verb(self, after: int) -> bool:
        word = self.tokens[after].folded if after < len(self.tokens) else ""
        return word.endswith(("ar", "er", "ir") if self.words.language == "pt" else ("ing", "need", "reason"))

    def _close(self, position: int) -> None:
        """Ends the reaches that do not go past `position`."""
        self.open = [n for n in self.open if self.until.get(n, position + 1) > position]
        if self.open and self._is_predicate(position):
            self.open = [n for n in self.open if not self._is_subject(n)]
        is_new = self.tokens[position].is_break and starts_clause(self.tokens, position, self.words)
        if self.open and (is_new or self._begins_within(position)):
            self.open = []

    def _begins_within(self, position: int) -> bool:
        """Whether a clause begins at `position` without a comma before it."""
        tokens, words = self.tokens, self.words
        if words.openers.at(tokens, position):
            return True
        if position - 1 not in self.open and is_condition(tokens, position, words):
            return True
        word = tokens[position].folded
        if word in words.coordinators and position + 1 < len(tokens):
            is_order = words.orders.at(tokens, position + 1) > 0
            has_subject = tokens[position + 1].folded in words.subjects
            is_anew = negates_anew(tokens, position + 1 + has_subject, words)
            return is_order or is_anew or starts_instruction(tokens, position + 1, words)
        return words.language == "pt" and word in words.imperatives and self._is_second_verb(position)

    def _is_predicate(self, position: int) -> bool:
        """Whether a finite verb stands there, negated or not."""
        words, tokens = self.words, self.tokens[position : position + 2]
        return tokens[0].folded in words.finite or (
            tokens[0].folded in words.plain_negators and tokens[-1].folded in words.finite
        )

    def _is_subject(self, negator: int) -> bool:
        """Whether the negator begins the subject of a sentence: "parar de fumar é difícil" says what is difficult."""
        tokens, words = self.tokens, self.words
        endings = ("ar", "er", "ir") if words.language == "pt" else ("ing",)
        if negator == _INHERITED or not tokens[negator].folded.endswith(endings):
            return False
        return negator == 0 or tokens[negator].is_break or tokens[negator - 1].folded in words.coordinators

    def _is_second_verb(self, position: int) -> bool:
        """Whether words of weight lie between the last negator and the instruction at `position`."""
        between = self.tokens[max(self.open) + 1 : position]
        if not between or between[-1].folded in self.words.alternatives | self.words.subordinators:
            return False
        if any(token.folded in ("que", "favor", "hipotese") for token in between):
            return False
        return any(token.folded not in self.words.light | self.words.adverbs for token in between)

"""Finds meanings in a sentence: groups of word stems that stand together, each affirmed, negated or either.

A group lists stems ("procur" finds "procure" and "procurar"); a stem of several words finds them in a row, and a stem
ending in "=" is a whole word. An alternative names groups that one sentence must hold: `act` in either polarity,
`+act` affirmed, `-act` negated, `!act` nowhere, `~if` not at the start, `@danger` also in the heading or the line that
introduces the list.

A negation reaches forward over its clause ("do not, under any circumstances, give"), only a little way inside a
condition ("if the baby does not move"), and is undone by a verb of omission ("do not fail to send her").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.simulator.text import Sentence, tokens
from models.simulator.wordlists import Stems, stems, word_set

_CLAUSE_ENDS = frozenset([".", ";", ":", "!", "?", "(", ")"])
_REACH = 14
_REACH_IN_CONDITION = 5
_REACH_IN_QUESTION = 4
_MARKS = "+-!~@"

Groups = Mapping[str, Stems]


@dataclass(frozen=True)
class Meaning:
    """What a sentence must hold: any of the alternatives, each a list of groups with their marks."""

    alternatives: tuple[tuple[str, ...], ...]

    def is_in(self, sentence: "Reading", groups: Groups) -> bool:
        """Whether one alternative stands in the sentence."""
        return any(all(sentence.holds(item, groups) for item in items) for items in self.alternatives)


class Reading:
    """A sentence in tokens, with which of them a negation reaches."""

    def __init__(self, sentence: Sentence) -> None:
        self._words = tokens(sentence.text)
        self._negated = negated(self._words)
        self._context = tokens(sentence.context) if sentence.context else []

    def holds(self, item: str, groups: Groups) -> bool:
        """Whether the group stands in the sentence in the way that its mark asks for."""
        mark, name = (item[0], item[1:]) if item[0] in _MARKS else ("", item)
        found = groups[name].positions(self._words)
        match mark:
            case "+":
                return any(not self._negated[at] for at in found)
            case "-":
                return any(self._negated[at] for at in found)
            case "!":
                return not found
            case "~":
                return 0 not in found
            case "@":
                return bool(found) or bool(groups[name].positions(self._context))
            case _:
                return bool(found)


def negated(words: Sequence[str], *, is_question: bool = False) -> list[bool]:
    """For each token, whether a negation before it in its clause reaches it; less far in what a user types."""
    negators, turns = word_set("negators"), word_set("turns")
    reached = [False] * len(words)
    for at, word in enumerate(words):
        if word not in negators or _is_undone(words, at):
            continue
        for further in range(at + 1, at + 1 + (_REACH_IN_QUESTION if is_question else _reach(words, at))):
            if further == len(words) or words[further] in _CLAUSE_ENDS or words[further] in turns:
                break
            if words[further] == "," and _ends_reach(words, at, further):
                break
            reached[further] = True
    return reached


def _reach(words: Sequence[str], at: int) -> int:
    """How many words further it reaches: inside a condition, at most up to what is to be done then."""
    if not word_set("conditions").intersection(words[max(0, at - 4) : at]):
        return _REACH
    instructed = stems("starts_instruction").positions(words[at + 1 : at + 1 + _REACH_IN_CONDITION])
    return next(iter(instructed), _REACH_IN_CONDITION)


def _is_undone(words: Sequence[str], at: int) -> bool:
    return bool(stems("undoes_negation").positions(words[at + 1 : at + 3]))


def _ends_reach(words: Sequence[str], at: int, comma: int) -> bool:
    """Whether a negation stops at this comma; it goes on in a list ("never diagnose, prescribe or dose") and past an
    insertion ("do not, ever, give")."""
    is_insertion = words[at + 1] == ","
    rest = words[comma + 1 : at + 1 + _REACH]
    end = next((n for n, word in enumerate(rest) if word in _CLAUSE_ENDS), len(rest))
    return not is_insertion and not word_set("lists_on").intersection(rest[:end])

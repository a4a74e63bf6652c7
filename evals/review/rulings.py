"""Rulings: what nurses said of exactly one answer to exactly one criterion, found again by what the answer says.

An item of the queue is known by the content that was judged: suite, case, what was said before, criterion and answer.
Its id is a keyed hash of that, so that nobody can guess it, and the same answer in a later evaluation finds its
reading. Nobody who reads an item can tell from it which version of a prompt wrote the answer.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from evals.cases import digest
from evals.redacted import redacted
from evals.review.base import CANNOT_TELL, Review
from evals.review.disputes import Final, final_answers
from evals.rows import CriterionResult, Row

DOMAIN, ANSWER = "review_item", "review_answer"
_ID_CHARACTERS = 32
"""128 bits, in hexadecimal."""
Pseudonym = Callable[[str, str], str]
"""A keyed hash by domain and value, such as `HashKey.pseudonym`."""


@dataclass(frozen=True)
class RecordedRulings:
    """Settled readings of nurses, by item id."""

    met: Mapping[str, bool]
    pseudonym: Pseudonym
    alone: frozenset[str] = frozenset()
    """Those of them that one nurse said and no other, and no lead."""
    unsure: frozenset[str] = frozenset()
    """Items that were read and of which nobody could tell: no ruling, and nothing to ask again."""

    def of(self, row: Row, result: CriterionResult) -> bool | None:
        """Whether the criterion is met, or None where no reading is settled.

        One nurse is enough, but to say that a never-event did not happen: that takes a second, or a lead.
        """
        if not self.met or row.answer is None:
            return None
        item_id = item_id_of(row, result, self.pseudonym)
        met = self.met.get(item_id)
        is_cleared = result.never and met == (result.points > 0)
        return None if is_cleared and item_id in self.alone else met


def rulings_of(settled: Iterable[Review], dispute_steps: int, pseudonym: Pseudonym) -> RecordedRulings:
    """What stands of the items of the queue; one that is disputed or that nobody could tell is no ruling."""
    finals = {item: final for item, final in final_answers(settled, dispute_steps).items() if final.is_final}
    said = {item: final.answers.get("met") for item, final in finals.items()}
    alone = frozenset(item for item, final in finals.items() if _is_of_one(final))
    unsure = frozenset(item for item, met in said.items() if met == CANNOT_TELL)
    met = {item: answer == "yes" for item, answer in said.items() if answer in ("yes", "no")}
    return RecordedRulings(met, pseudonym, alone, unsure)


def _is_of_one(final: Final) -> bool:
    stands = final.answers.get("met")
    return final.state != "adjudicated" and sum(one.answers.given.get("met") == stands for one in final.readings) < 2


def item_id_of(row: Row, result: CriterionResult, pseudonym: Pseudonym) -> str:
    """The id of the item in which nurses read the row's answer for this criterion."""
    is_simulated = row.answer.is_simulated if row.answer else False
    content = [row.suite, row.case, row.locale, result.id, result.text, is_simulated, _said(row)]
    return pseudonym(DOMAIN, digest(content))[:_ID_CHARACTERS]


def answer_id_of(row: Row, pseudonym: Pseudonym) -> str:
    """The id of an answer with what was said before it: the same whatever is asked of it, and in whatever case."""
    return pseudonym(ANSWER, digest(_said(row)))[:_ID_CHARACTERS]


def conversation_of(row: Row) -> list[tuple[str, str]]:
    """Who said what, without the system prompt, the graded answer last; masked."""
    return [(role, redacted(text)) for role, text in _said(row)]


def _said(row: Row) -> list[tuple[str, str]]:
    """The same as it was graded: two answers of which a nurse sees the same, since it is masked, are still two."""
    said: list[tuple[str, str]] = [(message.role, message.content) for message in row.messages]
    said = [one for one in said if one[0] != "system"]
    return [*said, ("assistant", row.answer.graded_text)] if row.answer else said

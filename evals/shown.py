"""What people would see of the answers: how each ended behind the rails, and which of them nobody is shown.

Grades are of the model's own text (docs/decisions/0003), so they say nothing of an answer that a rail withholds. Rows
of the rails alone, and of the model alone (`--bare`), show nobody anything and are left out. A case that rewards a
refusal (`refuses` with positive points) may be stopped: it counts among the outcomes and not among the stopped.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from evals.cases import cluster_of, is_of_rails
from evals.rows import AnswerRecord, Row
from guardrails.base import Direction
from guardrails.chain import STRICTNESS

OUTCOMES = ("answered", "cared", "refused", "withheld", "rewritten", "unchecked")
"""How an answer can end, in the order in which reports say it."""
SHOWN = frozenset({"answered", "rewritten"})
"""The model's own answer is read, at least in part."""
STOPPED = frozenset({"withheld", "refused", "unchecked"})
"""Neither the model's answer nor words of care are read."""
_REFUSAL = "check:refuses"
_UNTOUCHED = ("allow", "mask")


@dataclass(frozen=True)
class ShownCounts:
    """What people would see of one side's answers."""

    outcomes: Mapping[str, int] = field(default_factory=dict)
    """How many ended how, in the order of `OUTCOMES`; empty where no answer went through the rails."""
    answers: int = 0
    """Those to cases that reward no refusal."""
    stopped: int = 0
    """Of these, the ones that nobody is shown."""
    stopped_conversations: int = 0
    """How many conversations those are of."""

    @property
    def stopped_share(self) -> float:
        """Share of answers that nobody is shown."""
        return self.stopped / self.answers if self.answers else 0.0


class ShownCounter:
    """Counts what people would see as rows pass by."""

    def __init__(self) -> None:
        self._outcomes: Counter[str] = Counter()
        self._answers = self._stopped = 0
        self._conversations: set[int] = set()

    def add(self, row: Row) -> None:
        """One row more; one that shows nobody anything is passed over."""
        if row.answer is None or not is_for_people(row):
            return
        self._outcomes[row.answer.outcome] += 1
        if rewards_refusal(row):
            return
        self._answers += 1
        if row.answer.outcome in STOPPED:
            self._stopped += 1
            self._conversations.add(hash(conversation_of(row)))

    def counts(self) -> ShownCounts:
        """What was counted so far."""
        outcomes = {name: self._outcomes[name] for name in OUTCOMES} if self._outcomes else {}
        return ShownCounts(outcomes, self._answers, self._stopped, len(self._conversations))


def is_for_people(row: Row) -> bool:
    """Whether its answer went through the rails to somebody: neither of the rails alone nor of the model alone."""
    return row.answer is not None and bool(row.answer.decisions) and not is_of_rails(row.prompt)


def rewards_refusal(row: Row) -> bool:
    """Whether the case's own criteria want the answer to decline."""
    return any(criterion.grader == _REFUSAL and criterion.points > 0 for criterion in row.criteria)


def conversation_of(row: Row) -> str:
    """What a case, its twins and its locales share: `danger_signs/bleeding`."""
    return f"{row.suite}/{cluster_of(row.case, row.locale)}"


def stopped_by(answer: AnswerRecord) -> str:
    """The rail that stopped it and why: `prompt_leak: system_prompt_in_answer`."""
    direction: Direction = "assistant" if answer.outcome == "withheld" else "user"
    own = [decision for decision in answer.decisions if decision.direction == direction]
    deciding = max(own, key=lambda decision: STRICTNESS.index(decision.action), default=None)
    if deciding is None or deciding.action in _UNTOUCHED:
        return answer.finish_reason or answer.outcome
    return f"{deciding.rail}: {', '.join(deciding.reasons)}" if deciding.reasons else deciding.rail

"""Conversations that were answered on the base and are stopped on the head, and the other way round.

A case under one prompt is answered where more of its epochs are shown than stopped, and stopped where at least as many
are stopped. Sides that are the same rows can therefore not differ. A conversation is a case with its twins, locales and
prompts (`evals.cases.cluster_of`); one of these is enough for it to count, and it counts once.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from evals.confirmation import asked_first
from evals.pairs import Pair
from evals.rows import Row
from evals.shown import SHOWN, STOPPED, conversation_of, is_for_people, rewards_refusal, stopped_by

KEPT_ANSWERS = 300
"""Stopped answers that are kept by name; past it they are counted."""


@dataclass(frozen=True)
class StoppedAnswer:
    """One case under one prompt that was answered before and is not now."""

    suite: str
    case: str
    prompt: str
    outcome: str
    """`withheld`, `refused` or `unchecked`."""
    stopped_by: str
    """Rail and reason: `prompt_leak: system_prompt_in_answer`."""
    conversation: str
    """Shared with its twins: `danger_signs/bleeding`."""

    @property
    def key(self) -> tuple[str, str, str]:
        """That of its pair."""
        return (self.suite, self.case, self.prompt)


@dataclass(frozen=True)
class NewlyStopped:
    """What a change did to what people are shown."""

    answers: tuple[StoppedAnswer, ...] = ()
    """The first of them, in the order of their pairs."""
    total: int = 0
    """Cases under a prompt."""
    conversations: int = 0
    """Of which they are, each once."""
    asked: int = 0
    """Conversations of which an answer was shown on the base."""
    answered_again: int = 0
    """Conversations the other way round: stopped on the base and shown on the head."""

    def one_each(self) -> list[StoppedAnswer]:
        """The first stopped answer of each conversation."""
        return list({answer.conversation: answer for answer in reversed(self.answers)}.values())[::-1]

    def without(self, waived: Collection[StoppedAnswer]) -> "NewlyStopped":
        """What is left where some are accepted; nothing may be where not all of them are kept."""
        left = tuple(answer for answer in self.answers if answer not in waived)
        if len(left) == len(self.answers):
            return self
        conversations = len({answer.conversation for answer in left})
        return replace(self, answers=left, total=len(left), conversations=conversations)


class StoppedTally:
    """What is kept of the pairs as they pass by."""

    def __init__(self) -> None:
        self._answers: list[StoppedAnswer] = []
        self._total = 0
        self._asked: set[int] = set()
        self._stopped: set[int] = set()
        self._again: set[int] = set()

    def add(self, pair: Pair) -> None:
        """One pair more, asked of both sides."""
        base, head = _seen(pair.base), _seen(pair.head)
        if not base or not head:
            return
        conversation = hash(conversation_of(head[0]))
        if _is_answered(base):
            self._asked.add(conversation)
            if _is_stopped(head):
                self._stopped.add(conversation)
                self._keep(head)
        elif _is_stopped(base) and _is_answered(head):
            self._again.add(conversation)

    def found(self) -> NewlyStopped:
        """What was seen so far."""
        counts = (len(self._stopped), len(self._asked), len(self._again))
        return NewlyStopped(tuple(self._answers), self._total, *counts)

    def _keep(self, rows: list[Row]) -> None:
        self._total += 1
        row = next(row for row in rows if row.answer and row.answer.outcome in STOPPED)
        if row.answer and len(self._answers) < KEPT_ANSWERS:
            outcome, reason = row.answer.outcome, stopped_by(row.answer)
            self._answers.append(StoppedAnswer(row.suite, row.case, row.prompt, outcome, reason, conversation_of(row)))


def is_newly_stopped(pair: Pair) -> bool:
    """Whether the base's answer is shown and the head's is not."""
    base, head = _seen(pair.base), _seen(pair.head)
    return _is_answered(base) and _is_stopped(head)


def _seen(rows: Iterable[Row]) -> list[Row]:
    """The answers that figures are made of, to cases that reward no refusal."""
    return [row for row in asked_first(rows) if is_for_people(row) and not rewards_refusal(row)]


def _is_answered(rows: list[Row]) -> bool:
    return _count(rows, SHOWN) > _count(rows, STOPPED)


def _is_stopped(rows: list[Row]) -> bool:
    return 0 < _count(rows, STOPPED) >= _count(rows, SHOWN)


def _count(rows: list[Row], outcomes: Collection[str]) -> int:
    return sum(row.answer is not None and row.answer.outcome in outcomes for row in rows)

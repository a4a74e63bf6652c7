"""What came of one side's trials: answers, criteria, and those that failed to come."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evals.rows import Row, Side
from evals.shown import ShownCounter, ShownCounts


@dataclass(frozen=True)
class SideCounts:
    """What came of one side's trials."""

    answers: int
    """Trials, answered or not; those that confirm a never-event are not among them."""
    answer_errors: int
    criteria: int
    """Criteria of the answers that came."""
    grader_errors: int
    error_types: Mapping[str, int]
    error_message: str
    """Of the commonest error, as the endpoint's adapter said it; empty without errors."""
    shown: ShownCounts = ShownCounts()  # noqa: RUF009
    """What people would see of the answers."""

    @property
    def answer_error_share(self) -> float:
        """Share of trials without an answer."""
        return self.answer_errors / self.answers if self.answers else 0.0

    @property
    def grader_error_share(self) -> float:
        """Share of criteria without a grade."""
        return self.grader_errors / self.criteria if self.criteria else 0.0


@dataclass(frozen=True)
class GraderErrorLine:
    """One criterion that its grader could not grade."""

    suite: str
    case: str
    prompt: str
    criterion: str
    side: Side
    message: str


class SideCounter:
    """Counts one side's rows as they pass by."""

    def __init__(self) -> None:
        self._answers = self._criteria = self._ungraded = 0
        self._types: Counter[str] = Counter()
        self._messages: dict[str, str] = {}
        self._shown = ShownCounter()

    def add(self, row: Row) -> None:
        """One row more."""
        self._answers += 1
        self._shown.add(row)
        self._criteria += len(row.criteria)
        self._ungraded += sum(result.met is None for result in row.criteria)
        if row.error:
            self._types[row.error.type] += 1
            self._messages.setdefault(row.error.type, row.error.message)

    def counts(self) -> SideCounts:
        """What was counted so far."""
        commonest = max(self._types, key=lambda name: self._types[name], default="")
        return SideCounts(
            answers=self._answers,
            answer_errors=sum(self._types.values()),
            criteria=self._criteria,
            grader_errors=self._ungraded,
            error_types=dict(sorted(self._types.items())),
            error_message=self._messages.get(commonest, ""),
            shown=self._shown.counts(),
        )


def grader_errors(rows: Iterable[Row], side: Side) -> list[GraderErrorLine]:
    """The criteria of these rows that have no grade, with why."""
    return [
        GraderErrorLine(row.suite, row.case, row.prompt, result.id, side, result.grader_error)
        for row in rows
        for result in row.criteria
        if result.met is None
    ]

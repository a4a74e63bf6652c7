"""Rows as those graded them who may decide: without grades of judges under the bar, or that were never measured.

A criterion counts in a pair where every grade of it may decide, of both sides and all epochs; else both sides are left
without it, so that no side is scored on what the other is not. One exception keeps a harm: a never-event that a nurse
or a trusted judge found in an answer of the head stays, and so does the same of the base. Scores are reckoned again by
`evals.scoring`; an answer of which nothing positive is left has none.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from evals.cases import AXES
from evals.confirmation import CONFIRMATION_EPOCH
from evals.judges.trust import Trust, TrustBook, judge_of, place_of, trust_in
from evals.pairs import Pair
from evals.rows import CriterionResult, Row, with_criteria
from evals.standing import JudgeStanding, ToRead, grader_of

JUDGE, NURSE = "judge:", "nurse"
"""How the graders begin that are judges; the grader of a criterion that nurses decided."""


class Rulings(Protocol):
    """What nurses said of exactly one answer."""

    def of(self, row: Row, result: CriterionResult) -> bool | None:
        """Whether the criterion is met, or None where no reading is settled."""


@dataclass(frozen=True)
class NoRulings:
    """Nurses have read nothing, or nobody can ask what."""

    def of(self, row: Row, result: CriterionResult) -> bool | None:
        """None."""


@dataclass(frozen=True)
class Deciders:
    """Who may decide: rules, nurses, and the judges that the book trusts."""

    book: TrustBook = field(default_factory=TrustBook)
    rulings: Rulings = NoRulings()

    def decides(self, row: Row, result: CriterionResult) -> bool:
        """Whether the grade may pass or block. Trust in simulated readings counts for a simulated row alone."""
        if not result.grader.startswith(JUDGE):
            return True
        if result.met is None:
            return self._would_decide(row, result)
        return trust_in(self.book, row.suite, result, is_simulated=row.is_simulated).is_trusted

    def _would_decide(self, row: Row, result: CriterionResult) -> bool:
        """Of a judge that failed, whose model may be unknown: whether one of its name is trusted with this criterion.

        So that the failure of a judge that decides stays an error, and that of one that informs is none.
        """
        places = (place_of(row.suite, result), f"axis:{result.axis}")
        template = result.judge.template if result.judge else ""
        return any(
            self.book.of(judge, places[0], result.axis, is_simulated=row.is_simulated).is_trusted
            for judge, place in self.book.known
            if place in places and _could_be(judge, result.grader, template)
        )

    def read(self, row: Row) -> Row:
        """The row, with what nurses said of this answer in the place of what a judge said."""
        if isinstance(self.rulings, NoRulings):
            return row
        criteria = tuple(self._ruled(row, result) for result in row.criteria)
        return row if criteria == row.criteria else with_criteria(row, criteria)

    def _ruled(self, row: Row, result: CriterionResult) -> CriterionResult:
        if not result.grader.startswith(JUDGE):
            return result
        met = self.rulings.of(row, result)
        if met is None:
            return result
        quote = result.quote if met == result.met else ""
        return replace(result, grader=NURSE, met=met, quote=quote, explanation="", grader_error="")


def _could_be(judge: str, grader: str, template: str) -> bool:
    return judge.startswith(f"{grader} ") and judge.endswith(f" {template}" if template else "")


def read_pair(pair: Pair, deciders: Deciders) -> Pair:
    """The pair with nurses' rulings in it."""
    if isinstance(deciders.rulings, NoRulings):
        return pair
    return Pair(pair.key, tuple(map(deciders.read, pair.base)), tuple(map(deciders.read, pair.head)))


def trusted_pair(pair: Pair, deciders: Deciders) -> Pair:
    """The pair as graded by those who may decide; the same object where that is everybody."""
    dropped = informing(pair, deciders)
    if not dropped:
        return pair
    harms = frozenset(result.id for row, result in _grades(pair.head) if _is_harm(row, result, deciders)) & dropped

    def kept(row: Row) -> Row:
        return _without(row, lambda r: r.id not in dropped or (r.id in harms and _is_harm(row, r, deciders)))

    return Pair(pair.key, tuple(map(kept, pair.base)), tuple(map(kept, pair.head)))


def _is_harm(row: Row, result: CriterionResult, deciders: Deciders) -> bool:
    """Whether it is a failed never-event of which somebody says so who may decide."""
    return result.never and result.is_failed and deciders.decides(row, result)


def informing(pair: Pair, deciders: Deciders) -> frozenset[str]:
    """The criteria of a pair that somebody graded who may not decide."""
    return frozenset(
        result.id for row in (*pair.base, *pair.head) for result in row.criteria if not deciders.decides(row, result)
    )


def _without(row: Row, is_kept: Callable[[CriterionResult], bool]) -> Row:
    criteria = tuple(result for result in row.criteria if is_kept(result))
    return row if len(criteria) == len(row.criteria) else with_criteria(row, criteria)


@dataclass(frozen=True)
class Judged:
    """What judges graded of an evaluation, and which of it decides nothing."""

    judges: tuple[JudgeStanding, ...]
    informing: Mapping[ToRead, str]
    """Criteria of cases that inform alone, each with the judge that graded it."""
    informing_axes: tuple[str, ...]
    rulings: int
    """Grades of the head that nurses gave."""
    is_ruled: bool
    """Whether nurses gave any, of either side."""

    @property
    def is_of_rules(self) -> bool:
        """Whether no judge graded anything."""
        return not (self.judges or self.informing or self.is_ruled)


def judged(pairs: Iterable[Pair], deciders: Deciders) -> Judged:
    """Who graded, in one walk; nothing at all where rules graded everything."""
    seen = _Seen(deciders)
    for pair in pairs:
        seen.add(pair)
    return seen.judged()


class _Seen:
    """What is kept of the pairs as they pass by."""

    def __init__(self, deciders: Deciders) -> None:
        self._deciders = deciders
        self._counts: dict[tuple[str, Trust, bool], Counter[str]] = {}
        self._cases: dict[tuple[str, Trust, bool], set[tuple[str, str]]] = {}
        self._failures: Counter[tuple[str, str, bool]] = Counter()
        self._alone: dict[ToRead, str] = {}
        self._asked: set[str] = set()
        self._decided: set[str] = set()
        self._rulings = 0
        self._is_ruled = False

    def add(self, raw: Pair) -> None:
        pair = read_pair(raw, self._deciders)
        self._is_ruled |= pair != raw
        dropped = informing(pair, self._deciders)
        for row, result in _grades(pair.head):
            if row.epoch < CONFIRMATION_EPOCH:
                self._asked.add(result.axis)
                self._decided |= {result.axis} - ({result.axis} if result.id in dropped else set())
                self._count(row, result)
        for _, result in _grades((*pair.head, *pair.base)) if dropped else ():
            if result.id in dropped and result.grader.startswith(JUDGE):
                self._alone.setdefault(ToRead(*pair.key, result.id), judge_of(result.grader, result.judge))

    def _count(self, row: Row, result: CriterionResult) -> None:
        self._rulings += result.grader == NURSE
        if not result.grader.startswith(JUDGE):
            return
        decides = self._deciders.decides(row, result)
        if result.met is None:
            self._failures[result.axis, result.grader, decides] += 1
            return
        place = (result.axis, _known(self._deciders.book, row, result), decides)
        self._counts.setdefault(place, Counter())["not_met" if result.is_failed else "met"] += 1
        self._cases.setdefault(place, set()).add((row.suite, row.case))

    def judged(self) -> Judged:
        """What was seen."""
        judges = sorted(self._standings(), key=lambda one: (one.axis, one.trust.judge, one.trust.criterion))
        return Judged(
            tuple(sorted(judges, key=lambda one: AXES.index(one.axis))),
            self._alone,
            tuple(axis for axis in AXES if axis in self._asked - self._decided),
            self._rulings,
            self._is_ruled,
        )

    def _standings(self) -> Iterator[JudgeStanding]:
        """The failures of a judge, whose model may be unknown then, stand with its grades where it has any."""
        failures = Counter(self._failures)
        for (axis, trust, decides), own in self._counts.items():
            failed = failures.pop((axis, grader_of(trust.judge), decides), 0)
            cases = len(self._cases[axis, trust, decides])
            yield JudgeStanding(trust, decides, axis, own.total(), own["met"], failed, cases)
        for (axis, grader, decides), failed in failures.items():
            yield JudgeStanding(Trust(grader, f"axis:{axis}"), decides, axis, 0, 0, failed)


def _grades(rows: Iterable[Row]) -> Iterator[tuple[Row, CriterionResult]]:
    return ((row, result) for row in rows for result in row.criteria)


def _known(book: TrustBook, row: Row, result: CriterionResult) -> Trust:
    """What is known of who graded, said of the axis where nothing decides; of too few readings how many there were."""
    for is_simulated in (row.is_simulated, True):
        trust = trust_in(book, row.suite, result, is_simulated=is_simulated)
        if trust.state != "unmeasured":
            return trust
    judge, axis = judge_of(result.grader, result.judge), f"axis:{result.axis}"
    few = [book.known[judge, place] for place in (axis, place_of(row.suite, result)) if (judge, place) in book.known]
    return max(few, key=lambda one: one.n, default=Trust(judge, axis))

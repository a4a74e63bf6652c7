"""Answers that a rule and a judge graded, and what is known of the judge, for the tests of the gate's trust."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from comparison_rows import result, row

from evals.cases import Axis
from evals.comparison import compare
from evals.gate import Verdict
from evals.judges.trust import Interval, Trust, TrustBook
from evals.pairs import Pair, paired
from evals.rows import CriterionResult, JudgeMark, Row
from evals.trusted_gate import GateRules, decide_with_trust
from evals.trusted_rows import Deciders, NoRulings, Rulings
from evals.waivers import NO_WAIVERS
from matria.policy import Policy

TODAY = date(2026, 11, 20)
RUBRIC = "judge:rubric m-1 t-1"
MARK = JudgeMark("m-1", "t-1", (0,))
AXIS: Axis = "danger_signs"


def trust(state: str = "trusted", criterion: str = f"axis:{AXIS}", **figures: object) -> Trust:
    given = {"n": 41, "kappa": Interval(0.72), "sensitivity": Interval(0.9), "specificity": Interval(0.85), **figures}
    return Trust(RUBRIC, criterion, state, **given)  # type: ignore[arg-type]


def book(*known: Trust) -> TrustBook:
    return TrustBook({(one.judge, one.criterion): one for one in known})


TRUSTED, BELOW, NOBODY = book(trust()), book(trust("untrusted", kappa=Interval(0.06))), TrustBook()


def judge(
    name: str, met: bool | None, axis: Axis = AXIS, *, never: bool = False, mark: JudgeMark = MARK
) -> CriterionResult:
    graded = result(name, axis, 10, met, never)
    return replace(graded, grader="judge:rubric", judge=mark if met is not None else replace(mark, model=""))


@dataclass(frozen=True)
class Said:
    """Nurses who said the same of every answer with these words."""

    met: Mapping[str, bool] = field(default_factory=dict)

    def of(self, row: Row, result: CriterionResult) -> bool | None:
        return self.met.get(row.answer.graded_text) if row.answer else None


Outcomes = Sequence[bool | None]


def rows(name: str, rule: Outcomes, judged: Outcomes, axis: Axis = "tone", *, never: bool = False) -> list[Row]:
    """One row a case: a rule on one axis and a judge on danger signs; an empty list means no such criterion."""
    made = []
    for n in range(max(len(rule), len(judged))):
        criteria = [result("r", axis, 10, rule[n])] if rule else []
        criteria += [judge("j", judged[n], never=never)] if judged else []
        made.append(row(f"case-{n:02}.en", criteria, side=name, text=f"{name} {n}"))
    return made


def verdict(
    base: list[Row],
    head: list[Row],
    policy: Policy,
    trusted: TrustBook = NOBODY,
    before: TrustBook | None = None,
    rulings: Rulings = NoRulings(),  # noqa: B008
) -> Verdict:
    def pairs() -> Iterator[Pair]:
        return paired(base, head)

    rules = GateRules(policy, policy, NO_WAIVERS, TODAY)
    old = None if before is None else Deciders(before, rulings)
    return decide_with_trust(pairs, compare(pairs(), policy), rules, Deciders(trusted, rulings), old)


def codes(found: Verdict) -> list[str]:
    return [reason.code for reason in found.reasons]


FINE, LOST, FAILS = [True] * 40, [True] * 20 + [False] * 20, [False] * 40
UNSURE = [True] * 38 + [False] * 2
FEW = [True] * 3
NONE: Outcomes = []


def regraded(made: list[Row], mark: JudgeMark = MARK, **changes: Any) -> list[Row]:
    """The rows, with the judge's criterion graded by somebody else or asked otherwise."""

    def other(one: CriterionResult) -> CriterionResult:
        return replace(one, judge=mark, **changes) if one.id == "j" else one

    return [replace(one, criteria=tuple(map(other, one.criteria))) for one in made]

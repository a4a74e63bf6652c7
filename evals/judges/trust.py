"""How far a judge is trusted: its verdicts held against those of nurses who read the same answers blind.

Trust is in one judge (its name, model and templates together) on one criterion, or on an axis where a criterion has too
few readings of its own. A judge that was never measured is not trusted: missing is not fine. Below the bar of
policy.yaml, section `trust`, a judge informs and neither passes nor blocks a gate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from evals.cases import digest
from evals.rows import CriterionResult, JudgeMark

Overall = Literal["overall"]
OVERALL: Overall = "overall"
"""In the place of an axis: what is of all axes at once. No case can be on it, so it lends trust to no criterion."""
TrustState = Literal["trusted", "untrusted", "unmeasured"]
"""At or over the bar; measured and below it; fewer readings than `trust.min_n`, or none."""
_DIGEST_CHARACTERS = 8


@dataclass(frozen=True)
class Interval:
    """A share or coefficient with its two-sided interval; all three None where nothing could be measured."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Trust:
    """One judge on one criterion or axis, against nurses."""

    judge: str
    """Its identity; see `judge_of`."""
    criterion: str
    """`review/safe#<digest>`, `<suite>/<criterion id>#<digest>`, or `axis:<axis>` for all criteria of an axis."""
    state: TrustState = "unmeasured"
    n: int = 0
    """Answers that both judged; a judge's failure and a nurse's "cannot tell" are counted apart."""
    failed: int = 0
    """Answers on which the judge gave no verdict."""
    kappa: Interval = Interval()
    """Cohen's."""
    sensitivity: Interval = Interval()
    """Of what nurses found good, the share that the judge found good; Wilson's interval."""
    specificity: Interval = Interval()
    """Of what nurses found not good, the share that the judge found not good; Wilson's interval."""
    until: str = ""
    """Last day of the readings on which both said something, as ISO date; of all where there are none."""
    is_simulated: bool = False
    cannot_tell: int = 0
    """Answers on which the nurse could not tell."""
    met: int = 0
    """Of the n answers, those that nurses found good in at least one criterion: met, or of negative points not met."""
    not_met: int = 0
    """Of the n answers, those that nurses found not good in at least one criterion."""
    effective_met: float = 0.0
    """As many items of equal weight would tell as much of the sensitivity."""
    effective_not_met: float = 0.0
    """As many items of equal weight would tell as much of the specificity."""
    is_weighted: bool = False
    """Whether readings count by the inverse of the chance with which their items were drawn."""
    nurses: int = 0
    """How many different nurses said what it rests on."""

    @property
    def is_trusted(self) -> bool:
        """Whether it may pass or block."""
        return self.state == "trusted"


@dataclass(frozen=True)
class TrustBook:
    """All that is known of judges."""

    known: Mapping[tuple[str, str], Trust] = field(default_factory=dict)
    """By judge and criterion, or judge and `axis:<axis>`."""

    def of(self, judge: str, criterion: str, axis: str, *, is_simulated: bool = True) -> Trust:
        """On the criterion where that was measured, else on its axis, else `unmeasured`.

        What simulated readings said is passed over where the answer is not simulated.
        """
        for name in (criterion, f"axis:{axis}"):
            found = self.known.get((judge, name))
            if found is not None and found.state != "unmeasured" and (is_simulated or not found.is_simulated):
                return found
        return Trust(judge, criterion)


def judge_of(grader: str, mark: JudgeMark | None) -> str:
    """Identity of who graded, as trust is kept by it: `judge:rubric`, the model's snapshot, the templates' hash."""
    return f"{grader} {mark.model} {mark.template}" if mark else grader


def place_of(suite: str, result: CriterionResult) -> str:
    """Where trust in who grades a criterion is kept: reworded, told otherwise or turned round it is another place."""
    params = result.judge.params if result.judge else ""
    return place_named(suite, result.id, result.text, params, result.points > 0)


def place_named(suite: str, criterion_id: str, text: str, params: str, good_when_met: bool) -> str:
    """The same by its parts; `params` is a `params_hash`."""
    return named(f"{suite}/{criterion_id}", [text, params, good_when_met])


def params_hash(params: Mapping[str, Any]) -> str:
    """Hash of what a criterion tells its judge; empty where it tells nothing."""
    return digest(dict(params))[:_DIGEST_CHARACTERS] if params else ""


def named(name: str, content: object) -> str:
    """The name with a digest of what it stands for."""
    return f"{name}#{digest(content)[:_DIGEST_CHARACTERS]}"


def plain_name(criterion: str) -> str:
    """The name of a criterion or axis without its digest."""
    return criterion.partition("#")[0]


def trust_in(book: TrustBook, suite: str, result: CriterionResult, *, is_simulated: bool = True) -> Trust:
    """Trust in who graded a result of an answer that is simulated or not."""
    judge = judge_of(result.grader, result.judge)
    return book.of(judge, place_of(suite, result), result.axis, is_simulated=is_simulated)

"""Grading: each criterion of a case by its check or its judge, a failed grader told apart from a failed answer."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from evals.cases import Case, Criterion, digest
from evals.checks.registry import CheckFailed, Context, Country, country_of, grade
from evals.judges.base import GradedMessage, Judge, JudgeFailed, JudgeQuestion
from evals.judges.trust import params_hash
from evals.redacted import redacted_messages
from evals.rows import AnswerRecord, CriterionResult, JudgeMark, Meter
from matria.errors import SuiteError
from matria.policy import Policy

if TYPE_CHECKING:
    from prompts.render import RenderedPrompt


@dataclass(frozen=True)
class Graders:
    """The checks with what they need to know, and the judges by name."""

    policy: Policy
    country: Country
    judges: Mapping[str, Judge] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """Content hash of all that decides a grade: rows graded under another identity are graded again."""
        judges = {name: judge.identity for name, judge in self.judges.items()}
        return digest([_code_digest(), self.policy.group("assistant"), self.country, judges])

    def require(self, cases: Iterable[Case]) -> None:
        """Raises `SuiteError` before anything is asked where a criterion names a judge that is not there."""
        for case in cases:
            for criterion in case.criteria:
                if criterion.judge and criterion.judge not in self.judges:
                    raise SuiteError(
                        f"Case {case.id} of suite {case.suite} needs the judge '{criterion.judge}', and none is "
                        "configured: set MATRIA_JUDGE__KIND, or leave the suite out."
                    )

    async def grade(
        self,
        case: Case,
        answer: str,
        meter: Meter | None = None,
        record: AnswerRecord | None = None,
        rendered: "RenderedPrompt | None" = None,
    ) -> tuple[CriterionResult, ...]:
        """What was found of each criterion, in the case's order. A grader's failure is in its result, not raised.

        Judges are asked of all criteria at once; how many calls that may be is for what stands before the endpoint.
        `meter` is what the answer took, for the checks of latency and cost, and `record` has what the rails decided;
        without them the checks that need them fail as graders. `rendered` is what was answered with, for the ledger.
        """
        context = self._context(case, meter, record)
        message = _message(case, meter, rendered) if meter else None
        if all(criterion.check is not None for criterion in case.criteria):
            return tuple([await self._one(case, criterion, answer, context, message) for criterion in case.criteria])
        each = [self._one(case, criterion, answer, context, message) for criterion in case.criteria]
        found = await asyncio.gather(*each, return_exceptions=True)  # a call under way is paid for: its reply is kept
        for error in found:
            if isinstance(error, BaseException):
                raise error
        return tuple([result for result in found if not isinstance(result, BaseException)])

    def _context(self, case: Case, meter: Meter | None, record: AnswerRecord | None) -> Context:
        cost = meter.cost_usd if meter else None
        return Context(
            locale=case.locale,
            country=country_of(case.locale, self.country),
            policy=self.policy,
            retrieved=case.retrieved,
            latency_ms=meter.latency_ms if meter else None,
            cost_usd=None if cost is None else float(cost),
            decisions=record.decisions if record else (),
        )

    async def _one(
        self, case: Case, criterion: Criterion, answer: str, context: Context, message: GradedMessage | None
    ) -> CriterionResult:
        if criterion.check is not None:
            try:
                found = grade(criterion.check, answer, context)
            except CheckFailed as failure:
                return _result(criterion, None, "", "", str(failure))
            return _result(criterion, found.met, found.quote, found.explanation)
        question = JudgeQuestion(
            conversation=redacted_messages(case.messages),
            answer=answer,
            criterion=criterion.text,
            locale=case.locale,
            case=case.id,
            params=criterion.judge_params,
            retrieved=case.retrieved,
            reference=case.reference,
            message=message,
        )
        try:
            judgement = await self.judges[criterion.judge or ""].grade(question)
        except JudgeFailed as failure:
            return replace(_result(criterion, None, "", "", str(failure)), judge=_told(failure.mark, criterion))
        judged = _result(criterion, judgement.met, judgement.quote, judgement.explanation)
        return replace(judged, judge=_told(judgement.mark, criterion))


def _told(mark: JudgeMark | None, criterion: Criterion) -> JudgeMark | None:
    """The mark, with what the criterion told the judge."""
    return replace(mark, params=params_hash(criterion.judge_params)) if mark else None


def _message(case: Case, meter: Meter, rendered: "RenderedPrompt | None") -> GradedMessage:
    return GradedMessage(
        f"{case.suite}/{case.id}",
        meter.message_id or meter.key,
        datetime.fromisoformat(meter.message_at) if meter.message_at else None,
        replace(rendered, messages=(), own_characters=0) if rendered else None,
    )


def _result(
    criterion: Criterion, met: bool | None, quote: str, explanation: str, grader_error: str = ""
) -> CriterionResult:
    return CriterionResult(
        id=criterion.id,
        text=criterion.text,
        axis=criterion.axis,
        points=criterion.points,
        never=criterion.never,
        grader=criterion.grader,
        met=met,
        quote=quote,
        explanation=explanation,
        grader_error=grader_error,
    )


@lru_cache(maxsize=1)
def _code_digest() -> str:
    """Hash of the checks themselves, code and word lists: a check that changed grades anew."""
    folder = Path(__file__).parent / "checks"
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".yaml"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()

"""Rows made by hand, for the tests of comparison, gate and reports."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from evals.cases import Axis
from evals.rows import AnswerError, AnswerRecord, CriterionResult, RailDecision, Row, with_criteria
from matria.messages import Locale, Message
from models.assistant.conversation import Outcome


def result(
    name: str, axis: Axis, points: float, met: bool | None, never: bool = False, text: str = ""
) -> CriterionResult:
    error = "" if met is not None else "the judge did not answer"
    return CriterionResult(name, text or f"Text of {name}.", axis, points, never, "check:says", met, "", "", error)


def row(
    case: str,
    criteria: Sequence[CriterionResult],
    *,
    side: str = "head",
    epoch: int = 0,
    locale: Locale = "en",
    text: str = "An answer.",
    error: AnswerError | None = None,
    simulated: bool = False,
    prompt_hash: str | None = None,
) -> Row:
    blank = Row(
        key=f"{side}/{case}/{epoch}",
        answer_key=f"{side}/{case}/{epoch}",
        suite="danger_signs",
        case=case,
        locale=locale,
        persona="gestante",
        stage="third_trimester",
        prompt=f"gestante/triagem.{locale}",
        prompt_version="1.0.0",
        prompt_hash=prompt_hash or side,
        epoch=epoch,
        model="m",
        parameters={},
        messages=(Message("system", "Be kind."), Message("user", f"Question of {case}?")),
        answer=None if error else AnswerRecord(text, text, text, is_simulated=simulated),
        error=error,
    )
    return with_criteria(blank, () if error else tuple(criteria))


def side(
    name: str,
    met: Iterable[bool | None],
    axis: Axis = "danger_signs",
    never: bool = False,
    locale: Locale = "en",
    **changes: bool | str,
) -> list[Row]:
    """One row a case, with one criterion of 10 points that is met or not."""
    return [
        row(
            f"case-{n:02}.{locale}",
            [result("c1", axis, 10, is_met, never)],
            side=name,
            locale=locale,
            text=f"Answer {is_met}.",
            **changes,  # type: ignore[arg-type]
        )
        for n, is_met in enumerate(met)
    ]


ASKED = RailDecision("user", "allow", "injection")
DECISIONS: dict[Outcome, tuple[RailDecision, ...]] = {
    "answered": (ASKED, RailDecision("assistant", "allow", "prompt_leak")),
    "rewritten": (ASKED, RailDecision("assistant", "rewrite", "clinical_terms", ("dose_in_answer",))),
    "cared": (RailDecision("user", "escalate", "clinical_terms", ("self_harm_disclosure",)),),
    "refused": (RailDecision("user", "refuse", "injection", ("injection_override_instructions",)),),
    "withheld": (ASKED, RailDecision("assistant", "refuse", "prompt_leak", ("system_prompt_in_answer",))),
    "unchecked": (RailDecision("user", "human", "moderation", ("rail_failed",), is_error=True),),
}


def through_rails(of: Row, outcome: Outcome = "answered") -> Row:
    """The row as the assistant's rails left it; its grades are the same, whatever they did."""
    assert of.answer is not None
    return replace(of, answer=replace(of.answer, outcome=outcome, decisions=DECISIONS[outcome]))


def shown(name: str, outcomes: Iterable[Outcome], **changes: bool | str) -> list[Row]:
    """One row a case, all with the same grade, and what became of its answer."""
    given = list(outcomes)
    rows = side(name, [True] * len(given), **changes)  # type: ignore[arg-type]
    return [through_rails(of, outcome) for of, outcome in zip(rows, given, strict=True)]

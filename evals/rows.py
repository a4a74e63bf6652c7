"""Result rows: one answer to one case in one epoch, how it was graded, or the error that came instead.

A row holds nothing that differs between two runs on the same inputs: when it was, how long it took and what it cost
lie in its `Meter`, which is kept beside it. So the same inputs give the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from evals.cases import Axis, Stage
from evals.scoring import case_score
from guardrails.base import Action, Category, Decision, Direction
from matria.costs.base import CostState
from matria.messages import Locale, Message, Persona

Side = Literal["base", "head"]
"""Which version of the prompts: the one before a change, or the one after."""


@dataclass(frozen=True)
class JudgeMark:
    """Who judged a criterion, so that a grade can be had again."""

    model: str
    """The snapshots that answered, by name, with commas between; empty where none did."""
    template: str
    """Hash of the judge's templates."""
    seeds: tuple[int, ...]
    """Seed of each answer that counted; where none did, the first that was tried."""
    agreement: float | None = None
    """Share of several samples that said the same; None where one was asked for."""
    score: float | None = None
    """What a metric measured, 0 to 1; None where the judge says yes or no."""
    is_simulated: bool = False
    """Whether the bundled simulator answered."""
    params: str = ""
    """Hash of what the criterion tells its judge: samples, threshold, steps; empty where it tells nothing."""


@dataclass(frozen=True)
class CriterionResult:
    """What its grader found of one criterion."""

    id: str
    text: str
    axis: Axis
    points: float
    never: bool
    grader: str
    """`check:escalation`, `judge:rubric`."""
    met: bool | None
    """None exactly where the grader failed: that is not a failed answer."""
    quote: str = ""
    """Words of the answer that decided."""
    explanation: str = ""
    grader_error: str = ""
    """Why the grader failed; empty where it did not."""
    judge: JudgeMark | None = None
    """None where a check graded."""

    @property
    def is_failed(self) -> bool:
        """Whether the outcome is the bad one; never where the grader failed."""
        return self.met is not None and self.met == (self.points < 0)


@dataclass(frozen=True)
class RailDecision:
    """What a rail decided on the question or the answer."""

    direction: Direction
    """Whose text it was."""
    action: Action
    rail: str
    reasons: tuple[str, ...] = ()
    is_error: bool = False
    levels: Mapping[Category, int] = field(default_factory=dict)
    """Raw severities 0 to 7 by category; empty where the rail has none."""


def rail_decision(direction: Direction, decision: Decision) -> RailDecision:
    """What a row keeps of a rail's decision: not how long it took, which two runs do not share."""
    return RailDecision(
        direction, decision.action, decision.rail, decision.reasons, decision.is_error, dict(decision.levels)
    )


@dataclass(frozen=True)
class AnswerRecord:
    """An answer as it was graded, shown, and written by the model."""

    graded_text: str
    """The model's own words where a model was called, so that a rail behind a worse prompt hides nothing."""
    shown_text: str
    """What she would read, after the rails."""
    model_text: str | None
    """None where a rail answered before the model was called."""
    outcome: str = "answered"
    """`answered`, `rewritten`, `cared`, `refused`, `unchecked` or `withheld`."""
    model_snapshot: str = ""
    finish_reason: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    decisions: tuple[RailDecision, ...] = ()
    notes: tuple[str, ...] = ()
    """Themes of the notes that the model was shown beside the messages."""
    is_simulated: bool = False

    @property
    def is_refusal(self) -> bool:
        """Whether the endpoint's own filter or a failed rail stood in the way: asked again on the next run."""
        return self.finish_reason == "content_filter" or any(d.is_error for d in self.decisions)


@dataclass(frozen=True)
class Meter:
    """What differs between two runs on the same inputs."""

    key: str
    latency_ms: float | None = None
    cost_usd: str | None = None
    """A decimal; None where nothing was called or the price is unknown."""
    cost_state: CostState | None = None
    """None where no model was called."""
    price_source: str = ""
    request_id: str = ""
    rails_ms: float | None = None
    """How long the rails took together; None where none was asked."""
    message_id: str = ""
    """By which the ledger has the calls for the answer: the key of the row that it was asked for first."""
    message_at: str = ""
    """When it was asked for, as ISO 8601; both are empty where nothing was paid for."""


@dataclass(frozen=True)
class AnswerError:
    """Why there is no answer."""

    type: str
    """Kind of the endpoint's failure, such as `timeout`, or else name of the error, such as `BudgetReached`."""
    message: str


@dataclass(frozen=True)
class Row:
    """One case, one prompt, one epoch."""

    key: str
    """Content hash of all that decides the row; see `evals.trials`."""
    answer_key: str
    """Content hash of all that decides the answer; rows that share it share the answer."""
    suite: str
    case: str
    locale: Locale
    persona: Persona
    stage: Stage | None
    prompt: str
    prompt_version: str
    prompt_hash: str
    epoch: int
    model: str
    parameters: Mapping[str, Any]
    messages: tuple[Message, ...]
    """As sent."""
    answer: AnswerRecord | None = None
    error: AnswerError | None = None
    """Set exactly where `answer` is None."""
    criteria: tuple[CriterionResult, ...] = ()
    score: float | None = None
    """None where there is no answer or a grader failed."""

    @property
    def is_final(self) -> bool:
        """Whether a later run may take it as it is: neither an error, nor a refusal, nor a failed grader in it."""
        is_graded = all(not c.grader_error for c in self.criteria)
        return self.answer is not None and not self.answer.is_refusal and is_graded

    @property
    def is_simulated(self) -> bool:
        """Whether the simulator answered, or judged."""
        judged = any(criterion.judge and criterion.judge.is_simulated for criterion in self.criteria)
        return judged or (self.answer is not None and self.answer.is_simulated)

    @property
    def question(self) -> str:
        """What the user said last."""
        return next((m.content for m in reversed(self.messages) if m.role == "user"), "")

    @property
    def order(self) -> tuple[str, str, str, str, int, str]:
        """Sorts rows the same way in every run."""
        return (self.suite, self.case, self.prompt, self.prompt_hash, self.epoch, self.key)


@dataclass(frozen=True)
class Entry:
    """One row of an evaluation, what it took, and which sides it is for."""

    row: Row
    meter: Meter
    sides: tuple[Side, ...]
    """Both where the prompt did not change."""


def with_criteria(row: Row, criteria: tuple[CriterionResult, ...]) -> Row:
    """The row, graded."""
    return replace(row, criteria=criteria, score=case_score(criteria))


def row_as_dict(row: Row) -> dict[str, Any]:
    """Plain data for JSON, shared with the row: not to be changed."""
    data: dict[str, Any] = _plain(row)
    return data


def _plain(value: Any) -> Any:
    """Records as mappings, all the way down; a fraction of what `dataclasses.asdict` takes, which copies every leaf."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return {name: _plain(part) for name, part in vars(value).items()} if hasattr(value, "__dict__") else value


def row_of(data: Mapping[str, Any]) -> Row:
    """The row that `row_as_dict` wrote."""
    answer, error = data["answer"], data["error"]
    return Row(
        **{
            **data,
            "messages": tuple(Message(**m) for m in data["messages"]),
            "answer": answer_of(answer) if answer else None,
            "error": AnswerError(**error) if error else None,
            "criteria": tuple(_criterion_of(c) for c in data["criteria"]),
        }
    )


def answer_of(data: Mapping[str, Any]) -> AnswerRecord:
    """The answer that a row holds as plain data."""
    decisions = tuple(RailDecision(**{**d, "reasons": tuple(d["reasons"])}) for d in data["decisions"])
    return AnswerRecord(**{**data, "decisions": decisions, "notes": tuple(data.get("notes", ()))})


def _criterion_of(data: Mapping[str, Any]) -> CriterionResult:
    mark = data.get("judge")
    judge = JudgeMark(**{**mark, "seeds": tuple(mark["seeds"])}) if mark else None
    return CriterionResult(**{**data, "judge": judge})

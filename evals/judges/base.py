"""A judge: a criterion graded by a model. The port; adapters lie beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from evals.cases import Passage
from evals.rows import JudgeMark
from matria.messages import Locale, Message

if TYPE_CHECKING:
    from prompts.render import RenderedPrompt


@dataclass(frozen=True)
class GradedMessage:
    """The message whose answer is graded, as the ledger has it: what judges cost is a part of what it costs."""

    conversation_id: str
    message_id: str
    message_at: datetime | None
    """None where nothing was paid for the answer."""
    rendered: "RenderedPrompt | None"
    """The prompt that was answered with, without its messages, which no judge is sent."""


@dataclass(frozen=True)
class JudgeQuestion:
    """What a judge is asked. The points are not in it: what a criterion is worth must not sway whether it is met."""

    conversation: Sequence[Message]
    """The case's messages; system prompts are not shown to a judge."""
    answer: str
    criterion: str
    locale: Locale
    case: str
    """Id of the case, for the ledger where there is no `message`."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """What the criterion tells its judge; see `evals.judges.params`."""
    retrieved: Sequence[Passage] = ()
    reference: str = ""
    message: GradedMessage | None = None
    """None outside an evaluation."""


@dataclass(frozen=True)
class Judgement:
    """What a judge found."""

    met: bool
    explanation: str
    quote: str
    """Words of the answer; empty where the judge pointed at none."""
    mark: JudgeMark | None = None
    """Who judged."""


class JudgeFailed(Exception):
    """A judge could not answer; the message says why and holds no text of the answer."""

    def __init__(self, message: str, mark: JudgeMark | None = None) -> None:
        super().__init__(message)
        self.mark = mark
        """Who failed, as far as is known."""


class Judge(Protocol):
    """Grades one criterion of one answer.

    1. Raises `JudgeFailed` where it errs, times out or answers out of its schema, after the attempts that it may make;
       never turns a failure into a verdict.
    2. A quote that it gives stands in the answer.
    3. Safe to call many times at once on one event loop.
    4. Needs no network but its chat model's, and writes no file.
    """

    @property
    def identity(self) -> str:
        """Name, model and hash of the templates: another identity grades anew."""

    async def grade(self, question: JudgeQuestion) -> Judgement:
        """Whether the criterion is met."""

"""The assistant as the thing under evaluation: a trial goes through it as a woman's message would.

What is graded is the model's own answer wherever the model was called, so that a rail behind a worse prompt hides
nothing; where a rail answered first, what she is shown. The row keeps both, without personal data.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from evals.chat_subject import call_meter
from evals.engine import Answered
from evals.redacted import redacted
from evals.rows import AnswerRecord, Meter, RailDecision, rail_decision
from evals.trial import Trial
from models.assistant.conversation import Answer, Question

if TYPE_CHECKING:
    from models.assistant.assistant import Assistant


class AssistantSubject:
    """Answers trials with an assistant; the `answer` function of `evals.engine.evaluate`."""

    def __init__(self, assistant: "Assistant") -> None:
        self._assistant = assistant

    async def __call__(self, trial: Trial) -> Answered:
        """The assistant's answer to the trial. Raises `ModelError` where the endpoint does not answer."""
        question = Question(
            prompt=trial.prompt,
            variables=trial.variables,
            conversation_id=f"{trial.case.suite}/{trial.case.id}",
            message_id=trial.key,
            history=trial.case.history,
            purpose="evaluation",
            model=trial.model,
            epoch=trial.epoch,
        )
        answer = await self._assistant.answer(question)
        return Answered(_record(answer), _meter(answer, trial.key))


def _record(answer: Answer) -> AnswerRecord:
    reply = answer.reply
    model_text = None if answer.model_text is None else redacted(answer.model_text)
    shown_text = redacted(answer.shown_text)
    return AnswerRecord(
        graded_text=shown_text if model_text is None else model_text,
        shown_text=shown_text,
        model_text=model_text,
        outcome=answer.outcome,
        model_snapshot=reply.model_snapshot if reply else "",
        finish_reason=reply.finish_reason if reply else "",
        input_tokens=reply.usage.input_tokens if reply else 0,
        output_tokens=reply.usage.output_tokens if reply else 0,
        cached_tokens=reply.usage.cached_tokens if reply else 0,
        decisions=_decisions(answer),
        notes=answer.notes,
        is_simulated=reply.is_simulated if reply else False,
    )


def _decisions(answer: Answer) -> tuple[RailDecision, ...]:
    told = answer.output_decision.decisions if answer.output_decision else ()
    asked = [rail_decision("user", decision) for decision in answer.input_decision.decisions]
    return (*asked, *(rail_decision("assistant", decision) for decision in told))


def _meter(answer: Answer, key: str) -> Meter:
    rails_ms = answer.timing.input_rails_ms + answer.timing.output_rails_ms
    if answer.reply is None or answer.entry is None:
        came_at = min((entry.message_at.isoformat() for entry in answer.moderation), default="")
        return Meter(key, rails_ms=rails_ms, message_id=key, message_at=came_at)
    return replace(call_meter(answer.reply, answer.entry, key), rails_ms=rails_ms)

"""The model alone as the thing under evaluation: the prompt as it renders, without rails before or after it.

It shows whether a prompt itself carries a passage on safety, where a rail would answer in its place; and it is what
other harnesses measure, which know no rails. Sampling parameters and the ledger are those of the assistant.
"""

import asyncio

from evals.engine import Answered
from evals.redacted import redacted
from evals.rows import AnswerRecord, Meter
from evals.trial import Trial
from matria.costs.base import LedgerEntry
from models.assistant.base import ChatModel, ChatReply, ChatRequest
from models.assistant.failures import ChatFailed, PaidAttempt
from models.assistant.meter import MessageOf
from models.assistant.meter import Meter as CallMeter
from models.assistant.sampling import sampling_parameters


class ChatSubject:
    """Answers trials with a chat model; an `AnswerFunction` for `evals.engine.evaluate`."""

    def __init__(self, chat: ChatModel, meter: CallMeter, max_output_tokens: int) -> None:
        self._chat = chat
        self._meter = meter
        self._max_output_tokens = max_output_tokens

    async def __call__(self, trial: Trial) -> Answered:
        """The model's answer to the trial. Raises `ModelError` where the endpoint does not answer."""
        rendered = trial.rendered
        asked_at = self._meter.clock()
        parameters = sampling_parameters(rendered.parameters, self._max_output_tokens, trial.epoch)
        message: MessageOf = {
            "purpose": "evaluation",
            "conversation_id": f"{trial.case.suite}/{trial.case.id}",
            "message_id": trial.key,
            "message_at": asked_at,
            "rendered": rendered,
        }
        paid: list[PaidAttempt] = []
        request = ChatRequest(rendered.messages, trial.model, parameters, trial.epoch, paid.append)
        try:
            reply = await self._chat.complete(request)
        except asyncio.CancelledError:  # by a cap on time, or since another trial cannot be recorded
            await self._meter.record_failed(paid, **message)
            raise
        except ChatFailed as error:
            await self._meter.record_failed(error.paid, **message)
            raise
        entry = await self._meter.record(reply, provider=self._chat.provider, model=trial.model, **message)
        return Answered(_record(reply), call_meter(reply, entry, trial.key))


def call_meter(reply: ChatReply, entry: LedgerEntry, key: str) -> Meter:
    """What a call took, for the row of `key`."""
    usd = entry.cost.usd
    return Meter(
        key=key,
        latency_ms=reply.latency_ms,
        cost_usd=None if usd is None else str(usd),
        cost_state=entry.cost.state,
        price_source=entry.cost.price_source,
        request_id=reply.request_id,
        message_id=entry.message_id,
        message_at=entry.message_at.isoformat(),
    )


def _record(reply: ChatReply) -> AnswerRecord:
    text = redacted(reply.text)
    is_refused = reply.finish_reason == "content_filter" or reply.is_refusal
    return AnswerRecord(
        graded_text=text,
        shown_text=text,
        model_text=text,
        outcome="refused" if is_refused else "answered",
        model_snapshot=reply.model_snapshot,
        finish_reason=reply.finish_reason,
        input_tokens=reply.usage.input_tokens,
        output_tokens=reply.usage.output_tokens,
        cached_tokens=reply.usage.cached_tokens,
        is_simulated=reply.is_simulated,
    )

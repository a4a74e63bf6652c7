"""The guardrails alone as the thing under evaluation: a text is judged, and what comes out of the rails is graded.

A question has its personal data masked first, as in a conversation. Out of it comes what a model would be sent, or the
text that is shown in its place; out of an answer, what she would read, mended where that can be. No model is asked;
what a paid rail counts goes into the ledger. A rail that fails is an error of the row: what nobody judged is never a
pass.
"""

import asyncio
from dataclasses import replace
from time import perf_counter

from evals.cases import Case
from evals.engine import Answered
from evals.rows import AnswerRecord, Meter, rail_decision
from evals.trial import Trial
from guardrails.base import Audience, Decision, Direction, RailFailed, Text
from guardrails.care.texts import CareTexts
from guardrails.chain import ChainDecision, RailChain
from guardrails.personal_data import service_numbers
from guardrails.vault import Vault
from models.assistant.mending import mend
from models.assistant.meter import Meter as CallMeter
from models.assistant.shown import Ending, Wording, outcome_of_answer, outcome_of_question
from models.assistant.turn import STAFF


class RailsSubject:
    """Puts trials to the rails; an `AnswerFunction` for `evals.engine.evaluate`."""

    def __init__(self, rails: RailChain, care: CareTexts, meter: CallMeter | None = None) -> None:
        """Without a `meter` nothing is recorded, which is right where no rail is paid for."""
        self._rails = rails
        self._meter = meter
        self._wording = Wording(care)
        self._services = service_numbers()

    async def __call__(self, trial: Trial) -> Answered:
        """What comes out of the rails. Raises `RailFailed` where one of them does not answer."""
        text, started = self._text(trial.case), perf_counter()
        made: list[Decision] = []
        asked_at = self._meter.clock() if self._meter else None
        try:
            decision = await self._judged(text, made)
            ending = (
                await self._of_answer(text, decision, made)
                if text.direction == "assistant"
                else self._of_question(text, decision)
            )
        finally:
            if self._meter is not None:
                await self._meter.record_moderation(
                    made,
                    purpose="evaluation",
                    conversation_id=f"{trial.case.suite}/{trial.case.id}",
                    message_id=trial.key,
                    message_at=asked_at,
                    rendered=trial.rendered,
                )
        took_ms = (perf_counter() - started) * 1000
        shown = self._wording.text(ending)
        record = AnswerRecord(
            graded_text=shown,
            shown_text=shown,
            model_text=None,
            outcome=ending.outcome,
            decisions=tuple(rail_decision(text.direction, one) for one in decision.decisions),
        )
        came_at = asked_at.isoformat() if asked_at else ""
        return Answered(record, Meter(trial.key, rails_ms=took_ms, message_id=trial.key, message_at=came_at))

    async def _judged(self, text: Text, made: list[Decision]) -> ChainDecision:
        judging = asyncio.ensure_future(self._rails.judge(text))
        try:
            decision = await asyncio.shield(judging)
        except asyncio.CancelledError:  # once asked they decide, within their own time, and are paid for
            await asyncio.wait([judging])
            if not judging.cancelled() and judging.exception() is None:
                made.extend(judging.result().decisions)
            raise
        made.extend(decision.decisions)
        if failed := [one.rail for one in decision.decisions if one.is_error]:
            raise RailFailed(f"The rail {failed[0]} failed, so nobody judged this text.")
        return decision

    def _text(self, case: Case) -> Text:
        """What the rails are given of a case: its answer where it has one, else what the user says last."""
        direction: Direction = "assistant" if case.answer else "user"
        audience: Audience = "staff" if case.persona in STAFF else "patient"
        asked = Vault(case.locale, keep=self._services).mask(case.question)
        return Text(
            case.answer or asked,
            direction,
            case.locale,
            audience,
            question=asked if case.answer else "",
            sources=tuple(passage.text for passage in case.retrieved),
            instructions=case.instructions,
        )

    def _of_question(self, text: Text, decision: ChainDecision) -> Ending:
        """The question as a model would be sent it, or what is shown in its place."""
        outcome = outcome_of_question(decision)
        return Ending(outcome, text.audience, text.locale, decision.reasons, (), text.content)

    async def _of_answer(self, text: Text, decision: ChainDecision, made: list[Decision]) -> Ending:
        """The answer as she would read it, mended as the assistant mends it, or what is shown in its place."""
        mended = await mend(
            text.content, decision, text.locale, lambda changed: self._judged(replace(text, content=changed), made)
        )
        outcome = outcome_of_answer(decision, is_shown=mended.is_shown)
        return Ending(outcome, text.audience, text.locale, (), decision.reasons, mended.text)

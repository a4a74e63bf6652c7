"""Keeps what a person asked and was shown, masked, for the nurses' week: behind her, and never in her way.

Nothing of an evaluation and nothing of a nurse's own summary is kept. What no store takes is an error in the log and no
more: she has her answer, and the week says how many conversations it was drawn from.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from matria.transcripts.base import Exchange, RailMark, Transcripts
from matria.transcripts.stage import stage_of
from models.assistant.base import SIMULATOR
from models.assistant.conversation import Answer
from models.assistant.meter import Meter
from models.assistant.turn import Turn

BROKEN_OFF = "broken_off"
"""Outcome of an answer whose model failed: she saw what had come by then, and the numbers to call."""
LEFT = "left"
"""Outcome of an answer that she did not read to its end: she saw what had come by then."""

log = logging.getLogger(__name__)


class Transcriber:
    """Keeps what people were shown; `behind_her` starts what she is not kept waiting by."""

    def __init__(
        self,
        transcripts: Transcripts | None,
        meter: Meter,
        provider: str,
        behind_her: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._transcripts = transcripts
        self._meter = meter
        self._provider = provider
        self._behind_her = behind_her

    def answered(self, turn: Turn, answer: Answer) -> None:
        """An answer that came to its end."""
        told = replace(turn, rendered=answer.rendered, reply=answer.reply)
        self._keep(turn, lambda: exchange_of_answer(told, answer, self._meter, self._provider))

    def broken_off(self, turn: Turn, shown: str, end: str) -> None:
        """An answer whose model failed after `shown`; `end` is what she read in its place."""
        seen = f"{shown}\n\n{end}" if shown else end
        self._keep(turn, lambda: exchange_of_rest(turn, seen, BROKEN_OFF, self._meter, self._provider))

    def left(self, turn: Turn, shown: str) -> None:
        """An answer that she stopped reading; nothing where she had seen nothing of it."""
        if shown:
            self._keep(turn, lambda: exchange_of_rest(turn, shown, LEFT, self._meter, self._provider))

    def _keep(self, turn: Turn, exchange: Callable[[], Exchange]) -> None:
        if self._transcripts is not None and turn.question.purpose == "assistant" and turn.audience != "staff":
            self._behind_her(_kept(self._transcripts, exchange()))


def exchange_of_answer(turn: Turn, answer: Answer, meter: Meter, provider: str) -> Exchange:
    """What came of a question that was answered, whatever with."""
    marks = tuple(
        RailMark(direction, decision.rail, decision.action, decision.reasons)
        for direction, of in (("user", answer.input_decision), ("assistant", answer.output_decision))
        for decision in (of.decisions if of else ())
        if decision.action != "allow"
    )
    return _exchange(turn, meter, provider, answer.masked_text, answer.outcome, marks, answer.handed_over is not None)


def exchange_of_rest(turn: Turn, shown: str, outcome: str, meter: Meter, provider: str) -> Exchange:
    """What she saw of an answer that did not come to its end."""
    marks = tuple(
        RailMark("user", decision.rail, decision.action, decision.reasons)
        for decision in turn.asked.decisions
        if decision.action != "allow"
    )
    return _exchange(turn, meter, provider, shown, outcome, marks, is_handed_over=False)


async def _kept(transcripts: Transcripts, exchange: Exchange) -> None:
    """The exchange is kept, or its loss logged; never raises for a store that fails."""
    try:
        await asyncio.to_thread(transcripts.keep, exchange)
    except Exception as error:  # noqa: BLE001  (she has her answer, whatever the store does)
        log.error("a conversation could not be kept for review: %s", type(error).__name__)  # noqa: TRY400


def _exchange(
    turn: Turn,
    meter: Meter,
    provider: str,
    shown: str,
    outcome: str,
    marks: tuple[RailMark, ...],
    is_handed_over: bool,
) -> Exchange:
    prompt, reply = turn.question.prompt, turn.reply
    return Exchange(
        conversation_id=meter.conversation_pseudonym(turn.question.conversation_id),
        message_id=turn.question.message_id,
        asked_at=turn.came_at,
        locale=turn.locale,
        persona=prompt.persona,
        stage=stage_of(turn.question.variables),
        asked_text=turn.said,
        shown_text=shown,
        outcome=outcome,
        prompt=prompt.name,
        prompt_version=prompt.version,
        prompt_hash=turn.rendered.prompt_hash if turn.rendered else prompt.closure_hash,
        model=reply.model_snapshot if reply else "",
        marks=marks,
        is_handed_over=is_handed_over,
        is_simulated=reply.is_simulated if reply else provider == SIMULATOR,
    )

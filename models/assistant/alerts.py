"""For what a person is told of a conversation: what she disclosed, what no rail could read, what the model heard.

Nothing of an evaluation and nothing of a nurse's own summary is handed over.
"""

import asyncio

from guardrails.care_given import REASON as CARE_IN_ANSWER
from guardrails.disclosures import DISCLOSURES
from matria.handover.base import Handover
from matria.handover.desk import Desk, HandedOver
from models.assistant.meter import Meter
from models.assistant.turn import Turn

GRAVEST: tuple[HandedOver, ...] = ("failed", "untold", "pending", "told", "known")
"""Of several reasons, what came of the one that fared worst."""


def reasons_of(turn: Turn) -> tuple[str, ...]:
    """Each reason for which a person must look; none for most conversations."""
    disclosed = tuple(mark for mark in DISCLOSURES if mark in turn.asked.reasons)
    if turn.asked.action == "escalate":
        # A moderator that escalates gives a level and no mark; what it hears is self-harm.
        return disclosed or ("self_harm_disclosure",)
    if turn.asked.failures:
        return (*disclosed, "unchecked")
    is_care = any(CARE_IN_ANSWER in decision.reasons for decision in turn.judged)
    return disclosed or ((CARE_IN_ANSWER,) if is_care else ())


async def hand_over(desk: Desk | None, meter: Meter, turn: Turn) -> HandedOver | None:
    """What came of telling a person; None where there is no reason to, or nobody to tell."""
    if desk is None or turn.question.purpose != "assistant" or turn.audience == "staff":
        return None
    came = await asyncio.gather(*(desk.hand_over(_handover(meter, turn, reason)) for reason in reasons_of(turn)))
    return min(came, key=GRAVEST.index) if came else None


def _handover(meter: Meter, turn: Turn, reason: str) -> Handover:
    return Handover(
        conversation_id=meter.conversation_pseudonym(turn.question.conversation_id),
        reason=reason,
        persona=turn.question.prompt.persona,
        locale=turn.locale,
        opened_at=meter.clock(),
        message_id=turn.question.message_id,
    )

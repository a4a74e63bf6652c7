"""What a turn cost, entered behind whoever waits for its answer.

Moderation and failed attempts are on their way into the ledger as soon as they are known, so that a process that is
killed later loses none of them. A person waits for the ledger as long as the policy says and no longer; what it does
not take by then is in the spool. An evaluation is stopped by what cannot be recorded.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from matria.costs.base import LedgerEntry
from matria.errors import StorageError
from models.assistant.base import ChatReply
from models.assistant.failures import PaidAttempt
from models.assistant.meter import MessageOf, Meter
from models.assistant.turn import Turn

CALL = "call"

log = logging.getLogger(__name__)


class Books:
    """Enters what turns cost."""

    def __init__(self, meter: Meter, patience_s: float, follow: "Callable[[asyncio.Future[Any]], None]") -> None:
        """`patience_s` is a person's; `follow` is told of what is on its way."""
        self._meter = meter
        self._patience_s = patience_s
        self._follow = follow

    async def call(self, turn: Turn, reply: ChatReply, provider: str, model: str) -> Turn:
        """The turn with its call's entry; as it was where that is there, or could not be made."""
        if CALL in turn.recorded:
            return turn
        patience_s = self._patience(turn)
        try:
            entry = await self._meter.record(
                reply, provider=provider, model=model, patience_s=patience_s, **_message_of(turn)
            )
        except (StorageError, ValueError) as error:
            _pass_over(turn, error)
            return turn
        turn.recorded.add(CALL)
        return replace(turn, entry=entry)

    def begin_attempts(self, turn: Turn, *paid: PaidAttempt) -> None:
        """Attempts that are not used are on their way into the ledger."""
        self._entering(turn, self._meter.begin_failed(paid, patience_s=self._patience(turn), **_message_of(turn)))

    def begin_moderation(self, turn: Turn) -> None:
        """What the rails have decided, and is not entered yet, is on its way into the ledger."""
        first = len(turn.billed)
        if not (new := turn.judged[first:]):
            return
        turn.billed.extend(new)
        entries, kept = self._meter.begin_moderation(
            new, judgement=turn.judgement, first=first, patience_s=self._patience(turn), **_message_of(turn)
        )
        turn.moderation.extend(entries)
        self._entering(turn, kept)

    async def moderation(self, turn: Turn) -> tuple[LedgerEntry, ...]:
        """Entries of all that the rails decided; all that was on its way is kept. An evaluation hears what was not."""
        self.begin_moderation(turn)
        while turn.entering:
            try:
                await turn.entering.pop()
            except (StorageError, ValueError) as error:
                _pass_over(turn, error)
        return tuple(turn.moderation)

    def _entering(self, turn: Turn, kept: "asyncio.Future[None]") -> None:
        if not kept.done() or kept.exception() is not None:
            turn.entering.append(kept)
            self._follow(kept)

    def _patience(self, turn: Turn) -> float | None:
        """Seconds that a person waits for the ledger; an evaluation waits as long as it takes."""
        return self._patience_s if turn.question.purpose == "assistant" else None


def _pass_over(turn: Turn, error: StorageError | ValueError) -> None:
    """A call that cannot be recorded stops an evaluation and is logged for a person, who is not left waiting."""
    if turn.question.purpose != "assistant":
        raise error
    log.critical("what a message cost could not be recorded: %s", error)


def _message_of(turn: Turn) -> MessageOf:
    question = turn.question
    return MessageOf(
        purpose=question.purpose,
        conversation_id=question.conversation_id,
        message_id=question.message_id,
        message_at=turn.came_at,
        rendered=turn.rendered,
    )

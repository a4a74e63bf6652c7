"""The desk where conversations are handed to a person: marked first, then told, and told again while nobody heard.

What goes wrong here never keeps an answer from the woman who waits for it: it is logged as an error, counted by the
caller, and what could be kept is kept.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from matria.clock import utc_now
from matria.errors import StorageError
from matria.handover.base import Handover, Handovers
from matria.notify.base import Notice, Notifier, Severity

log = logging.getLogger(__name__)

HandedOver = Literal["told", "untold", "pending", "known", "failed"]
"""What came of it: a person was told; kept, and nobody heard; on its way; known already; it could not be kept."""
SEVERITIES: Mapping[str, Severity] = {
    "intrusive_images_disclosure": "warning",
    "unchecked": "warning",
    "care_in_answer": "warning",
}
"""By reason; a reason that is not listed is critical."""


@dataclass(frozen=True)
class Desk:
    """Marks conversations and tells people."""

    handovers: Handovers
    notifier: Notifier
    link: str = ""
    """Where a person goes on from the notice; empty where there is no such place."""
    clock: Callable[[], datetime] = utc_now
    patience_s: float = 1.0
    """How long an answer waits for the alert."""

    async def hand_over(self, handover: Handover) -> HandedOver:
        """What came of it, after `patience_s` at most; never raises for a store or a channel that fails.

        What takes longer goes on in its thread: she who disclosed waits for her answer, not for an alert.
        """
        work = asyncio.ensure_future(asyncio.to_thread(self._hand_over, handover))
        done, _ = await asyncio.wait([work], timeout=self.patience_s)
        return work.result() if done else "pending"

    def tell_waiting(self) -> int:
        """How many notices a channel took, of those that nobody had heard. Raises `StorageError`."""
        untold = [handover for handover in self.handovers.waiting() if handover.told_at is None]
        return sum(self._tell(handover) for handover in untold)

    def remind(self, handover: Handover, waits_min: int) -> bool:
        """Whether a channel took the notice that she still waits; the next reminder counts from now."""
        return self._tell(handover, f"waiting for {waits_min} min: ")

    def _hand_over(self, handover: Handover) -> HandedOver:
        try:
            if self.handovers.open(handover):
                return "told" if self._tell(handover) else "untold"
            return self._tell_known(handover)
        except Exception as error:  # noqa: BLE001  (a person is told whatever the store does)
            log.critical("a conversation that a person must see could not be marked (%s): %s", handover.reason, error)
            self._deliver(handover)
            return "failed"

    def _tell_known(self, handover: Handover) -> HandedOver:
        """Of one that is open already: told now, where nobody had heard of it."""
        unheard = [
            one
            for one in self.handovers.waiting()
            if one.told_at is None and (one.conversation_id, one.reason) == (handover.conversation_id, handover.reason)
        ]
        if not unheard:
            return "known"
        return "told" if self._tell(unheard[0]) else "untold"

    def _tell(self, handover: Handover, since: str = "") -> bool:
        if not self._deliver(handover, since):
            return False
        try:
            self.handovers.told(handover.handover_id, self.clock())
        except (StorageError, KeyError):
            log.exception("a person was told of %s, and that is not on record", handover.handover_id)
        return True

    def _deliver(self, handover: Handover, since: str = "") -> bool:
        try:
            self.notifier.notify(notice(handover, self.link, since))
        except Exception:
            log.exception("nobody could be told of %s", handover.handover_id)
            return False
        return True


def severity_of(reason: str) -> Severity:
    """How grave it is that a conversation waits."""
    return SEVERITIES.get(reason, "critical")


def notice(handover: Handover, link: str = "", since: str = "") -> Notice:
    """What a person is told: which conversation, why, and what to do; nothing of what was said.

    `since` stands before the reason where she has been waiting.
    """
    reason = handover.reason.replace("_", " ")
    return Notice(
        subject=f"A conversation needs a person: {since}{reason}",
        body=(
            f"Conversation {handover.conversation_id[:12]}, {handover.persona}, {handover.locale}. Find it in the "
            "service (matria handovers find CONVERSATION_ID), read it whole, answer her in person, then close it: "
            f"matria handovers close {handover.handover_id} --by NAME"
        ),
        severity=severity_of(handover.reason),
        at=handover.opened_at,
        link=link,
    )

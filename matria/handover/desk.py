"""The desk where conversations are handed to a person: marked first, then told, and told again while nobody heard.

What goes wrong here never keeps an answer from the woman who waits for it: it is logged as an error, counted by the
caller, and what could be kept is kept.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from matria.errors import StorageError
from matria.handover.base import Handover, Handovers
from matria.notify.base import NotDelivered, Notice, Notifier, Severity

log = logging.getLogger(__name__)

HandedOver = Literal["told", "untold", "known", "failed"]
"""What came of it: a person was told; it is kept and nobody heard; it was open already; it could not be kept."""
SEVERITIES: Mapping[str, Severity] = {"intrusive_images_disclosure": "warning", "unchecked": "warning", "care_in_answer": "warning"}
"""By reason; a reason that is not listed is critical."""


def utc_now() -> datetime:
    """The time, aware of its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Desk:
    """Marks conversations and tells people."""

    handovers: Handovers
    notifier: Notifier
    link: str = ""
    """Where a person goes on from the notice; empty where there is no such place."""
    clock: Callable[[], datetime] = utc_now

    async def hand_over(self, handover: Handover) -> HandedOver:
        """What came of it; never raises for a store or a channel that fails."""
        return await asyncio.shield(asyncio.to_thread(self._hand_over, handover))

    def tell_waiting(self) -> int:
        """How many notices a channel took, of those that nobody had heard. Raises `StorageError`."""
        untold = [handover for handover in self.handovers.waiting() if handover.told_at is None]
        return sum(self._tell(handover) for handover in untold)

    def remind(self, handover: Handover, waits_min: int) -> bool:
        """Whether a channel took the notice that she still waits."""
        return self._deliver(handover, f"waiting for {waits_min} min: ")

    def _hand_over(self, handover: Handover) -> HandedOver:
        try:
            is_new = self.handovers.open(handover)
        except StorageError as error:
            log.critical("a conversation that a person must see could not be marked (%s): %s", handover.reason, error)
            self._deliver(handover)
            return "failed"
        if not is_new:
            return "known"
        return "told" if self._tell(handover) else "untold"

    def _tell(self, handover: Handover) -> bool:
        if not self._deliver(handover):
            return False
        try:
            self.handovers.told(handover.handover_id, self.clock())
        except (StorageError, KeyError):
            log.exception("a person was told of %s, and that is not on record", handover.handover_id)
        return True

    def _deliver(self, handover: Handover, since: str = "") -> bool:
        try:
            self.notifier.notify(notice(handover, self.link, since))
        except NotDelivered:
            log.exception("nobody could be told of %s", handover.handover_id)
            return False
        return True


def notice(handover: Handover, link: str = "", since: str = "") -> Notice:
    """What a person is told: which conversation, why, and what to do; nothing of what was said.

    `since` stands before the reason where she has been waiting.
    """
    reason = handover.reason.replace("_", " ")
    return Notice(
        subject=f"A conversation needs a person: {since}{reason}",
        body=(
            f"Conversation {handover.conversation_id[:12]}, {handover.persona}, {handover.locale}. Open it in the "
            "service, read it whole, answer her in person, then close it: "
            f"matria handovers close {handover.handover_id} --by NAME"
        ),
        severity=SEVERITIES.get(handover.reason, "critical"),
        at=handover.opened_at,
        link=link,
    )

"""Notices that are due: sent, those that a channel refused again after a pause, and what nobody has heard of named."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flows.wiring import Platform
    from matria.notify.base import Delivery

PATIENCE_S = 120.0
"""How long one run of `tell_people` goes on trying what a channel refused."""


@dataclass(frozen=True)
class Told:
    """What came of telling people."""

    delivered: "Sequence[Delivery]"
    undelivered: "Sequence[Delivery]"
    """All that somebody should have heard and has not, oldest first."""

    @property
    def title(self) -> str:
        """One line with the result in it."""
        if self.undelivered:
            oldest = self.undelivered[0]
            named = ", ".join(sorted({f"{one.key} on {one.channel}" for one in self.undelivered})[:5])
            return (
                f"{len(self.undelivered)} UNDELIVERED: {named}; the oldest since {oldest.put_at:%Y-%m-%d %H:%M} UTC, "
                f"because {oldest.why or 'its channel is down'}"
            )
        return f"{len(self.delivered)} delivered, nothing undelivered" if self.delivered else "Nothing was to be told"

    def table(self) -> list[dict[str, Any]]:
        """A row per delivery that was tried; one that was taken is as it stood before its last attempt."""
        return [
            {
                "notice": one.key,
                "channel": one.channel,
                "what": one.notice.subject,
                "state": state,
                "attempts": one.attempts + (state == "delivered"),
                "why": "" if state == "delivered" else one.why,
            }
            for state, ones in (("undelivered", self.undelivered), ("delivered", self.delivered))
            for one in ones
        ]


def tell_people(
    platform: "Platform", patience_s: float = PATIENCE_S, sleep: Callable[[float], None] = time.sleep
) -> Told:
    """What was delivered, and what nobody has heard of after `patience_s` of trying. Raises `StorageError`."""
    give_up_at = time.monotonic() + patience_s
    delivered: list[Delivery] = []
    while True:
        sent = platform.sender.send_due()
        delivered += sent.delivered
        if sent.next_due_at is None:
            return Told(delivered, sent.undelivered)
        pause_s = max((sent.next_due_at - datetime.now(UTC)).total_seconds(), 1.0)
        if time.monotonic() + pause_s > give_up_at:
            return Told(delivered, sent.undelivered)
        sleep(pause_s)


def outbox_state(platform: "Platform") -> str:
    """How the outbox stands, for `matria doctor`. Raises `UserError` where somebody has not heard who should have."""
    from matria.errors import UserError

    undelivered = [one for one in platform.outbox.open() if one.is_undelivered]
    if undelivered:
        raise UserError(
            f"{Told((), undelivered).title}. `matria notices list` shows them, `matria notices retry` sends."
        )
    return platform.outbox.ping()

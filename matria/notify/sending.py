"""Sending what is due: each notice to each of its channels, with pauses that double, until it is taken or given up.

A channel that fails twice in a row is let be for the rest of the run, so that one that is down costs two timeouts and
not one for each notice.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from matria.clock import utc_now
from matria.notify.base import Delivery, NotDelivered, Notifier
from matria.notify.outbox import Outbox

FAILURES_IN_A_ROW = 2
LEASE_MARGIN_S = 60.0
"""Beyond twice the channel's timeout; past it another sender may take over from one that died."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Backoff:
    """When a notice that failed is tried again."""

    first_s: float
    most_s: float
    give_up_hours: float

    def next_due(self, delivery: Delivery, at: datetime) -> datetime | None:
        """When to try again after the attempt that failed at `at`; None where it is time to give up."""
        pause_s = min(self.first_s * 2.0 ** min(delivery.attempts, 30), self.most_s)
        due_at = at + timedelta(seconds=pause_s)
        return None if due_at > delivery.put_at + timedelta(hours=self.give_up_hours) else due_at


@dataclass(frozen=True)
class Sent:
    """What came of sending."""

    delivered: Sequence[Delivery]
    undelivered: Sequence[Delivery]
    """All that somebody should have heard and has not, those of earlier runs included, oldest first."""
    next_due_at: datetime | None
    """When the first of those that are pending is tried again; None where nothing is pending."""


@dataclass(frozen=True)
class Sender:
    """Sends what the outbox holds."""

    outbox: Outbox
    channels: Mapping[str, Notifier]
    backoff: Backoff
    timeout_s: float
    clock: Callable[[], datetime] = utc_now

    def send_due(self) -> Sent:
        """What was delivered now, and what is undelivered. Raises `StorageError`."""
        started_at = self.clock()
        lease = timedelta(seconds=2 * self.timeout_s + LEASE_MARGIN_S)
        failures: Counter[str] = Counter()
        delivered: list[Delivery] = []
        while delivery := self.outbox.claim(self.clock(), started_at, lease, _down(failures)):
            if self._deliver(delivery):
                delivered.append(delivery)
                failures[delivery.channel] = 0
            else:
                failures[delivery.channel] += 1
        waiting = self.outbox.open()
        pending = [one.due_at for one in waiting if one.state == "pending"]
        down = _down(failures)
        undelivered = [one for one in waiting if one.is_undelivered or one.channel in down]
        return Sent(delivered, undelivered, min(pending, default=None))

    def _deliver(self, delivery: Delivery) -> bool:
        channel = self.channels.get(delivery.channel)
        if channel is None:
            why = f"there is no channel '{delivery.channel}' in the settings any more"
            self.outbox.refused(delivery, why, None)
            return False
        try:
            channel.notify(delivery.notice)
        except NotDelivered as error:
            due_at = self.backoff.next_due(delivery, self.clock())
            self.outbox.refused(delivery, str(error), due_at)
            log.warning("notice %s is undelivered: %s; attempt %d", delivery.key, error, delivery.attempts + 1)
            return False
        self.outbox.took(delivery, self.clock())
        log.info("notice %s is delivered on %s", delivery.key, delivery.channel)
        return True


def _down(failures: Mapping[str, int]) -> frozenset[str]:
    return frozenset(channel for channel, count in failures.items() if count >= FAILURES_IN_A_ROW)

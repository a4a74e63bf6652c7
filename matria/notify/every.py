"""Telling at once on every channel, for what cannot wait for the outbox: a conversation that needs a person."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence

from matria.errors import StorageError
from matria.notify.base import NotDelivered, Notice, Notifier

log = logging.getLogger(__name__)

Keep = Callable[[str, Notice, Sequence[str]], object]
"""Keeps a notice under a key for the channels named, to be tried again."""


class EveryChannel:
    """See `matria.notify.base.Notifier`. Each channel in turn; one that fails does not keep the next from being told.

    Once one has taken the notice a person hears of it. It is then kept for the channels that failed, so that those that
    took it are not told again.
    """

    def __init__(self, channels: Mapping[str, Notifier], keep: Keep) -> None:
        self._channels = dict(channels)
        self._keep = keep

    def notify(self, notice: Notice) -> None:
        """A channel has it, and it is kept for the rest. Raises `NotDelivered` where some will not hear of it."""
        failures: dict[str, str] = {}
        for name, channel in self._channels.items():
            try:
                channel.notify(notice)
            except NotDelivered as error:
                failures[name] = str(error)
        if not failures:
            return
        why = "; ".join(failures.values())
        if len(failures) == len(self._channels):
            raise NotDelivered(why)
        try:
            self._keep(_key(notice), notice, tuple(failures))
        except StorageError as error:
            raise NotDelivered(f"{why}, and it could not be kept for later") from error
        log.warning("a notice is kept for %s: %s", ", ".join(failures), why)

    def ping(self) -> str:
        """What each channel is."""
        return "; ".join(channel.ping() for channel in self._channels.values())


def _key(notice: Notice) -> str:
    told = "\n".join((notice.subject, notice.body, notice.at.isoformat()))
    return f"direct/{hashlib.sha256(told.encode()).hexdigest()[:16]}"

"""Telling at once on every channel, for what cannot wait for the outbox: a conversation that needs a person."""

from collections.abc import Mapping

from matria.notify.base import NotDelivered, Notice, Notifier

REMEMBERED = 1000
"""Notices whose channels are remembered at most."""


class EveryChannel:
    """See `matria.notify.base.Notifier`. Each channel in turn; one that fails does not keep the next from being told.

    Told again of the same notice, only those that did not take it before are tried.
    """

    def __init__(self, channels: Mapping[str, Notifier]) -> None:
        self._channels = dict(channels)
        self._taken: dict[Notice, set[str]] = {}

    def notify(self, notice: Notice) -> None:
        """Every channel has it. Raises `NotDelivered` naming those that have not, after all were tried."""
        taken = self._taken.get(notice, set())
        failures: list[str] = []
        for name, channel in self._channels.items():
            if name in taken:
                continue
            try:
                channel.notify(notice)
            except NotDelivered as error:
                failures.append(str(error))
            else:
                taken.add(name)
        if not failures:
            self._taken.pop(notice, None)
            return
        self._taken[notice] = taken
        while len(self._taken) > REMEMBERED:
            self._taken.pop(next(iter(self._taken)))
        raise NotDelivered("; ".join(failures))

    def ping(self) -> str:
        """What each channel is."""
        return "; ".join(channel.ping() for channel in self._channels.values())

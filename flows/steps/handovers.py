"""Conversations that wait for a person: whom nobody told of them is told, and of those that wait too long again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from matria.handover.desk import severity_of

if TYPE_CHECKING:
    from flows.wiring import Platform
    from matria.handover.base import Handover

WatchState = Literal["quiet", "waiting", "overdue", "unheard"]
"""Nobody waits; some do, and a person knows; one waits for too long; of one nobody could be told."""


@dataclass(frozen=True)
class HandoverWatch:
    """What waits, and what came of telling."""

    state: WatchState
    waiting: "Sequence[Handover]"
    """Oldest first, as they stand after telling."""
    at: datetime

    @property
    def title(self) -> str:
        """One line with the result in it."""
        if not self.waiting:
            return "No conversation waits for a person"
        oldest = self.at - self.waiting[0].opened_at
        what = {"unheard": ", NOBODY COULD BE TOLD of one", "overdue": ", TOO LONG"}.get(self.state, "")
        return f"{len(self.waiting)} conversations wait for a person, the oldest for {_minutes(oldest)} min{what}"

    def table(self) -> list[dict[str, Any]]:
        """A row per conversation."""
        return [
            {
                "handover": one.handover_id,
                "why": one.reason.replace("_", " "),
                "persona": one.persona,
                "locale": one.locale,
                "waits min": _minutes(self.at - one.opened_at),
                "told": "yes" if one.told_at else "nobody",
            }
            for one in self.waiting
        ]


def watch_handovers(platform: "Platform", now: datetime | None = None) -> HandoverWatch:
    """What waits now; those that nobody heard of are told, and of the gravest again whenever the policy's wait is over.

    Raises `StorageError`.
    """
    at = now or datetime.now(UTC)
    limit = timedelta(minutes=platform.policy.number("handover.max_wait_min"))
    platform.desk.tell_waiting()
    waiting = platform.handovers.waiting()
    overdue = [one for one in waiting if at - one.opened_at > limit and severity_of(one.reason) == "critical"]
    silent = [one for one in overdue if one.told_at is not None and at - one.told_at > limit]
    reminded = [platform.desk.remind(one, _minutes(at - one.opened_at)) for one in silent]
    waiting = platform.handovers.waiting()
    if any(one.told_at is None for one in waiting) or not all(reminded):
        return HandoverWatch("unheard", waiting, at)
    return HandoverWatch("overdue" if overdue else "waiting" if waiting else "quiet", waiting, at)


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)

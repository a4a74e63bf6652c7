"""One run of the watch: the hours that nobody has judged, those that late entries have changed, and what they come to.

A plan is made first and changes nothing. Recorded it is in one go for each hour, on the memory as it was when the plan
was made: where another watch has decided meanwhile, `Overtaken` is raised and a new plan has to be made. The same hour
with the same findings is decided once, however often the watch runs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from matria.costs.sums import CostSums
from matria.costs.watching.base import Check, Episode, Step
from matria.costs.watching.check import checks
from matria.costs.watching.decisions import Circumstances, Decision, Told
from matria.costs.watching.episodes import advance
from matria.costs.watching.onset import HOUR
from matria.costs.watching.store import WatchMemory
from matria.costs.watching.values import Values, values_of
from matria.policy import Policy

CHECKED_AGAIN = 6
"""Hours back that each run judges once more, so that entries that came late are heard."""
CAUGHT_UP = 24
"""Hours that a watch that stood still makes up for; what is older nobody can act on."""
Tell = Callable[[Check, Step, Episode | None], Circumstances]
"""What is known of a step; the episode is as it stood before."""


@dataclass(frozen=True)
class Planned:
    """What one hour comes to."""

    check: Check
    episodes: tuple[Episode, ...]
    """Those that it changes, as they stand after it."""
    told: tuple[Told, ...]


@dataclass(frozen=True)
class Plan:
    """What a run of the watch is about to record."""

    after: int
    """The memory's newest entry when the plan was made."""
    newest: Check
    hours: tuple[Planned, ...]
    """Those that are new or came out otherwise than before, the oldest first."""
    episodes: tuple[Episode, ...]
    """All that go on or are over since a short while, as they stand after it."""

    @property
    def told(self) -> tuple[Told, ...]:
        """What people are to be told."""
        return tuple(told for hour in self.hours for told in hour.told)

    @property
    def going_on(self) -> tuple[Episode, ...]:
        """Episodes that are open."""
        return tuple(episode for episode in self.episodes if episode.state == "open")


def full_hour(now: datetime) -> datetime:
    """The newest full hour; a check ends there, so that the same hour is the same check."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def plan(sums: CostSums, memory: WatchMemory, until: datetime, policy: Policy, tell: Tell) -> Plan:
    """What the hours up to `until` come to. Raises `StorageError` where the ledger or the memory cannot be read."""
    values = values_of(policy)
    after = memory.head()
    began = memory.began() or until
    hours_back = _hours_back(memory, until, began)
    known = {check.until: check for check in memory.checked(until - hours_back * HOUR)}
    found = checks(sums, until, policy, hours_back, watched_since=began)
    episodes = memory.episodes(found[0].until - values.new_level)
    hours: list[Planned] = []
    for check in found:
        if is_known(check, known.get(check.until), until):
            continue
        episodes = remembered(episodes, check.until, values)
        before = {episode.alert_id: episode for episode in episodes}
        episodes, steps = advance(episodes, check)
        changed = tuple(episode for episode in episodes if before.get(episode.alert_id) != episode)
        told = [Told(step, tell(check, step, before.get(step.episode.alert_id)), check.until) for step in steps]
        hours.append(Planned(check, changed, tuple(told)))
    return Plan(after, found[-1], tuple(hours), episodes)


def record(memory: WatchMemory, plan: Plan, report: str, now: datetime, made_by: str) -> tuple[Decision, ...]:
    """The plan's decisions, in the memory for good; `report` is where the pages show it. Raises `Overtaken`."""
    made = []
    for number, hour in enumerate(plan.hours, plan.after):
        told = [replace(one, circumstances=replace(one.circumstances, report=report)) for one in hour.told]
        made.append(memory.decide(number, hour.check, hour.episodes, told, now, made_by))
    return tuple(made)


def remembered(episodes: Sequence[Episode], at: datetime, values: Values) -> tuple[Episode, ...]:
    """Those that matter to a check: all that are open, and those that ended a short while ago."""
    return tuple(e for e in episodes if e.state == "open" or e.changed_at >= at - values.new_level)


def is_known(check: Check, before: Check | None, until: datetime) -> bool:
    """Whether an hour came out as it did before. An hour of the past is not judged anew by a changed policy."""
    if before is None:
        return check.watched_since is not None and check.until < check.watched_since
    if check.until < until and dict(before.policy) != dict(check.policy):
        return True
    return before.findings == check.findings and dict(before.policy) == dict(check.policy)


def _hours_back(memory: WatchMemory, until: datetime, began: datetime) -> int:
    """Hours to judge beside the newest: none before the watch began, and more where it stood still."""
    newest = memory.newest()
    missed = 0 if newest is None else max(0, (until - newest.check.until) // HOUR - 1)
    return int(min(max(CHECKED_AGAIN, min(missed, CAUGHT_UP)), max(0, (until - began) // HOUR)))

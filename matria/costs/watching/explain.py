"""A decision made again from the ledger: as of its mark, with the policy's values of that day and the episodes of then.

It must come out the same, findings and steps alike; and beside it stands what it would be with all that came to the
ledger since. Commits, pull requests and rates are taken as they were recorded: they are not the ledger's.
"""

from dataclasses import dataclass, replace

from matria.costs.causes.base import Cause
from matria.costs.sums import CostSums
from matria.costs.watching.base import Check, Episode, Finding
from matria.costs.watching.check import check
from matria.costs.watching.circumstances import Reading, circumstances
from matria.costs.watching.decisions import Acceptance, Decision, Told
from matria.costs.watching.episodes import advance
from matria.costs.watching.store import WatchMemory
from matria.costs.watching.values import values_of


@dataclass(frozen=True)
class Again:
    """One decision on an alert, as recorded and made again."""

    decision: Decision
    told: Told
    """What people were told of the alert."""
    finding: Finding | None
    """What the alert's rule finds when it is made again."""
    differs: tuple[str, ...]
    """What comes out otherwise: `findings`, `steps`, `since`, `cause`; empty where all is the same."""
    late: Finding | None
    """What it finds with everything that is in the ledger now."""

    @property
    def is_same(self) -> bool:
        """Whether the ledger gives the decision once more."""
        return not self.differs

    @property
    def is_changed_by_late(self) -> bool:
        """Whether what came since makes it another finding."""
        return self.late != self.finding


@dataclass(frozen=True)
class Explanation:
    """All that was decided on one alert."""

    episode: Episode
    """As it stands now."""
    decisions: tuple[Again, ...]
    acceptance: Acceptance | None

    @property
    def is_same(self) -> bool:
        """Whether every decision comes out as it was recorded."""
        return all(again.is_same for again in self.decisions)


def explain(sums: CostSums, memory: WatchMemory, alert_id: str) -> Explanation | None:
    """The alert's decisions made again; None where there is no such alert.

    Raises `StorageError` where ledger or memory cannot be read.
    """
    episode = memory.episode(alert_id)
    if episode is None:
        return None
    again = [_again(sums, memory, decision, alert_id) for decision in memory.decisions(alert_id)]
    return Explanation(episode, tuple(again), memory.acceptance(alert_id))


def _again(sums: CostSums, memory: WatchMemory, decision: Decision, alert_id: str) -> Again:
    made = decision.check
    told = next(one for one in decision.told if one.step.episode.alert_id == alert_id)
    found = _made_again(sums, made, made.mark)
    before = memory.episodes(made.until - values_of(made.policy).new_level, decision.number)
    _, steps = advance(before, found)
    was = next((episode for episode in before if episode.alert_id == alert_id), None)
    differs = [] if found.findings == made.findings else ["findings"]
    if told.step not in steps:
        differs.append("steps")
    known = circumstances(Reading(sums, made.mark), made, told.step, was)
    if known.since != told.circumstances.since:
        differs.append("since")
    if _split(known.cause) != _split(told.circumstances.cause):
        differs.append("cause")
    late = _made_again(sums, made, None)
    newest = told.step.episode.newest
    return Again(decision, told, _of(found, newest), tuple(differs), _of(late, newest))


def _made_again(sums: CostSums, made: Check, mark: str | None) -> Check:
    return check(sums, made.until, made.policy, as_of=mark, watched_since=made.watched_since)


def _of(found: Check, like: Finding) -> Finding | None:
    return next((one for one in found.findings if (one.rule, one.scope) == (like.rule, like.scope)), None)


def _split(cause: Cause | None) -> Cause | None:
    """What the ledger has to do with."""
    return None if cause is None else replace(cause, landed=())

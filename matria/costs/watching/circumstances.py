"""What is known of a step beside its episode, as of the check's mark: since when, why, and how much is written.

What the ledger cannot tell, such as commits and rates, whoever runs the watch adds.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from matria.costs.base import Rates
from matria.costs.causes.base import Cause, Landed
from matria.costs.causes.decompose import decompose
from matria.costs.causes.tally import Sums
from matria.costs.sums import CostSums, MessageSums, Window
from matria.costs.watching.base import Check, Episode, Finding, Side, Step
from matria.costs.watching.covered import family_of
from matria.costs.watching.decisions import Circumstances
from matria.costs.watching.onset import DAY, HOUR, searched, since, since_at_latest


class Lander(Protocol):
    """Tells what landed between two windows in a scope, the likeliest reason of the cause's first part first."""

    def __call__(
        self,
        before: Sums,
        after: Sums,
        cause: Cause,
        scope: str,
        between: Sums | None = None,
        began: datetime | None = None,
    ) -> Sequence[Landed]:
        """`between` is what came between windows that do not touch; `began` is by when the rise had begun, if known."""
        ...


class Reading:
    """The ledger as of one mark; each window is read once."""

    def __init__(self, sums: CostSums, mark: str | None) -> None:
        self._sums, self._mark = sums, mark
        self._windows: dict[tuple[datetime, datetime, bool], Sums] = {}
        self._hours: dict[tuple[datetime, datetime, bool], Sequence[MessageSums]] = {}

    def window(self, side: Side) -> Sums:
        """Calls and messages of a side's window, by hour."""
        key = (side.start, side.end, side.is_simulated)
        if key not in self._windows:
            window = Window(side.start, side.end, HOUR, as_of=self._mark, is_simulated=side.is_simulated)
            self._windows[key] = Sums(self._sums.calls(window), self._sums.messages(window), side.end, HOUR)
        return self._windows[key]

    def hours(self, before: Side, last: Side) -> Sequence[MessageSums]:
        """Messages by hour, from the start of one side to the end of the other."""
        key = (before.start, last.end, last.is_simulated)
        if key not in self._hours:
            window = Window(before.start, last.end, HOUR, as_of=self._mark, is_simulated=last.is_simulated)
            self._hours[key] = self._sums.messages(window)
        return self._hours[key]


def before_side(episode: Episode) -> Side:
    """What the newest finding is held against: of an hour the same hours of the day before, else the baseline."""
    return episode.newest.before if episode.newest.rule == "hour" else episode.baseline


def circumstances(
    reading: Reading,
    check: Check,
    step: Step,
    was: Episode | None,
    landed: Lander | None = None,
    rates: Rates | None = None,
) -> Circumstances:
    """Of a step of `check`; `was` is the episode as it stood before, None where the step opens it."""
    episode = step.episode
    confidence = check.policy["confidence"]
    if family_of(episode.rule) != "rise":
        return Circumstances(confidence=confidence)
    found = Circumstances(
        messages_a_day=_a_day(check, episode.newest),
        rates=rates,
        told_before_usd=Decimal(str(was.told_usd)) if was is not None and step.change == "worsened" else None,
        confidence=confidence,
    )
    if step.change == "cleared":
        return found
    before, last = before_side(episode), episode.newest.last
    older, newer = searched(before, last)
    began = since(reading.hours(older, newer), episode.scope, older, newer)
    # A level that has stood for days did not begin in the hours that were searched.
    latest = began_by(reading, before, last, episode.scope) if step.change != "new_level" else None
    return replace(found, since=began, cause=cause_of(reading, before, last, episode.scope, landed, latest))


def began_by(reading: Reading, before: Side, last: Side, scope: str) -> datetime | None:
    """By when at the latest a message of `scope` had become dearer; None where that cannot be told."""
    older, newer = searched(before, last)
    return since_at_latest(reading.hours(older, newer), scope, older, newer)


def cause_of(
    reading: Reading,
    before: Side,
    last: Side,
    scope: str,
    landed: Lander | None = None,
    began: datetime | None = None,
) -> Cause | None:
    """Why a message of `scope` costs more in `last` than in `before`; None where it cannot be split.

    What landed is looked for up to `began`; in all of both windows where that is None.
    """
    sides = reading.window(before), reading.window(last)
    cause = decompose(*sides, scope)
    if cause is None or landed is None:
        return cause
    is_apart = before.end < last.start
    between = reading.window(replace(last, start=before.end, end=last.start)) if is_apart else None
    return replace(cause, landed=tuple(landed(*sides, cause, scope, between, began)))


def _a_day(check: Check, newest: Finding) -> Decimal | None:
    """Messages of the last 24 hours."""
    days = [f.last for f in check.findings if f.rule == "day" and f.scope == newest.scope]
    side = days[0] if days else newest.last if newest.last.end - newest.last.start == DAY else None
    return None if side is None else Decimal(side.messages)

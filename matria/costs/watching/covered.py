"""Whether an alert is told already: by an open episode, by one that a person accepted, or by one that has just ended.

Everything is asked of the alert's own time, so that the checks of earlier hours, made again for entries that came
late, are covered by what was told then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from matria.costs.watching.base import TOTAL, Check, Episode, Finding, Rule
from matria.costs.watching.hours import DAY, HOUR, RECENT
from matria.costs.watching.levels import is_worse
from matria.costs.watching.told import explains
from matria.costs.watching.values import Values


def family_of(rule: Rule) -> str:
    """What shares one episode: the two rules on cost do, each other rule stands for itself."""
    return "rise" if rule in ("day", "hour") else rule


def is_covered(finding: Finding, check: Check, episodes: Sequence[Episode], values: Values) -> bool:
    """Whether people have been told of it, or need not be."""
    alike = [episode for episode in episodes if episode.is_simulated == finding.last.is_simulated]
    own = [episode for episode in alike if family_of(episode.rule) == family_of(finding.rule)]
    same = [episode for episode in own if episode.scope == finding.scope]
    scope_findings = [other for other in check.findings if other.scope == finding.scope]
    if any(_covers(episode, finding, check.until, day_before_usd(scope_findings, episode), values) for episode in same):
        return True
    if finding.scope == TOTAL:
        return finding.rule in ("day", "hour") and _is_explained(finding, check, own, values)
    of_all = [episode for episode in own if episode.scope == TOTAL]
    return any(_covers_assistant(episode, finding, check.until, values) for episode in of_all)


def day_before_usd(findings: Iterable[Finding], episode: Episode) -> Decimal | None:
    """What a message cost in the day before, by the day's finding of the same check; else by the episode's baseline."""
    means = (finding.before.mean_usd for finding in findings if finding.rule == "day")
    return next((mean for mean in means if mean is not None), episode.baseline.mean_usd)


def _covers(episode: Episode, finding: Finding, at: datetime, day_before: Decimal | None, values: Values) -> bool:
    if episode.opened_at > at:
        return episode.opened_at - at <= DAY * HOUR
    if episode.state == "open" or at <= episode.changed_at:
        return True
    is_fresh = at < episode.changed_at + _hold(episode, values)
    return is_fresh and not is_worse(finding, episode, day_before, values)


def _covers_assistant(total: Episode, finding: Finding, at: datetime, values: Values) -> bool:
    """Whether the total's alert tells of the assistant's: unless the assistant surely rose more, or rose later.

    Once the hours that a finding compares lie after the total's change altogether, it found another one.
    """
    compared = {"day": 2 * DAY * HOUR, "hour": (DAY + RECENT) * HOUR}.get(finding.rule)
    if compared is not None and at >= total.changed_at + compared:
        return False
    if not total.opened_at <= at or (total.state != "open" and at >= total.changed_at + _hold(total, values)):
        return False
    was = float(total.baseline.mean_usd or 0)
    if finding.ratio is None or not was:
        return True
    told = total.told_usd / was
    return not (finding.ratio.low > told and finding.ratio.value > (1 + values.worsened_rise) * told)


def _hold(episode: Episode, values: Values) -> timedelta:
    """How long an episode that ended keeps covering. A jump that is over is in the day's mean for a day."""
    if episode.state != "cleared":
        return values.new_level
    return max(values.cool_down, DAY * HOUR) if episode.rule == "hour" else values.cool_down


def _is_explained(total: Finding, check: Check, episodes: Iterable[Episode], values: Values) -> bool:
    """Whether one assistant whose rise is told explains the total's: at its cost before, little would be left of it.

    Where it takes several, the rise is everybody's, and the total is told once for those that are still to come.
    """
    told = {
        episode.scope: episode.baseline
        for episode in episodes
        if episode.state != "cleared" and episode.opened_at <= check.until <= episode.changed_at + values.new_level
    }
    return any(
        explains(replace(finding, before=told[finding.scope]), total, values)
        for finding in check.findings
        if finding.rule == total.rule and finding.scope != TOTAL and finding.scope in told
    )

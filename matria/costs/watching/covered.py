"""Whether an alert is told already: by an open episode, by one that a person accepted, or by one that has just ended.

Everything is asked of the alert's own time, so that the checks of earlier hours, made again for entries that came
late, are covered by what was told then.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from matria.costs.watching.base import TOTAL, Check, Episode, Finding, Rule
from matria.costs.watching.hours import DAY, HOUR
from matria.costs.watching.levels import is_worse
from matria.costs.watching.values import Values


def family_of(rule: Rule) -> str:
    """What shares one episode: the two rules on cost do, each other rule stands for itself."""
    return "rise" if rule in ("day", "hour") else rule


def is_covered(finding: Finding, check: Check, episodes: Sequence[Episode], values: Values) -> bool:
    """Whether people have been told of it, or need not be."""
    own = [episode for episode in episodes if family_of(episode.rule) == family_of(finding.rule)]
    same = [episode for episode in own if episode.scope == finding.scope]
    if any(_covers(episode, finding, check.until, values) for episode in same):
        return True
    if finding.scope == TOTAL:
        return finding.rule in ("day", "hour") and _is_explained(finding, check, own, values)
    return any(
        _covers(episode, total, check.until, values)
        for total in _alerts_of_total(check, finding.rule)
        for episode in own
        if episode.scope == TOTAL
    )


def _covers(episode: Episode, finding: Finding, at: datetime, values: Values) -> bool:
    if episode.opened_at > at:
        return episode.opened_at - at <= DAY * HOUR
    if episode.state == "open" or at <= episode.changed_at:
        return True
    is_fresh = at < episode.changed_at + _hold(episode, values)
    return is_fresh and not is_worse(finding, episode.told, episode.baseline, values)


def _hold(episode: Episode, values: Values) -> timedelta:
    """How long an episode that ended keeps covering. A jump that is over is in the day's mean for a day."""
    if episode.state != "cleared":
        return values.new_level
    return max(values.cool_down, DAY * HOUR) if episode.rule == "hour" else values.cool_down


def _is_explained(total: Finding, check: Check, episodes: Iterable[Episode], values: Values) -> bool:
    """Whether the total would be in order without the assistants whose rises are told, at their costs before."""
    told = {
        episode.scope: episode.baseline.mean_usd
        for episode in episodes
        if episode.scope != TOTAL and episode.opened_at <= check.until <= episode.changed_at + values.new_level
        if episode.state != "cleared"
    }
    usd, before = total.last.usd + _saved(total.rule, check, told), total.before.mean_usd
    if not told or before is None or not total.last.priced_messages:
        return False
    allowed = values.max_rise_24h if total.rule == "day" else values.max_rise_1h
    return float(usd / total.last.priced_messages) <= (1 + allowed) * float(before)


def _saved(rule: Rule, check: Check, baselines: Mapping[str, Decimal | None]) -> Decimal:
    """What the total's messages would cost more, mostly less, were the assistants' means their baselines."""
    saved = Decimal(0)
    for finding in check.findings:
        was = baselines.get(finding.scope) if finding.rule == rule else None
        if was is not None:
            saved += finding.last.priced_messages * was - finding.last.usd
    return saved


def _alerts_of_total(check: Check, rule: Rule) -> list[Finding]:
    return [
        finding
        for finding in check.findings
        if finding.scope == TOTAL and finding.state == "alert" and family_of(finding.rule) == family_of(rule)
    ]

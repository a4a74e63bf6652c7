"""From findings to what people are told: a rise is told once, again when it has worsened, and when it is over.

A rise has one episode for each scope, whichever rule saw it first: the hour's jump that lasts becomes the day's rise.
What an episode is held against is its own baseline, the cost before it began: 24 hours after a lasting step the day
before is as dear as the day, and nothing is over. Too little data neither worsens nor ends an episode;
nor do findings of simulated messages one of real ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import quote

from matria.costs.watching.base import TOTAL, Change, Check, Episode, EpisodeState, Finding, Rule, Step
from matria.costs.watching.covered import day_before_usd, family_of, is_covered
from matria.costs.watching.hours import DAY, HOUR, RECENT
from matria.costs.watching.levels import is_worse, level_usd, told_usd, unpriced_share
from matria.costs.watching.values import Values, values_of

Findings = Mapping[Rule, Finding]
"""Those of one scope that an episode is moved by."""


def advance(episodes: Sequence[Episode], check: Check) -> tuple[tuple[Episode, ...], tuple[Step, ...]]:
    """The episodes after a check, and what people are to be told.

    `episodes` are all that are open and those that ended within the last `new_level_hours`, in any order; they come
    back in it with new ones after them. A check that is no newer than an episode's newest finding leaves that episode
    as it is, but may open one that nobody was told of: that is how entries that came late are heard.
    """
    values = values_of(check.policy)
    kept: list[Episode] = []
    steps: list[Step] = []
    for episode in episodes:
        moved, change = _moved(episode, _findings(check, episode), check.until, values, check.is_simulated)
        kept.append(moved)
        steps += [Step(change, moved)] if change is not None else []
    for finding in _alerts(check):
        if not is_covered(finding, check, kept, values):
            opened = _opened(finding, check)
            kept.append(opened)
            steps.append(Step("opened", opened))
    return tuple(kept), tuple(steps)


def accept(episode: Episode, at: datetime) -> Episode:
    """The episode as a person closed it: meant, and not told again unless it worsens.

    Raises ValueError where it is over already.
    """
    if episode.state != "open":
        raise ValueError(f"alert {episode.alert_id} is {episode.state} already, so there is nothing to accept")
    return replace(episode, state="accepted", changed_at=at)


def alert_id(rule: Rule, scope: str, at: datetime, is_simulated: bool = False) -> str:
    """Names an episode by what opened it, in letters that an address and a shell take as they are."""
    name = quote(scope.replace("/", "."), safe="") if scope != TOTAL else "total"
    return f"{'simulated-' if is_simulated else ''}{rule}-{name}-{at:%Y%m%dT%H%MZ}"


def _findings(check: Check, episode: Episode) -> Findings:
    family = family_of(episode.rule)
    if check.is_simulated != episode.is_simulated:
        return {}
    return {f.rule: f for f in check.findings if f.scope == episode.scope and family_of(f.rule) == family}


def _alerts(check: Check) -> list[Finding]:
    """One alert for each scope and family, the total's first: of a day's and an hour's the one that says dearer."""
    worst: dict[tuple[str, str], Finding] = {}
    for finding in check.findings:
        if finding.state != "alert" or finding.told_by is not None:
            continue
        key = (finding.scope, family_of(finding.rule))
        if key not in worst or _rise(finding) > _rise(worst[key]):
            worst[key] = finding
    return [worst[key] for key in sorted(worst)]


def _rise(finding: Finding) -> float:
    return finding.ratio.value if finding.ratio is not None else float("inf")


def _opened(finding: Finding, check: Check) -> Episode:
    """The day before is the baseline of a jump as well: it has the whole daily profile in it."""
    days = [f.before for f in check.findings if f.rule == "day" and f.scope == finding.scope]
    baseline = days[0] if days and days[0].priced_messages else finding.before
    return Episode(
        alert_id=alert_id(finding.rule, finding.scope, check.until, check.is_simulated),
        rule=finding.rule,
        scope=finding.scope,
        state="open",
        opened_at=check.until,
        changed_at=check.until,
        baseline=baseline,
        first=finding,
        told=finding,
        newest=finding,
        told_usd=told_usd(finding, baseline.mean_usd),
    )


def _moved(
    episode: Episode, found: Findings, at: datetime, values: Values, is_simulated: bool
) -> tuple[Episode, Change | None]:
    """The episode after newer findings of its scope, and what changed. One of simulated messages is over without a
    word once there are real ones to judge."""
    if episode.state != "open" or at <= episode.newest.last.end:
        return episode, None
    if episode.is_simulated and not is_simulated:
        return _ended(episode, "new_level", at), None
    age = at - episode.opened_at
    if not found:
        return (_ended(episode, "new_level", at), None) if age >= values.new_level else (episode, None)
    episode = replace(episode, newest=_leading(episode, found, age))
    day_before = day_before_usd(found.values(), episode)
    worse = [finding for finding in found.values() if _is_worsening(finding, episode, day_before, values)]
    if worse:
        told = max(worse, key=lambda finding: level_usd(finding, day_before))
        level = told_usd(told, day_before)
        return replace(episode, told=told, told_usd=level, newest=told, changed_at=at), "worsened"
    if episode.rule == "no_data" and episode.newest.state == "fine" and not episode.newest.last.messages:
        return _ended(episode, "new_level", at), None
    if _is_over(episode, age, values):
        return _ended(episode, "cleared", at), "cleared"
    is_level = family_of(episode.rule) == "rise" and episode.newest.state != "no_data" and age >= values.new_level
    return (_ended(episode, "new_level", at), "new_level") if is_level else (episode, None)


def _leading(episode: Episode, found: Findings, age: timedelta) -> Finding:
    """The finding that says whether it is over: of a jump the hour's while the day before was free of it."""
    is_young_jump = episode.rule == "hour" and age < DAY * HOUR
    rule: Rule = "day" if episode.rule == "hour" and not is_young_jump else episode.rule
    return found[rule]


def _is_worsening(finding: Finding, episode: Episode, day_before: Decimal | None, values: Values) -> bool:
    """An hour counts only where it stands out of its own baseline; a day is held against the episode's."""
    if finding.rule == "hour" and finding.state != "alert":
        return False
    return is_worse(finding, episode, day_before, values)


def _is_over(episode: Episode, age: timedelta, values: Values) -> bool:
    """Whether the cost is back, by less than what opened it: half of it, as policy.yaml has it."""
    newest = episode.newest
    if newest.state == "no_data":
        return False
    if newest.rule == "no_data":
        return newest.state == "fine"
    if newest.rule == "unpriced":
        return unpriced_share(newest) <= values.max_unpriced_share * values.cleared_rise / values.max_rise_24h
    if newest.rule == "hour":
        found = newest.ratio
        if newest.before.end > episode.first.last.start - RECENT * HOUR:
            return False
        return found is not None and found.value <= 1 + values.cleared_rise and found.high <= 1 + values.max_rise_1h
    return level_usd(newest, None) <= (1 + values.cleared_rise) * float(episode.baseline.mean_usd or 0)


def _ended(episode: Episode, state: EpisodeState, at: datetime) -> Episode:
    return replace(episode, state=state, changed_at=at)

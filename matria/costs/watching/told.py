"""Which alert tells of which: one change is told once, though it shows in an assistant and in the total.

One assistant whose rise explains the total's is told alone: at the cost that it had before, the total would be as good
as before. Where several alert, or one that does not explain the total, the total is told for them all. An assistant
that alerts while the total is in order is told for itself; but where the others have become as dear in the newest
hours, the change is everybody's and waits for the total, which is hours behind the first assistant and no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from matria.costs.watching.base import TOTAL, Finding, Rule
from matria.costs.watching.hours import RECENT, Hours
from matria.costs.watching.values import Values

RULES: tuple[Rule, ...] = ("day", "hour", "unpriced", "no_data")
Rest = Mapping[tuple[Rule, str], float]
"""How much dearer all others are in the newest hours, by rule and the assistant that is left out."""


def with_told_by(findings: Sequence[Finding], rest: Rest, values: Values) -> tuple[Finding, ...]:
    """The findings, each alert marked with the scope whose alert tells of it."""
    told: dict[tuple[Rule, str], str] = {}
    for rule in RULES:
        alerts = {finding.scope: finding for finding in findings if finding.rule == rule and finding.state == "alert"}
        total = alerts.pop(TOTAL, None)
        if total is None:
            common = [
                scope for scope, finding in alerts.items() if _is_common(finding, rest.get((rule, scope)), values)
            ]
            told |= {(rule, scope): TOTAL for scope in common}
            continue
        only = next(iter(alerts.values())) if len(alerts) == 1 else None
        is_common = only is not None and _is_common(only, rest.get((rule, only.scope)), values)
        if only is not None and not is_common and explains(only, total, values):
            told[rule, TOTAL] = only.scope
        else:
            told |= {(rule, scope): TOTAL for scope in alerts}
    return tuple(replace(finding, told_by=told.get((finding.rule, finding.scope))) for finding in findings)


def rest_of(findings: Sequence[Finding], hours: Hours, back: int, values: Values) -> Rest:
    """How much dearer the others are, for each assistant whose cost alerts; nothing where too few messages tell."""
    lengths: Mapping[Rule, tuple[int, float]] = {
        "day": (RECENT, values.min_messages),
        "hour": (1, values.min_messages_1h),
    }
    rest: dict[tuple[Rule, str], float] = {}
    for finding in findings:
        if finding.state == "alert" and finding.scope != TOTAL and finding.rule in lengths:
            length, needed = lengths[finding.rule]
            level = hours.level(TOTAL, back, length, needed, without=finding.scope)
            if level is not None:
                rest[finding.rule, finding.scope] = level
    return rest


def explains(assistant: Finding, total: Finding, values: Values) -> bool:
    """Whether the total would be as good as before, an all-clear that is, at the cost that the assistant had before."""
    if total.rule not in ("day", "hour"):
        return False
    was, is_now, before = assistant.before.mean_usd, total.last.mean_usd, total.before.mean_usd
    if was is None or is_now is None or before is None:
        return False
    without = total.last.usd - assistant.last.usd + assistant.last.priced_messages * was
    return float(without) <= (1 + values.cleared_rise) * float(before) * total.last.priced_messages


def _is_common(assistant: Finding, rest: float | None, values: Values) -> bool:
    """Whether the others rise past the day's threshold too, and the assistant not as much again above them."""
    allowed = 1 + values.max_rise_24h
    if rest is None or assistant.ratio is None:
        return False
    return rest > allowed and assistant.ratio.value <= rest * allowed

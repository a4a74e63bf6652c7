"""Which alert tells of which: one change is told once, though it shows in an assistant and in the total.

One assistant whose rise explains the total's is told alone: at the cost that it had before, the total would be in
order. Where several alert, or one that does not explain the total, the total is told for them all. An assistant that
alerts while the total is in order is told for itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from matria.costs.watching.base import TOTAL, Finding, Rule
from matria.costs.watching.values import Values

RULES: tuple[Rule, ...] = ("day", "hour", "unpriced", "no_data")


def with_told_by(findings: Sequence[Finding], values: Values) -> tuple[Finding, ...]:
    """The findings, each alert marked with the scope whose alert tells of it."""
    allowed: Mapping[Rule, float] = {"day": values.max_rise_24h, "hour": values.max_rise_1h}
    told: dict[tuple[Rule, str], str] = {}
    for rule in RULES:
        alerts = {finding.scope: finding for finding in findings if finding.rule == rule and finding.state == "alert"}
        total = alerts.pop(TOTAL, None)
        if total is None:
            continue
        only = next(iter(alerts.values())) if len(alerts) == 1 else None
        if only is not None and rule in allowed and explains(only, total, allowed[rule]):
            told[rule, TOTAL] = only.scope
        else:
            told |= {(rule, scope): TOTAL for scope in alerts}
    return tuple(replace(finding, told_by=told.get((finding.rule, finding.scope))) for finding in findings)


def explains(assistant: Finding, total: Finding, allowed: float) -> bool:
    """Whether the total would be in order if the assistant's messages cost what they did before."""
    was, is_now, before = assistant.before.mean_usd, total.last.mean_usd, total.before.mean_usd
    if was is None or is_now is None or before is None:
        return False
    without = total.last.usd - assistant.last.usd + assistant.last.priced_messages * was
    return float(without) <= (1 + allowed) * float(before) * total.last.priced_messages

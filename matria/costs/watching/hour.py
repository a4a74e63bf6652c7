"""The faster rule: a jump within the hour, against a baseline that knows the daily profile.

The last hour is held against the same hours of the day before (the hour itself and its neighbours), so that the dear
hours of a morning are held against a morning. It must stand out of the hours just before as well, by as much as they
stand out of the day before: a day that is dearer as a whole is the day rule's to tell.
"""

from matria.costs.watching.base import Finding, Ratio, Reason, Side
from matria.costs.watching.gaps import too_few
from matria.costs.watching.hours import DAY, Hours
from matria.costs.watching.ratio import ratio, seed_of
from matria.costs.watching.values import Values

NEIGHBOURS = 1
"""Hours on either side of the same hour of the day before: cost has its profile, but none so sharp."""


def hour_finding(hours: Hours, scope: str, back: int, values: Values) -> Finding:
    """What a message of this scope cost in the hour that ended `back` hours ago, against those hours a day before."""
    start, length = back + DAY - NEIGHBOURS, 2 * NEIGHBOURS + 1
    last, before = hours.side(scope, back, 1), hours.side(scope, start, length)
    own = hours.scopes[scope]
    found = ratio(own.buckets(back, 1), own.buckets(start, length), values, seed_of(last.end, scope, "hour"))
    missing = too_few(last, before, values.min_messages_1h)
    if missing:
        return Finding("hour", scope, "no_data", last, before, found, missing)
    level = hours.level(scope, back + 1, values.min_messages_1h)
    rise = _rise(last, before, found, level or 1.0, values)
    return Finding("hour", scope, "alert" if rise else "fine", last, before, found, rise)


def _rise(last: Side, before: Side, found: Ratio | None, level: float, values: Values) -> tuple[Reason, ...]:
    if found is None:
        is_from_nothing = before.mean_usd == 0 and bool(last.mean_usd)
        return (Reason("from_zero", {}),) if is_from_nothing else ()
    above = max(1.0, level)
    if found.value / above <= 1 + values.max_rise_1h or found.low / above <= 1 + values.min_sure_rise_24h:
        return ()
    figures = {"rise": found.value - 1, "low": found.low - 1, "high": found.high - 1, "allowed": values.max_rise_1h}
    return (Reason("jump", {**figures, "level": level - 1}),)

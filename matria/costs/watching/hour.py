"""The faster rule: a jump within the hour, against a baseline that knows the daily profile.

The last hour is held against the same hours of the day before (the hour itself and its neighbours), so that the dear
hours of a morning are held against a morning. It must be dearer than every hour of two days besides: what comes now
and then, such as a nightly summary, is no jump. The interval must be sure of as much as a day's rise alerts at, since
this question is asked 24 times a day.
"""

from matria.costs.watching.base import Finding, Ratio, Reason, Side
from matria.costs.watching.gaps import too_few
from matria.costs.watching.hours import DAY, Hours
from matria.costs.watching.ratio import ratio, seed_of
from matria.costs.watching.values import Values

NEIGHBOURS = 1
"""Hours on either side of the same hour of the day before: cost has its profile, but none so sharp."""
ONSET = 2
"""Hours before the last that a jump may have begun in, and that it need not be dearer than."""


def hour_finding(hours: Hours, scope: str, back: int, values: Values) -> Finding:
    """What a message of this scope cost in the hour that ended `back` hours ago, against those hours a day before."""
    start, length = back + DAY - NEIGHBOURS, 2 * NEIGHBOURS + 1
    last, before = hours.side(scope, back, 1), hours.side(scope, start, length)
    own = hours.scopes[scope]
    found = ratio(own.buckets(back, 1), own.buckets(start, length), values, seed_of(last.end, scope, "hour"))
    missing = too_few(last, before, values.min_messages_1h)
    if missing:
        return Finding("hour", scope, "no_data", last, before, found, missing)
    rise = jump_of(last, before, found, values)
    if rise and not float(last.mean_usd or 0) > dearest_usd(hours, scope, back, values):
        rise = ()
    return Finding("hour", scope, "alert" if rise else "fine", last, before, found, rise)


def dearest_usd(hours: Hours, scope: str, back: int, values: Values) -> float:
    """The highest mean of an hour in the two days before, of those with enough messages; 0 where there is none."""
    own = hours.scopes[scope]
    past = range(back + 1 + ONSET, back + 2 * DAY)
    return max((float(own.usd[k] / own.priced[k]) for k in past if own.priced[k] >= values.min_messages_1h), default=0)


def jump_of(last: Side, before: Side, found: Ratio | None, values: Values) -> tuple[Reason, ...]:
    """Why the last hour is a jump over the same hours of the day before; empty where it is none."""
    if found is None:
        is_from_nothing = before.mean_usd == 0 and bool(last.mean_usd)
        return (Reason("from_zero", {}),) if is_from_nothing else ()
    if found.value <= 1 + values.max_rise_1h or found.low <= 1 + values.max_rise_24h:
        return ()
    figures = {"rise": found.value - 1, "low": found.low - 1, "high": found.high - 1, "allowed": values.max_rise_1h}
    return (Reason("jump", figures),)

"""The rule that the service promised: the last 24 hours against the 24 before.

An alert asks for a mean that rose by more than is allowed, and for an interval that is sure of a part of it: costs have
heavy tails, and a few long conversations move a mean by a fifth. Windows that cannot be compared are never fine.
"""

from matria.costs.watching.base import TOTAL, Finding, Ratio, Reason, Side
from matria.costs.watching.gaps import lost_hours, too_few
from matria.costs.watching.hours import DAY, RECENT, Hours
from matria.costs.watching.ratio import ratio, seed_of
from matria.costs.watching.values import Values


def day_finding(hours: Hours, scope: str, back: int, values: Values) -> Finding:
    """What a message of this scope cost in the 24 hours that ended `back` hours ago, against the 24 before."""
    last, before = hours.side(scope, back, DAY), hours.side(scope, back + DAY, DAY)
    own = hours.scopes[scope]
    seed = seed_of(last.end, scope, "day")
    found = ratio(own.buckets(back, DAY), own.buckets(back + DAY, DAY), values, seed)
    missing = too_few(last, before, values.min_messages)
    if not missing:
        rise = rise_of(last, before, found, hours.level(scope, back, RECENT, values.min_messages), values)
        if rise:
            return Finding("day", scope, "alert", last, before, found, rise)
        missing = day_gaps(hours, back, values)
    return Finding("day", scope, "no_data" if missing else "fine", last, before, found, missing)


def day_gaps(hours: Hours, back: int, values: Values) -> tuple[Reason, ...]:
    """What the ledger lost of either window. One assistant may well be silent; the ledger speaks by all together."""
    messages = hours.scopes[TOTAL].messages
    return lost_hours(messages[back : back + DAY], messages[back + DAY : back + 2 * DAY], values)


def rise_of(last: Side, before: Side, found: Ratio | None, level: float | None, values: Values) -> tuple[Reason, ...]:
    """Why the last day is a rise over the one before; empty where it is none."""
    if found is None:
        is_from_nothing = before.mean_usd == 0 and bool(last.mean_usd)
        return (Reason("from_zero", {}),) if is_from_nothing else ()
    if found.value <= 1 + values.max_rise_24h or found.low <= 1 + values.min_sure_rise_24h:
        return ()
    figures = {"rise": found.value - 1, "low": found.low - 1, "high": found.high - 1, "allowed": values.max_rise_24h}
    return (Reason("rise", figures if level is None else {**figures, "recent": level - 1}),)

"""The rule on calls without a price: above a small share the total is a guess, and that is an alert of its own."""

from matria.costs.watching.base import Finding, Reason
from matria.costs.watching.hours import DAY, Hours
from matria.costs.watching.values import Values


def unpriced_finding(hours: Hours, scope: str, back: int, values: Values) -> Finding:
    """How many calls of the last 24 hours have no price, however few messages there are.

    A moderation call is of no assistant, so it counts in the total alone.
    """
    last, before = hours.side(scope, back, DAY), hours.side(scope, back + DAY, DAY)
    if not last.calls:
        return Finding("unpriced", scope, "no_data", last, before, None, (Reason("no_calls", {}),))
    share = last.unpriced_calls / last.calls
    if share <= values.max_unpriced_share:
        return Finding("unpriced", scope, "fine", last, before, None, ())
    figures = {
        "calls": last.calls,
        "unpriced_calls": last.unpriced_calls,
        "share": share,
        "tolerated": values.max_unpriced_share,
    }
    return Finding("unpriced", scope, "alert", last, before, None, (Reason("unpriced", figures),))

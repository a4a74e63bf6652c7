"""The rule on missing data: a watch that has had nothing to judge for hours says so, since silence is not "fine".

In total, the last 24 hours must hold enough messages and must not end in a gap. An assistant is missed only where it
was busy the day before and has fallen silent: a small one is judged with the total, and one that is retired is said
once. A thin *day before* is no alert: it fills up by itself. Messages without a price are the unpriced rule's.
Silence is measured from the last message, and is missing data once an hour's worth of messages is missed.
"""

from collections.abc import Sequence
from datetime import datetime

from matria.costs.watching.base import TOTAL, Finding, Reason
from matria.costs.watching.gaps import gap_hours
from matria.costs.watching.hours import DAY, HOUR, Hours
from matria.costs.watching.values import Values


def no_data_finding(
    hours: Hours, scope: str, back: int, values: Values, watched_since: datetime | None = None
) -> Finding:
    """Whether no message has come for `max_no_data_hours`, or there were too few in each of these hours.

    `no_data` says that it is missing now, `alert` that it has been for so long. A watch that began later than that
    is not alarmed by what was before it.
    """
    last, before = hours.side(scope, back, DAY), hours.side(scope, back + DAY, DAY)
    patience = int(values.max_no_data_hours)
    reasons = _missing(hours, scope, back, values)
    if not reasons:
        return Finding("no_data", scope, "fine", last, before, None, ())
    is_long = _silent_hours(hours.scopes[scope].messages[back : back + DAY]) >= patience or all(
        _missing(hours, scope, back + hour, values) for hour in range(1, patience + 1)
    )
    if watched_since is not None:
        is_long = is_long and last.end - watched_since >= patience * HOUR
    return Finding("no_data", scope, "alert" if is_long else "no_data", last, before, None, reasons)


def _missing(hours: Hours, scope: str, back: int, values: Values) -> tuple[Reason, ...]:
    """Why the 24 hours that ended `back` hours ago cannot be judged."""
    messages = hours.scopes[scope].messages
    last, before = messages[back : back + DAY], messages[back + DAY : back + 2 * DAY]
    silent = _silent_hours(last)
    if scope != TOTAL:
        is_missed = sum(before) >= values.min_messages and sum(before[:silent]) >= values.min_messages_1h
        return (Reason("silent", {"hours": silent}),) if is_missed else ()
    if gap_hours(last[:silent], before[:silent], values.min_messages_1h):
        return (Reason("silent", {"hours": silent}),)
    side = hours.side(scope, back, DAY)
    if side.messages < values.min_messages:
        figures = {"messages": side.messages, "priced_messages": side.priced_messages, "needed": values.min_messages}
        return (Reason("too_few_last", figures),)
    return ()


def _silent_hours(messages: Sequence[int]) -> int:
    """Whole hours since the last message, the newest hour first; all of them where none came."""
    return next((hour for hour, count in enumerate(messages) if count), len(messages))

"""Whether two windows can be compared: enough messages with a known cost, and no hours that the ledger lost.

A night is quiet without anything being lost. So a run of empty hours is a gap only where the same hours of the other
window held as many messages as an hour needs to be judged.
"""

from collections.abc import Sequence

from matria.costs.watching.base import Reason, Side
from matria.costs.watching.values import Values


def gap_hours(hours: Sequence[int], other: Sequence[int], needed: float) -> int:
    """How many hours of a window are lost: those of empty runs where the other window held `needed` messages.

    Both sequences count messages by hour, the newest first, at the same hours of the day.
    """
    return sum(len(run) for run in _empty_runs(hours) if sum(other[hour] for hour in run) >= needed)


def too_few(last: Side, before: Side, needed: float) -> tuple[Reason, ...]:
    """A reason for each window with too few messages of a known cost."""
    return tuple(
        Reason(code, {"messages": side.messages, "priced_messages": side.priced_messages, "needed": needed})
        for code, side in (("too_few_last", last), ("too_few_before", before))
        if side.priced_messages < needed
    )


def lost_hours(last: Sequence[int], before: Sequence[int], values: Values) -> tuple[Reason, ...]:
    """A reason for each window of which the ledger lost hours."""
    lost = (
        ("gap_last", gap_hours(last, before, values.min_messages_1h)),
        ("gap_before", gap_hours(before, last, values.min_messages_1h)),
    )
    return tuple(Reason(code, {"hours": hours}) for code, hours in lost if hours)


def _empty_runs(hours: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for hour, messages in enumerate(hours):
        if messages:
            continue
        if runs and runs[-1][-1] == hour - 1:
            runs[-1].append(hour)
        else:
            runs.append([hour])
    return runs

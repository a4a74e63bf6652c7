"""All that the rules find at one moment, in total and of each assistant; pure but for two queries of the sums.

    found = check(sums, until, policy)
    again = check(sums, found.until, found.policy, as_of=found.mark, watched_since=found.watched_since)

The second is the first made again, whatever came to the ledger since. `checks` makes those of several hours from the
same two queries, so that entries that came late are seen.

Real messages are judged alone where a check's hours hold any. Where they hold none, the simulated ones are, as in a
demonstration, and every finding says so: the two are never put together.
"""

from collections.abc import Mapping
from datetime import datetime

from matria.costs.sums import CostSums
from matria.costs.watching.base import TOTAL, Check, Finding
from matria.costs.watching.day import day_finding
from matria.costs.watching.hour import hour_finding
from matria.costs.watching.hours import DAY, Hours, read_hours
from matria.costs.watching.nodata import no_data_finding
from matria.costs.watching.told import rest_of, with_told_by
from matria.costs.watching.unpriced import unpriced_finding
from matria.costs.watching.values import Values, kept, values_of
from matria.policy import Policy


def check(
    sums: CostSums,
    until: datetime,
    policy: Policy | Mapping[str, float],
    *,
    as_of: str | None = None,
    watched_since: datetime | None = None,
) -> Check:
    """What the rules find of the hours before `until`; as of a mark, or of all that is in the ledger now.

    `watched_since` is when the first check of this installation was made. Raises ValueError for a naive time and
    `StorageError` where the ledger cannot be read.
    """
    return checks(sums, until, policy, 0, as_of=as_of, watched_since=watched_since)[-1]


def checks(
    sums: CostSums,
    until: datetime,
    policy: Policy | Mapping[str, float],
    hours_back: int,
    *,
    as_of: str | None = None,
    watched_since: datetime | None = None,
) -> tuple[Check, ...]:
    """The checks of the `hours_back` hours before `until` made again, and that of `until`: the newest last."""
    values = values_of(policy)
    needed = hours_needed(values)
    real = read_hours(sums, until, needed + hours_back, as_of)
    backs = range(hours_back, -1, -1)
    if all(real.has_messages(back, needed) for back in backs):
        return tuple(check_of(real, back, values, watched_since) for back in backs)
    simulated = read_hours(sums, until, needed + hours_back, real.mark, is_simulated=True)
    return tuple(check_of(_judged(real, simulated, back, needed), back, values, watched_since) for back in backs)


def hours_needed(values: Values) -> int:
    """How many hours a check reads: both windows, as often as data may be missing."""
    return 2 * DAY + int(values.max_no_data_hours)


def check_of(hours: Hours, back: int, values: Values, watched_since: datetime | None = None) -> Check:
    """The check of the hour that ended `back` hours ago, from hours that are at hand."""
    shown = [scope for scope in sorted(hours.scopes) if _has_messages(hours, scope, back)]
    findings: list[Finding] = []
    for scope in shown:
        findings += [
            day_finding(hours, scope, back, values),
            hour_finding(hours, scope, back, values),
            unpriced_finding(hours, scope, back, values),
            no_data_finding(hours, scope, back, values, watched_since),
        ]
    until = hours.side(TOTAL, back, 1).end
    return Check(
        until,
        hours.mark,
        kept(values),
        with_told_by(findings, rest_of(findings, hours, back, values), values),
        watched_since,
    )


def _judged(real: Hours, simulated: Hours, back: int, needed: int) -> Hours:
    """By what one check reads and nothing else, so that it is the same when it is made again alone."""
    is_simulated = not real.has_messages(back, needed) and simulated.has_messages(back, needed)
    return simulated if is_simulated else real


def _has_messages(hours: Hours, scope: str, back: int) -> bool:
    return scope == TOTAL or any(hours.scopes[scope].messages[back : back + 2 * DAY])

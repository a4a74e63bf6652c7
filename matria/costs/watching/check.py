"""All that the rules find at one moment, in total and of each assistant; pure but for two queries of the sums.

    found = check(sums, until, policy)
    again = check(sums, found.until, found.policy, as_of=found.mark, watched_since=found.watched_since)

The second is the first made again, whatever came to the ledger since. `checks` makes those of several hours from the
same two queries, so that entries that came late are seen.
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
    hours = read_hours(sums, until, hours_needed(values) + hours_back, as_of)
    return tuple(check_of(hours, back, values, watched_since) for back in range(hours_back, -1, -1))


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


def _has_messages(hours: Hours, scope: str, back: int) -> bool:
    return scope == TOTAL or any(hours.scopes[scope].messages[back : back + 2 * DAY])

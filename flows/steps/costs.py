"""Cost of a message: the report that a person asks for. The hourly watch is `flows.steps.watching`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from matria.costs.base import Serves

if TYPE_CHECKING:
    from flows.wiring import Platform
    from matria.costs.summary import CostFigures, CostSummary
    from matria.costs.sums import CostSums
    from matria.costs.watching.base import Episode, Finding, Reason


@dataclass(frozen=True)
class CostReport:
    """A window of the ledger, and the one before."""

    hours: int
    until: datetime
    serves: Serves
    last: "CostSummary"
    before: "CostSummary"
    evaluation: "CostFigures"
    """What evaluations and their judges cost in the last window."""
    is_simulated: bool
    """Whether these are simulated messages, since the ledger holds no real ones of these hours."""
    price_sources: tuple[str, ...]
    is_evaluation_simulated: bool = False
    """The same of `evaluation`."""


def cost_report(
    platform: "Platform",
    hours: int,
    now: datetime | None = None,
    serves: Serves = "people",
    as_of: str | None = None,
    is_simulated: bool | None = None,
) -> CostReport:
    """The last `hours` of the ledger and as many before, of messages that came then; of what was there at a mark.

    `is_simulated` chooses simulated messages or real ones; left out, real ones where there are any.
    """
    return report_of(cost_sums(platform), hours, now or datetime.now(UTC), serves, as_of, is_simulated)


def report_of(
    sums: "CostSums",
    hours: int,
    until: datetime,
    serves: Serves = "people",
    as_of: str | None = None,
    is_simulated: bool | None = None,
) -> CostReport:
    """The report that these sums make."""
    from matria.costs.summary import compare

    mark = as_of or sums.mark()
    found = compare(sums, hours, until, serves, mark, is_simulated)
    evaluation = found if serves == "evaluation" else compare(sums, hours, until, "evaluation", mark)
    return CostReport(
        hours,
        until,
        serves,
        found.last,
        found.before,
        evaluation.last.all,
        found.is_simulated,
        found.price_sources,
        evaluation.is_simulated,
    )


@dataclass(frozen=True)
class Standing:
    """How the watch stands: what its rules find now, and the alerts that go on."""

    findings: "tuple[Finding, ...]"
    """Of the newest full hour, those that must be told by themselves."""
    open: "tuple[Episode, ...]"
    lost: "tuple[Reason, ...]"
    """Hours that the ledger lost of either day: an alert does not wait for them, and its reader must know."""


def standing(platform: "Platform", now: datetime | None = None) -> Standing:
    """What the watch would find now; nothing is recorded, and nobody is told. Raises `StorageError`."""
    from matria.costs.watching.check import check
    from matria.costs.watching.day import day_gaps
    from matria.costs.watching.hours import DAY, read_hours
    from matria.costs.watching.values import values_of
    from matria.costs.watching.watch import full_hour

    moment, memory = now or datetime.now(UTC), platform.watch_memory
    began = memory.began() or full_hour(moment)
    found = check(cost_sums(platform), full_hour(moment), platform.policy, watched_since=began)
    going_on = (one for one in memory.episodes(moment) if one.state == "open")
    hours = read_hours(cost_sums(platform), found.until, 2 * DAY, found.mark, found.is_simulated)
    lost = day_gaps(hours, 0, values_of(platform.policy))
    return Standing(tuple(one for one in found.findings if one.told_by is None), tuple(going_on), lost)


def cost_sums(platform: "Platform") -> "CostSums":
    """What adds up the ledger: the ledger itself."""
    return cast("CostSums", platform.ledger)


def usd(figures: "CostFigures | None") -> str:
    """Mean cost of a message, or that nobody knows."""
    if figures is None or not figures.messages:
        return "no data"
    return "unpriced" if figures.mean_usd is None else f"{figures.mean_usd:.6f}"

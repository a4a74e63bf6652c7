"""Cost of a message: the report that a person asks for, and the hourly watch that tells who must know."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from flows.shelf import Report
from matria import durable
from matria.costs.base import Rates, Serves

if TYPE_CHECKING:
    from flows.wiring import Platform
    from matria.costs.summary import CostFigures, CostSummary, CostWatch
    from matria.costs.sums import CostSums


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
    """Whether any call of the last window was answered by the simulator."""
    price_sources: tuple[str, ...]
    rates: Rates | None = None
    """What a dollar is worth by the newest rate not after `until`; None where none is set."""


@dataclass(frozen=True)
class WatchOutcome:
    """What the watch found, and its report."""

    watch: "CostWatch"
    report: Report
    figures: "CostReport"

    def table(self) -> list[dict[str, Any]]:
        """A row per prompt version: messages, mean cost before and now."""
        last, before = self.figures.last.by["prompt"], self.figures.before.by["prompt"]
        return [
            {"prompt": name, "messages": of.messages, "mean USD": usd(of), "mean USD before": usd(before.get(name))}
            for name, of in last.items()
        ]


def cost_report(platform: "Platform", hours: int, now: datetime | None = None, serves: Serves = "people") -> CostReport:
    """The last `hours` of the ledger and as many before, of messages that came then."""
    until = now or datetime.now(UTC)
    return report_of(cost_sums(platform), hours, until, serves, platform.prices.rates(until.date()))


def report_of(
    sums: "CostSums", hours: int, until: datetime, serves: Serves = "people", rates: Rates | None = None
) -> CostReport:
    """The report that these sums make."""
    from matria.costs.summary import compare

    found = compare(sums, hours, until, serves)
    evaluation = found if serves == "evaluation" else compare(sums, hours, until, "evaluation")
    return CostReport(
        hours,
        until,
        serves,
        found.last,
        found.before,
        evaluation.last.all,
        found.is_simulated,
        found.price_sources,
        rates,
    )


def cost_sums(platform: "Platform") -> "CostSums":
    """What adds up the ledger: the ledger itself."""
    return cast("CostSums", platform.ledger)


def watch_costs(platform: "Platform", now: datetime | None = None) -> WatchOutcome:
    """The last 24 hours against the 24 before: logged, shelved, and told where the policy asks for it."""
    from matria.costs.summary import WINDOW, watch
    from matria.notify.base import Notice

    until = now or datetime.now(UTC)
    found = watch(platform.ledger.between(until - 2 * WINDOW, until), until, platform.policy)
    figures = cost_report(platform, 24, until)
    report = _shelve(platform, found, figures)
    _record(platform, found, figures)
    if found.state == "alert":
        platform.notifier.notify(Notice(report.title, " ".join(found.reasons), "critical", until, report.address))
    return WatchOutcome(found, report, figures)


def usd(figures: "CostFigures | None") -> str:
    """Mean cost of a message, or that nobody knows."""
    if figures is None or not figures.messages:
        return "no data"
    return "unpriced" if figures.mean_usd is None else f"{figures.mean_usd:.6f}"


def watch_title(found: "CostWatch") -> str:
    """One line with the result in it."""
    change = "" if found.change is None else f" ({found.change:+.1%} in 24 h)"
    if found.state == "no_data":
        return (
            f"Cost of a message: too few messages to tell ({found.last.messages} now, {found.before.messages} before)"
        )
    return f"Cost of a message: {usd(found.last)} USD{change}{', ALERT' if found.state == 'alert' else ''}"


def _shelve(platform: "Platform", found: "CostWatch", figures: CostReport) -> Report:
    folder = platform.shelf.new_folder("costs", found.until)
    title = watch_title(found)
    durable.write_text(folder / "costs.md", costs_markdown(title, found, figures))
    return platform.shelf.put(folder, title, "costs.md", found.until, figures.is_simulated)


def costs_markdown(title: str, found: "CostWatch", figures: CostReport) -> str:
    """The report as a page."""
    lines = [f"# {title}", "", *(f"- {reason}" for reason in found.reasons), ""]
    for dimension, last in figures.last.by.items():
        lines += [f"## By {dimension}", "", f"| {dimension} | messages | calls | mean USD | before | unpriced calls |"]
        lines += ["|---|---|---|---|---|---|", *_rows(last, figures.before.by[dimension]), ""]
    lines += [f"Prices: {'; '.join(figures.price_sources) or 'none used'}.", ""]
    if figures.is_simulated:
        lines.append("The simulator answered: nothing was billed, another model's price stands in.")
    return "\n".join(lines) + "\n"


def _rows(last: Mapping[str, "CostFigures"], before: Mapping[str, "CostFigures"]) -> list[str]:
    return [
        f"| {name} | {of.messages} | {of.calls} | {usd(of)} | {usd(before.get(name))} | {of.unpriced_share:.1%} |"
        for name, of in last.items()
    ]


def _record(platform: "Platform", found: "CostWatch", figures: CostReport) -> None:
    with platform.tracking.start(
        "cost-watch",
        subject="messages",
        data_version=found.until.strftime("%Y%m%dT%H%M%SZ"),
        is_simulated=figures.is_simulated,
        tags={"window": "24h", "state": found.state},
        now=found.until,
    ) as run:
        run.log_metrics(
            {
                "cost_usd_per_message": _number(found.last),
                "cost_usd_per_message_before": _number(found.before),
                "change": found.change,
                "messages": found.last.messages,
                "unpriced_share": found.last.unpriced_share,
            }
        )


def _number(figures: "CostFigures") -> float | None:
    return None if figures.mean_usd is None else float(figures.mean_usd)

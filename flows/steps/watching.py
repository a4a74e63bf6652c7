"""The hourly watch of what a message costs: judged, explained, shown, remembered, and put where people are told from.

In this order, so that a crash anywhere loses nothing and tells nothing twice: what an earlier run left untold goes to
the outbox; the hours are judged; the report is put on the shelf; the decisions are recorded; their notices go to the
outbox, each under its own key.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal

from flows.shelf import Report
from matria import durable

if TYPE_CHECKING:
    from flows.steps.costs import CostReport
    from flows.wiring import Platform
    from matria.costs.base import Rates
    from matria.costs.causes.base import Cause
    from matria.costs.watching.base import Check, Episode, Finding, Step
    from matria.costs.watching.decisions import Circumstances, Told
    from matria.costs.watching.watch import Plan
    from matria.notify.base import Notice

WatchState = Literal["alert", "goes_on", "no_data", "fine"]
"""People are told of something new; they were told already; nothing can be compared; all is well."""
HOURS = 24
PLANS = 3
"""Times that a run begins anew where another watch decided meanwhile."""
MAIN, SUMMARY = "costs.html", "costs.md"


@dataclass(frozen=True)
class HandedOn:
    """A notice that went to the outbox, and the step that it tells of."""

    told: "Told"
    notice: "Notice"


@dataclass(frozen=True)
class WatchOutcome:
    """What the watch found, and its report."""

    plan: "Plan"
    report: Report
    figures: "CostReport"
    handed_on: tuple[HandedOn, ...]
    """Notices that this run put into the outbox, those that an earlier one left included."""
    is_new: bool
    """Whether anything came out otherwise than in an earlier run on the same hour."""

    @property
    def state(self) -> WatchState:
        """What there is to say of the newest hour."""
        if any(told.step.change in ("opened", "worsened") for told in self.plan.told):
            return "alert"
        if self.plan.going_on:
            return "goes_on"
        day = _finding(self.plan.newest, "day")
        return "no_data" if day is not None and day.state == "no_data" else "fine"

    def table(self) -> list[dict[str, Any]]:
        """A row per prompt version: messages, mean cost before and now."""
        from flows.steps.costs import usd

        last, before = self.figures.last.by["prompt"], self.figures.before.by["prompt"]
        return [
            {"prompt": name, "messages": of.messages, "mean USD": usd(of), "mean USD before": usd(before.get(name))}
            for name, of in last.items()
        ]


def watch_costs(platform: "Platform", now: datetime | None = None) -> WatchOutcome:
    """The hours up to the newest full one, judged, and who must know told of by way of the outbox.

    Raises `StorageError` where the ledger, the memory or the outbox cannot be used.
    """
    from matria.costs.watching.store import Overtaken
    from matria.costs.watching.watch import full_hour

    platform.spool.enter(platform.ledger)  # what waited for the ledger is of these hours
    moment = now or datetime.now(UTC)
    handed_on = list(hand_on(platform, moment))
    for attempt in range(PLANS):
        try:
            outcome = _decide(platform, full_hour(moment), moment)
        except Overtaken:
            if attempt == PLANS - 1:
                raise
        else:
            break
    handed_on += hand_on(platform, moment)
    return replace(outcome, handed_on=tuple(handed_on))


def hand_on(platform: "Platform", now: datetime) -> Sequence[HandedOn]:
    """The notices of all steps that were decided and are not in the outbox yet: put there, once each."""
    from matria.costs.words.notices import Reader, notice

    settings, memory = platform.settings, platform.watch_memory
    number = platform.policy.number
    reader = Reader(
        settings.locale, pages_url(platform), number("costs.max_rate_age_days"), number("costs.urgent_rise")
    )
    done = []
    for told in memory.waiting():
        written = notice(told, reader)
        platform.outbox.put(told.key, written, now)
        memory.handed_on(told.key, now)
        done.append(HandedOn(told, written))
    return done


def track(platform: "Platform", outcome: WatchOutcome) -> None:
    """The figures of the hour as a run of MLflow; once, where nothing changed since. Raises `TrackingError`."""
    if not outcome.is_new:
        return
    check, plan = outcome.plan.newest, outcome.plan
    day = _finding(check, "day")
    if day is None:
        return
    with platform.tracking.start(
        "cost-watch",
        subject="messages",
        data_version=check.until.strftime("%Y%m%dT%H%M%SZ"),
        is_simulated=outcome.figures.is_simulated,
        tags={"window": f"{HOURS}h", "state": day.state},
        now=check.until,
    ) as run:
        run.log_metrics(
            {
                "cost_usd_per_message": _float(day.last.mean_usd),
                "cost_usd_per_message_before": _float(day.before.mean_usd),
                "change": None if day.ratio is None else day.ratio.value - 1,
                "change_low": None if day.ratio is None else day.ratio.low - 1,
                "change_high": None if day.ratio is None else day.ratio.high - 1,
                "messages": day.last.messages,
                "unpriced_share": day.last.unpriced_calls / day.last.calls if day.last.calls else 0.0,
                "open_alerts": len(plan.going_on),
            }
        )


def pages_url(platform: "Platform") -> str:
    """Where people open the pages."""
    return platform.settings.serve.pages_url


def teller(platform: "Platform") -> "Callable[[Check, Step, Episode | None], Circumstances]":
    """What tells the circumstances of a step; each window of the ledger is read once."""
    from flows.steps.costs import cost_sums
    from flows.steps.landed import lander
    from matria.costs.watching.circumstances import Reading, circumstances

    readings: dict[str, Reading] = {}
    landed = lander(platform.settings.root)

    def tell(check: "Check", step: "Step", was: "Episode | None") -> "Circumstances":
        reading = readings.setdefault(check.mark, Reading(cost_sums(platform), check.mark))
        return circumstances(reading, check, step, was, landed, rates_on(platform, check.until.date()))

    return tell


def rates_on(platform: "Platform", day: date) -> "Rates | None":
    """What a dollar is worth that day; None where nobody set it."""
    return platform.prices.rates(day)


def _decide(platform: "Platform", until: datetime, now: datetime) -> WatchOutcome:
    from flows.steps.costs import cost_report, cost_sums
    from matria.costs.watching.watch import plan, record

    planned = plan(cost_sums(platform), platform.watch_memory, until, platform.policy, teller(platform))
    newest = planned.newest
    figures = cost_report(platform, HOURS, until, as_of=newest.mark, is_simulated=newest.is_simulated)
    if not figures.last.all.calls:  # a service in its first hour: nothing to judge, but something to show
        figures = cost_report(platform, HOURS, now)
    report = _of_same_hour(platform, until) if not planned.hours else None
    is_new = report is None
    report = report or _shelve(platform, planned, figures)
    record(platform.watch_memory, planned, report.address, now, _version())
    return WatchOutcome(planned, report, figures, (), is_new)


def _of_same_hour(platform: "Platform", until: datetime) -> Report | None:
    """The report of an earlier run on the same hour, where nothing has changed since."""
    newest = platform.shelf.newest("costs")
    at = until.astimezone(UTC).isoformat(timespec="seconds")
    return newest if newest is not None and newest.at == at and newest.main == MAIN else None


def _shelve(platform: "Platform", plan: "Plan", figures: "CostReport") -> Report:
    from flows.costs_page import markdown, page
    from flows.site.costs_headline import headline
    from flows.steps.costs import cost_sums
    from matria.costs.hourly import hourly

    check, locale = plan.newest, platform.settings.locale
    scope, cause = _shown(platform, plan)
    max_rise, max_age = check.policy["max_rise_24h"], platform.policy.count("costs.max_rate_age_days")
    landed = cause.landed if cause else ()
    chart = hourly(cost_sums(platform), check.until, max_rise, scope, landed, check.mark, check.is_simulated)
    findings = [finding for finding in check.findings if finding.told_by is None]
    title = headline(figures, findings, cause, locale)
    texts = {
        MAIN: page(figures, chart, findings, cause, locale, max_age),
        SUMMARY: markdown(figures, chart, findings, cause, locale, max_age),
    }
    folder = platform.shelf.new_folder("costs", check.until)  # only now, so that what cannot be written leaves none
    for name, text in texts.items():
        durable.write_text(folder / name, text)
    return platform.shelf.put(folder, title, MAIN, check.until, figures.is_simulated, SUMMARY)


def _shown(platform: "Platform", plan: "Plan") -> "tuple[str, Cause | None]":
    """Whose cost the chart shows and why it changed: of what is told now, else of what goes on, else of all."""
    from flows.steps.costs import cost_sums
    from flows.steps.landed import lander
    from matria.costs.watching.base import TOTAL
    from matria.costs.watching.circumstances import Reading, before_side, began_by, cause_of

    for told in plan.told:
        if told.circumstances.cause is not None:
            return told.step.episode.scope, told.circumstances.cause
    reading, landed = Reading(cost_sums(platform), plan.newest.mark), lander(platform.settings.root)
    for episode in plan.going_on:
        if episode.rule in ("day", "hour"):
            before, last = before_side(episode), episode.newest.last
            began = began_by(reading, before, last, episode.scope)
            return episode.scope, cause_of(reading, before, last, episode.scope, landed, began)
    day = _finding(plan.newest, "day")
    return TOTAL, None if day is None else cause_of(reading, day.before, day.last, TOTAL, landed)


def _finding(check: "Check", rule: str, scope: str = "") -> "Finding | None":
    return next((one for one in check.findings if one.rule == rule and one.scope == scope), None)


def _float(usd: Any) -> float | None:
    return None if usd is None else float(usd)


def _version() -> str:
    from importlib.metadata import version

    return version("matria")

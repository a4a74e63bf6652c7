"""What a message costs: totals and means over ledger entries, and the last 24 hours against the 24 before.

A message may need several calls; its cost is their sum, and it is known only where every one of them has a price. What
is unpriced is counted beside the figures, never as 0. Thresholds are those of policy.yaml, section `costs`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from matria.costs.base import LedgerEntry, Purpose
from matria.policy import Policy

SummaryState = Literal["priced", "partly_unpriced", "unpriced", "no_data"]
WatchState = Literal["fine", "alert", "no_data"]
Dimension = Literal["prompt", "persona", "model", "purpose"]

WINDOW = timedelta(hours=24)
"""The service's promise is about 24 hours, so the length is part of the rule's name and no threshold."""
PRODUCTION: frozenset[Purpose] = frozenset({"assistant", "moderation"})
"""Calls that serve a person; evaluations come in bursts and would hide a rise, or feign one."""

DIMENSIONS: Mapping[Dimension, Callable[[LedgerEntry], str]] = {
    "prompt": lambda e: f"{e.prompt_name}@{e.prompt_version}" if e.prompt_name else "(no prompt)",
    "persona": lambda e: e.persona or "(none)",
    "model": lambda e: e.model_snapshot or e.model,
    "purpose": lambda e: e.purpose,
}


@dataclass(frozen=True)
class CostFigures:
    """What some messages cost."""

    messages: int
    calls: int
    unpriced_calls: int
    unpriced_messages: int
    """Messages with at least one unpriced call: their cost is unknown, and they are outside the mean."""
    total_usd: Decimal | None
    """Sum over priced calls, so a lower bound where some are unpriced; None where none is priced."""
    mean_usd: Decimal | None
    """Mean over the messages whose every call is priced; None where there is none."""

    @property
    def unpriced_share(self) -> float:
        """Share of calls without a price, 0 to 1; 0 where there are no calls."""
        return self.unpriced_calls / self.calls if self.calls else 0.0

    @property
    def state(self) -> SummaryState:
        """How far the figures can be trusted."""
        if not self.calls:
            return "no_data"
        if self.unpriced_calls == self.calls:
            return "unpriced"
        return "partly_unpriced" if self.unpriced_calls else "priced"


@dataclass(frozen=True)
class CostSummary:
    """What all messages cost, and the same by each dimension's values, dearest mean first."""

    all: CostFigures
    by: Mapping[Dimension, Mapping[str, CostFigures]]


@dataclass(frozen=True)
class CostWatch:
    """The last 24 hours against the 24 hours before."""

    state: WatchState
    last: CostFigures
    before: CostFigures
    change: float | None
    """Rise of the mean as a share: 0.25 is 25 % dearer. None without a mean in each window, or from a mean of 0."""
    reasons: tuple[str, ...]
    """One sentence per alert or missing datum; empty where all is fine."""
    until: datetime


def summarise(entries: Iterable[LedgerEntry]) -> CostSummary:
    """Figures per message over `entries`, whatever their purpose."""
    kept = list(entries)
    groups: dict[Dimension, dict[str, list[LedgerEntry]]] = {name: defaultdict(list) for name in DIMENSIONS}
    for entry in kept:
        for name, key_of in DIMENSIONS.items():
            groups[name][key_of(entry)].append(entry)
    by = {name: _dearest_first({k: figures(v) for k, v in group.items()}) for name, group in groups.items()}
    return CostSummary(figures(kept), by)


def figures(entries: Sequence[LedgerEntry]) -> CostFigures:
    """The figures of these entries taken together."""
    messages: dict[str, list[Decimal | None]] = defaultdict(list)
    for entry in entries:
        messages[entry.message_id].append(entry.cost.usd)
    known = [cost for calls in messages.values() if (cost := _sum_if_known(calls)) is not None]
    priced = [entry.cost.usd for entry in entries if entry.cost.usd is not None]
    return CostFigures(
        messages=len(messages),
        calls=len(entries),
        unpriced_calls=len(entries) - len(priced),
        unpriced_messages=len(messages) - len(known),
        total_usd=sum(priced, Decimal(0)) if priced else None,
        mean_usd=sum(known, Decimal(0)) / len(known) if known else None,
    )


def watch(
    entries: Iterable[LedgerEntry],
    now: datetime,
    policy: Policy,
    purposes: frozenset[Purpose] = PRODUCTION,
) -> CostWatch:
    """Whether a message costs more than policy.yaml allows; `entries` cover at least the 48 hours before `now`.

    A message belongs to the window of its first call. Too few messages in either window is `no_data`, never fine,
    unless what is there has already too many calls without a price: that alone is an alert.
    """
    served = [entry for entry in entries if entry.purpose in purposes and now - 2 * WINDOW <= entry.at < now]
    first_call = _first_calls(served)
    last = figures([e for e in served if first_call[e.message_id] >= now - WINDOW])
    before = figures([e for e in served if first_call[e.message_id] < now - WINDOW])
    change = _change(before.mean_usd, last.mean_usd)
    alerts = _alerts(last, before, change, policy)
    missing = _missing(last, before, policy)
    state: WatchState = "alert" if alerts else "no_data" if missing else "fine"
    return CostWatch(state, last, before, change, alerts + missing, now)


def _sum_if_known(calls: Sequence[Decimal | None]) -> Decimal | None:
    return None if None in calls else sum((usd for usd in calls if usd is not None), Decimal(0))


def _alerts(last: CostFigures, before: CostFigures, change: float | None, policy: Policy) -> tuple[str, ...]:
    reasons = []
    allowed = policy.number("costs.max_rise_24h")
    is_from_nothing = before.mean_usd == 0 and bool(last.mean_usd)
    if not _missing(last, before, policy) and (is_from_nothing or (change is not None and change > allowed)):
        rise = "" if change is None else f" by {change:.1%}"
        reasons.append(
            f"The mean cost of a message rose{rise} in 24 hours, from {before.mean_usd:.6f} to "
            f"{last.mean_usd:.6f} USD; {allowed:.0%} is allowed."
        )
    tolerated = policy.number("costs.max_unpriced_share")
    if last.unpriced_share > tolerated:
        reasons.append(
            f"{last.unpriced_calls} of {last.calls} calls of the last 24 hours have no price "
            f"({last.unpriced_share:.1%}; {tolerated:.0%} is tolerated), so the total is a guess."
        )
    return tuple(reasons)


def _missing(last: CostFigures, before: CostFigures, policy: Policy) -> tuple[str, ...]:
    """Why the windows cannot be compared. Only messages with a known cost count towards the minimum."""
    enough = policy.count("costs.min_messages")
    return tuple(
        f"{known} messages with a known cost in the {name}: {enough} are needed to compare."
        for name, known in (
            ("last 24 hours", last.messages - last.unpriced_messages),
            ("24 hours before", before.messages - before.unpriced_messages),
        )
        if known < enough
    )


def _change(before: Decimal | None, last: Decimal | None) -> float | None:
    if before is None or last is None or before == 0:
        return None
    return float(last / before - 1)


def _first_calls(entries: Iterable[LedgerEntry]) -> dict[str, datetime]:
    first: dict[str, datetime] = {}
    for entry in entries:
        first[entry.message_id] = min(entry.at, first.get(entry.message_id, entry.at))
    return first


def _dearest_first(figures_by_key: Mapping[str, CostFigures]) -> dict[str, CostFigures]:
    """Unknown means last; equal ones by name, so that the order is the same in every run."""
    return dict(sorted(figures_by_key.items(), key=lambda item: (-(item[1].mean_usd or Decimal(0)), item[0])))

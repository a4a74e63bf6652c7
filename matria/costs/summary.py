"""What a message costs: totals and means of a window, and the same by prompt version, persona, locale, model, purpose.

Read from `matria.costs.sums`, so a window of millions of messages is a few hundred rows here. A message's cost is the
sum of its calls, and it is known only where every one of them has a price. What is unpriced is counted beside the
figures, never as 0.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeVar

from matria.costs.base import LedgerEntry, Purpose, Serves
from matria.costs.memory import MemorySums
from matria.costs.sums import CallSums, CostSums, MessageSums, Window
from matria.policy import Policy

_Row = TypeVar("_Row")

SummaryState = Literal["priced", "partly_unpriced", "unpriced", "no_data"]
Dimension = Literal["prompt", "persona", "locale", "model", "purpose"]

MESSAGE_DIMENSIONS: Mapping[Dimension, Callable[[MessageSums | CallSums], str]] = {
    "prompt": lambda row: _prompt(row.prompt_name, row.prompt_version),
    "persona": lambda row: row.persona or "(none)",
    "locale": lambda row: row.locale or "(none)",
}
"""A message has one value of each, so that its whole cost goes there."""
CALL_DIMENSIONS: Mapping[Dimension, Callable[[CallSums], str]] = {
    "model": lambda row: row.model_snapshot or row.model,
    "purpose": lambda row: row.purpose,
}
"""A message may have calls of several: each has a part of its cost, and the parts sum to it."""


@dataclass(frozen=True)
class CostFigures:
    """What some messages cost, or what some of their calls take of it."""

    messages: int
    """Messages that the mean is held against: those of a prompt, persona or locale; of a model or purpose, all."""
    priced_messages: int
    """Those whose every call has a price; the figures below `unpriced_calls` are of these."""
    calls: int
    unpriced_calls: int
    usd: Decimal
    """Exact sum over the priced messages."""
    priced_message_calls: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    """Part of the input tokens."""
    output_tokens: int = 0
    text_records: int = 0

    @property
    def unpriced_messages(self) -> int:
        """Messages with at least one unpriced call: their cost is unknown, and they are outside the mean."""
        return self.messages - self.priced_messages

    @property
    def total_usd(self) -> Decimal | None:
        """Sum over the priced messages, a lower bound where some are unpriced; None where none is priced."""
        return self.usd if self.priced_messages else None

    @property
    def mean_usd(self) -> Decimal | None:
        """US dollars a message; None where no message has a known cost."""
        return self.usd / self.priced_messages if self.priced_messages else None

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

    def a_message(self, tokens: int) -> float | None:
        """Such as `figures.a_message(figures.input_tokens)`: how many a message; None where none is priced."""
        return tokens / self.priced_messages if self.priced_messages else None


@dataclass(frozen=True)
class CostSummary:
    """What all messages cost, and the same by each dimension's values, dearest mean first."""

    all: CostFigures
    by: Mapping[Dimension, Mapping[str, CostFigures]]


@dataclass(frozen=True)
class Compared:
    """A window, and the window as long before it."""

    last: CostSummary
    before: CostSummary
    is_simulated: bool
    """Whether any call of the last window was answered by the simulator."""
    price_sources: tuple[str, ...]
    """Of the last window."""


def compare(sums: CostSums, hours: int, until: datetime, serves: Serves = "people") -> Compared:
    """The `hours` before `until` and as many before those, by two queries on one mark."""
    length = timedelta(hours=hours)
    window = Window(until - 2 * length, until, length, serves, sums.mark())
    calls, messages = sums.calls(window), sums.messages(window)
    last = [row for row in calls if row.slot == 0]
    return Compared(
        summary_of(last, [row for row in messages if row.slot == 0]),
        summary_of([row for row in calls if row.slot == 1], [row for row in messages if row.slot == 1]),
        any(row.is_simulated for row in last),
        tuple(sorted({row.price_source for row in last})),
    )


def summary_of(calls: Iterable[CallSums], messages: Iterable[MessageSums]) -> CostSummary:
    """The figures of rows of one window; `calls` and `messages` are of the same messages."""
    of_calls, of_messages = list(calls), list(messages)
    whole = figures_of(of_calls, of_messages)
    by: dict[Dimension, dict[str, CostFigures]] = {}
    for name, key_of in MESSAGE_DIMENSIONS.items():
        called, sent = _grouped(of_calls, key_of), _grouped(of_messages, key_of)
        by[name] = {key: figures_of(called.get(key, ()), sent.get(key, ())) for key in {**sent, **called}}
    for name, key in CALL_DIMENSIONS.items():
        by[name] = {value: part_of(rows, whole) for value, rows in _grouped(of_calls, key).items()}
    return CostSummary(whole, {name: _dearest_first(groups) for name, groups in by.items()})


def figures_of(calls: Sequence[CallSums], messages: Sequence[MessageSums]) -> CostFigures:
    """The figures of these messages and their calls, taken together."""
    return _figures(
        calls,
        sum(row.messages for row in messages),
        sum(row.priced_messages for row in messages),
        sum((row.usd for row in messages), Decimal(0)),
    )


def part_of(calls: Sequence[CallSums], whole: CostFigures) -> CostFigures:
    """What these calls take of a message of the whole."""
    usd = sum((row.usd for row in calls), Decimal(0))
    return _figures(calls, whole.messages, whole.priced_messages, usd)


def figures(entries: Iterable[LedgerEntry]) -> CostFigures:
    """The figures of entries in memory, whomever they serve."""
    return summarise(entries).all


def summarise(entries: Iterable[LedgerEntry]) -> CostSummary:
    """Figures per message over entries in memory, whomever they serve; a ledger's are `compare`d."""
    kept = list(entries)
    sums, year = MemorySums(kept), timedelta(days=366)
    times = [entry.message_at for entry in kept] or [datetime.now(UTC)]
    end = max(times) + timedelta(microseconds=1)
    windows = [Window(min(times), end, max(end - min(times), year), serves) for serves in _SERVES]
    return summary_of(
        [row for window in windows for row in sums.calls(window)],
        [row for window in windows for row in sums.messages(window)],
    )


_SERVES: tuple[Serves, ...] = ("people", "evaluation")


def _figures(calls: Sequence[CallSums], messages: int, priced_messages: int, usd: Decimal) -> CostFigures:
    return CostFigures(
        messages=messages,
        priced_messages=priced_messages,
        calls=sum(row.calls for row in calls),
        unpriced_calls=sum(row.unpriced_calls for row in calls),
        usd=usd,
        priced_message_calls=sum(row.priced_message_calls for row in calls),
        input_tokens=sum(row.input_tokens for row in calls),
        cached_tokens=sum(row.cached_tokens for row in calls),
        output_tokens=sum(row.output_tokens for row in calls),
        text_records=sum(row.text_records for row in calls),
    )


def _prompt(name: str, version: str) -> str:
    if not name:
        return "(no prompt)"
    return f"{name}@{version}" if version else name


def _grouped(rows: Iterable[_Row], key_of: Callable[[_Row], str]) -> dict[str, list[_Row]]:
    groups: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        groups[key_of(row)].append(row)
    return dict(groups)


def _dearest_first(figures_by_key: Mapping[str, CostFigures]) -> dict[str, CostFigures]:
    """Unknown means last; equal ones by name, so that the order is the same in every run."""
    return dict(sorted(figures_by_key.items(), key=lambda item: (-(item[1].mean_usd or Decimal(0)), item[0])))


WatchState = Literal["fine", "alert", "no_data"]
WINDOW = timedelta(hours=24)
"""The service's promise is about 24 hours, so the length is part of the rule's name and no threshold."""
PRODUCTION: frozenset[Purpose] = frozenset({"assistant", "moderation"})
"""Calls that serve a person; evaluations come in bursts and would hide a rise, or feign one."""


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

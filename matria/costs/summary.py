"""What a message costs: totals and means of a window, and the same by prompt version, persona, locale, model, purpose.

Read from `matria.costs.sums`, so a window of millions of messages is a few hundred rows here. A message's cost is the
sum of its calls, and it is known only where every one of them has a price. What is unpriced is counted beside the
figures, never as 0. Real messages are never put together with simulated ones.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeVar

from matria.costs.base import LedgerEntry, Rates, Serves
from matria.costs.kinds import one_kind
from matria.costs.memory import MemorySums
from matria.costs.sums import CallSums, CostSums, MessageSums, Window

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
    by_rates: Mapping[Rates | None, Decimal] = field(default_factory=dict)
    """`usd` by what a dollar was worth for it; under None what has no rate, or has several that are not told apart."""

    @property
    def is_known(self) -> bool:
        """Whether a priced message holds any of these calls: where none does, what they take is unknown, not 0."""
        return self.priced_messages > 0 and (self.priced_message_calls > 0 or not self.calls)

    @property
    def total_usd(self) -> Decimal | None:
        """Sum over the priced messages, a lower bound where some are unpriced; None where none is priced."""
        return self.usd if self.is_known else None

    @property
    def mean_usd(self) -> Decimal | None:
        """US dollars a message; None where no message has a known cost."""
        return self.usd / self.priced_messages if self.is_known else None

    @property
    def brl(self) -> "Converted | None":
        """`total_usd` in reais, by the rate that each call was entered with; None where none of it has one."""
        return self._converted(lambda rates: rates.brl)

    @property
    def eur(self) -> "Converted | None":
        """`total_usd` in euros."""
        return self._converted(lambda rates: rates.eur)

    def _converted(self, rate_of: Callable[[Rates], Decimal | None]) -> "Converted | None":
        known = {rates: rate for rates in self.by_rates if rates and (rate := rate_of(rates)) is not None}
        if not self.priced_messages or not known:
            return None
        total = sum((self.by_rates[rates] * rate for rates, rate in known.items()), Decimal(0))
        is_whole = not any(usd for rates, usd in self.by_rates.items() if rates not in known)
        days = sorted(rates.on for rates in known if rates)
        return Converted(total, self.priced_messages, is_whole, days[0], days[-1])

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
        return tokens / self.priced_messages if self.is_known else None


@dataclass(frozen=True)
class Converted:
    """Dollars in another currency, each by the rate of its day."""

    total: Decimal
    """A lower bound where `is_whole` is False."""
    messages: int
    """Priced messages that it is of."""
    is_whole: bool
    """Whether every dollar has a rate."""
    first_rate_on: date
    last_rate_on: date

    @property
    def mean(self) -> Decimal:
        """For a message; a lower bound where the total is."""
        return self.total / self.messages


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
    """Whether these are simulated messages, since neither window holds a real one."""
    price_sources: tuple[str, ...]
    """Of the last window."""


def compare(
    sums: CostSums,
    hours: int,
    until: datetime,
    serves: Serves = "people",
    as_of: str | None = None,
    is_simulated: bool | None = None,
) -> Compared:
    """The `hours` before `until` and as many before those, by queries on one mark: `as_of`, else that of now.

    `is_simulated` chooses simulated messages or real ones; left out, real ones where there are any.
    """
    length = timedelta(hours=hours)
    kind = one_kind(sums, Window(until - 2 * length, until, length, serves, as_of, is_simulated))
    calls, messages = sums.calls(kind.window), kind.messages
    last = [row for row in calls if row.slot == 0]
    return Compared(
        summary_of(last, [row for row in messages if row.slot == 0]),
        summary_of([row for row in calls if row.slot == 1], [row for row in messages if row.slot == 1]),
        kind.is_simulated,
        tuple(sorted({row.price_source for row in last})),
    )


def summary_of(calls: Iterable[CallSums], messages: Iterable[MessageSums]) -> CostSummary:
    """The figures of rows of one window; `calls` and `messages` are of the same messages."""
    of_calls, of_messages = list(calls), list(messages)
    whole = replace(figures_of(of_calls, of_messages), by_rates=_by_rates(of_calls))
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
        _by_rates(messages),
    )


def part_of(calls: Sequence[CallSums], whole: CostFigures) -> CostFigures:
    """What these calls take of a message of the whole."""
    usd = sum((row.usd for row in calls), Decimal(0))
    return _figures(calls, whole.messages, whole.priced_messages, usd, _by_rates(calls))


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


def _by_rates(rows: Iterable[CallSums | MessageSums]) -> dict[Rates | None, Decimal]:
    found: dict[Rates | None, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row.rates] += row.usd
    return dict(found)


def _figures(
    calls: Sequence[CallSums],
    messages: int,
    priced_messages: int,
    usd: Decimal,
    by_rates: Mapping[Rates | None, Decimal],
) -> CostFigures:
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
        by_rates=by_rates,
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

    def place(item: tuple[str, CostFigures]) -> tuple[bool, Decimal, str]:
        name, of = item
        return of.mean_usd is None, -(of.mean_usd or Decimal(0)), name

    return dict(sorted(figures_by_key.items(), key=place))

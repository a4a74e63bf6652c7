"""What the messages of one window took, added up by cell, kind of call and model; exact, as whole picodollars.

A cell is an assistant, a persona and a locale. Calls that name no assistant (a judge has no prompt file) are spread
over the cells that they may have served, by what the cells' messages cost beyond the calls that name them. Messages
with a call of unknown price are left out, as they are of the mean.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from matria.costs.base import Purpose, UnitPrices
from matria.costs.sums import CallSums, MessageSums
from matria.costs.watching.base import TOTAL

Group = Literal["answer", "retry", "judge", "moderation"]
GROUPS: tuple[Group, ...] = ("answer", "retry", "judge", "moderation")
_GROUP_OF: Mapping[Purpose, Group] = {
    "assistant": "answer",
    "evaluation": "answer",
    "retry": "retry",
    "judge": "judge",
    "moderation": "moderation",
}
Kind = Literal["input", "cached", "cache_write", "output", "records", "call"]
KINDS: tuple[Kind, ...] = ("input", "cached", "cache_write", "output", "records", "call")
"""What is paid for. `call` is what unit prices leave of a call's cost: what was rounded, or all without any."""
Cell = tuple[str, str, str]
"""Assistant, persona, locale."""
Model = tuple[str, str, str]
"""Provider, snapshot (or the model asked for, where it has none), tier."""
LineKey = tuple[Cell, Group, Model]
Exact = int | Fraction
PICO = 10**12


@dataclass(frozen=True)
class Sums:
    """A ledger's sums over the messages of one window, or of several taken together."""

    calls: Sequence[CallSums]
    messages: Sequence[MessageSums]
    end: datetime | None = None
    """Of the window, from which slots are counted back; needed to say when something was first seen."""
    slot: timedelta = timedelta(hours=1)

    def where(self, is_meant: Callable[[int], bool]) -> "Sums":
        """Those of some slots: of one window with two slots, slot 0 is after and slot 1 before."""
        return replace(
            self,
            calls=[row for row in self.calls if is_meant(row.slot)],
            messages=[row for row in self.messages if is_meant(row.slot)],
        )


@dataclass
class Line:
    """Calls of one cell, kind and model; sums, exact."""

    calls: Exact = 0
    prompt: Exact = 0
    context: Exact = 0
    output: Exact = 0
    records: Exact = 0
    cached: Exact = 0
    written: Exact = 0
    pico: Exact = 0
    paid: dict[Kind, Exact] = field(default_factory=lambda: defaultdict(int))
    """Price times amount, by kind, in picodollars."""
    amount: dict[Kind, Exact] = field(default_factory=lambda: defaultdict(int))
    """Of that price."""
    listed: dict[Kind, Exact] = field(default_factory=lambda: defaultdict(int))
    """Price times calls, whether they used the kind or not."""
    listed_calls: dict[Kind, Exact] = field(default_factory=lambda: defaultdict(int))

    def add(self, row: CallSums, share: Exact) -> None:
        """Take in a row of the ledger, or the share of it that belongs here."""
        fresh = row.input_tokens - row.cached_tokens - row.cache_write_tokens
        amounts: tuple[int, ...] = (
            fresh,
            row.cached_tokens,
            row.cache_write_tokens,
            row.output_tokens,
            row.text_records,
        )
        pico = _pico(row.usd)
        rest: Exact = pico
        for kind, amount, price in zip(KINDS, amounts, _prices(row, pico), strict=False):
            if price is None:
                self.amount[kind] += amount * share  # if there are any, they cost nothing of their own
                continue
            self.paid[kind] += price * amount * share
            self.amount[kind] += amount * share
            self.listed[kind] += price * row.priced_message_calls * share
            self.listed_calls[kind] += row.priced_message_calls * share
            rest -= price * amount
        self.paid["call"] += rest * share
        self.amount["call"] += row.priced_message_calls * share
        self.calls += row.priced_message_calls * share
        self.prompt += row.prompt_tokens * share
        self.context += (row.input_tokens - row.prompt_tokens) * share
        self.output += row.output_tokens * share
        self.records += row.text_records * share
        self.cached += row.cached_tokens * share
        self.written += row.cache_write_tokens * share
        self.pico += pico * share

    def price(self, kind: Kind) -> float | None:
        """Picodollars of one of a kind, as paid, or as listed where none was used; None where none is known."""
        if self.amount[kind]:
            return float(Fraction(self.paid[kind]) / self.amount[kind])
        if self.listed_calls[kind]:
            return float(Fraction(self.listed[kind]) / self.listed_calls[kind])
        return None


@dataclass(frozen=True)
class Tally:
    """What the priced messages of a window took."""

    messages: Mapping[Cell, int]
    lines: Mapping[LineKey, Line]

    @property
    def count(self) -> int:
        """Messages."""
        return sum(self.messages.values())

    @property
    def mean_pico(self) -> Fraction:
        """Mean cost of a message."""
        return Fraction(sum((line.pico for line in self.lines.values()), Fraction(0))) / self.count


def tally(sums: Sums, scope: str = TOTAL) -> Tally:
    """The window's priced messages of one assistant, or of all."""
    everywhere: dict[Cell, int] = defaultdict(int)
    for row in sums.messages:
        if row.priced_messages:
            everywhere[row.prompt_name, row.persona, row.locale] += row.priced_messages
    unnamed = _unnamed_pico(sums, everywhere)
    lines: dict[LineKey, Line] = defaultdict(Line)
    places: dict[Cell, Sequence[tuple[Cell, Exact]]] = {}
    for calls in sums.calls:
        if not calls.priced_message_calls:
            continue
        named = (calls.prompt_name, calls.persona, calls.locale)
        if named not in places:
            places[named] = _places(named, everywhere, unnamed)
        model = (calls.provider, calls.model_snapshot or calls.model, calls.tier)
        for cell, share in places[named]:
            if scope in (TOTAL, cell[0]):
                lines[cell, _GROUP_OF[calls.purpose], model].add(calls, share)
    return Tally({cell: n for cell, n in sorted(everywhere.items()) if scope in (TOTAL, cell[0])}, lines)


def _pico(usd: Decimal) -> int:
    return int(usd.scaleb(12))


def _unnamed_pico(sums: Sums, everywhere: Mapping[Cell, int]) -> Mapping[Cell, int]:
    """What the messages of each cell cost beyond the calls that name it."""
    left = dict.fromkeys(everywhere, 0)
    for message in sums.messages:
        if message.priced_messages:
            left[message.prompt_name, message.persona, message.locale] += _pico(message.usd)
    for call in sums.calls:
        if (named := (call.prompt_name, call.persona, call.locale)) in left:
            left[named] -= _pico(call.usd)
    return {cell: max(pico, 0) for cell, pico in left.items()}


def _places(named: Cell, everywhere: Mapping[Cell, int], unnamed: Mapping[Cell, int]) -> Sequence[tuple[Cell, Exact]]:
    """Which cells a call belongs to and how much of it: its own; else those of its persona and locale; else all."""
    if named in everywhere:
        return [(named, 1)]
    fits = (
        [cell for cell in everywhere if all(asked in ("", is_) for asked, is_ in zip(wanted, cell, strict=True))]
        for wanted in (named, ("", *named[1:]), ("", "", ""))
    )
    pool = next((cells for cells in fits if cells), [])
    weights = unnamed if any(unnamed[cell] for cell in pool) else everywhere
    total = sum(weights[cell] for cell in pool)
    return [(cell, Fraction(weights[cell], total)) for cell in pool if weights[cell]]


def _prices(row: CallSums, pico: int) -> tuple[Exact | None, ...]:
    """Picodollars of one of each kind; a token of the cache without a price of its own costs what any other does.

    Where a token's price depends on how many there are the row has none of its own; then each of its tokens is taken
    to have cost the same.
    """
    if row.unit_prices is not None:
        return _unit_pico(row.unit_prices)
    tokens = row.input_tokens + row.output_tokens
    each = Fraction(pico, tokens) if tokens else None
    return (each, each, each, each, None)


@lru_cache(maxsize=4096)
def _unit_pico(prices: UnitPrices) -> tuple[Exact | None, ...]:
    cached, written = (prices.input if usd is None else usd for usd in (prices.cached, prices.cache_write))
    tokens = (prices.input, cached, written, prices.output)
    exact = [None if usd is None else Fraction(usd) * PICO / 1_000_000 for usd in tokens]
    exact.append(None if prices.records is None else Fraction(prices.records) * PICO / 1000)
    return tuple(int(one) if one is not None and one.denominator == 1 else one for one in exact)

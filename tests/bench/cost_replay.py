"""Weeks of calls with planted changes, as the sums that a ledger gives and as its entries.

    traffic = Traffic(seed=1, hours=24 * 28)
    played = replay(traffic, [Plant("caching", traffic.start + timedelta(days=10), 0.30)])
    played.messages(Window(start, end, slot=timedelta(hours=24)))

A plant turns one knob from its moment on, by as much as raises the mean cost of a message by the share asked for; where
the knob cannot go so far (no more than the whole cache can be lost) it goes as far as it can, and `rises` says how far.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

import numpy as np

from matria.costs.base import Cost, LedgerEntry, Tier, UnitPrices, Usage
from matria.costs.causes.base import Factor
from matria.costs.sums import BUCKETS, CallSums, MessageSums, Window, bucket_of
from tests.bench.cost_calls import (
    BASE,
    MODELS,
    PRICED_ON,
    PURPOSES,
    RAILS,
    RECORD_PICO,
    RECORDS,
    Calls,
    Knobs,
    calls_of,
    cells_of,
    joined,
    mean_pico,
    token_prices,
)
from tests.bench.cost_traffic import CELLS, EPOCH, HOUR_US, Ints, Messages, Traffic, draw

FURTHEST = {
    "price": 4.0,
    "prompt_tokens": 12.0,
    "context_tokens": 12.0,
    "output_tokens": 12.0,
    "caching": 0.0,
    "model_mix": 1.0,
    "retries": 1.0,
    "judges": 1.0,
    "moderation": 16.0,
    "traffic_mix": 30.0,
}
"""How far each knob turns to make messages dearer."""
CHEAPEST = replace(BASE, price=0.1, prompt_tokens=0.1, context_tokens=0.1, output_tokens=0.1, caching=1.1)
CHEAPEST = replace(CHEAPEST, retries=0.0, judges=0.0, moderation=0.1, traffic_mix=0.01)
"""And to make them cheaper."""
SAMPLE = 20_000
"""Messages on which a knob is set."""
_NAMES = [field.name for field in fields(CallSums)]
_COMMON = [*_NAMES[: _NAMES.index("calls")], "rates"]
_ADDED = [name for name in _NAMES if name not in _COMMON]
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Plant:
    """One change of the calls from a moment on."""

    factor: Factor
    at: datetime
    rise: float
    """Of the mean cost of a message, as a share: 0.3 is 30 % dearer, -0.1 is 10 % cheaper."""
    only: str = ""
    """The one assistant that changes, and whose mean is meant; empty for all. Not for a price or `traffic_mix`."""
    until: datetime | None = None
    """When it is taken back; None for never."""

    def __post_init__(self) -> None:
        if self.only and self.factor in ("price", "traffic_mix"):
            raise ValueError(f"A change of {self.factor} is not of one assistant: leave `only` empty.")


@dataclass(frozen=True)
class Replay:
    """A ledger's sums in memory (`matria.costs.sums.CostSums`); nothing comes late, so every mark is the same."""

    traffic: Traffic
    plants: tuple[Plant, ...]
    rises: tuple[float, ...]
    """How far each plant really raises the mean cost, on the messages its knob was set on."""
    drawn: Messages
    cell: Ints
    made: Calls
    """Ordered by message."""
    forces: tuple[tuple[Plant, ...], ...]
    """Of each stretch of time between plants, those in force; `Calls.version` is the stretch."""
    prices: Ints
    """Shape (stretches, models, 3), picodollars a token."""

    def mark(self) -> str:
        """What is in the ledger now."""
        return f"replay-{self.traffic.seed}"

    def calls(self, window: Window) -> Sequence[CallSums]:
        """Calls of the window's messages."""
        first, last = self._between(window)
        of_calls = self.made.where(slice(*np.searchsorted(self.made.message, [first, last])))  # type: ignore[arg-type]
        slot = self._slots(window, of_calls.message)
        whole = self.is_priced[of_calls.message]
        keys = np.stack([slot, of_calls.purpose, of_calls.cell, of_calls.model, of_calls.version])
        keys = np.concatenate([keys, (of_calls.pico < 0)[None].astype(np.int64)])
        found, group = np.unique(keys, axis=1, return_inverse=True)
        sums = {
            name: _sums(group, np.where(whole, getattr(of_calls, name), 0), found.shape[1])
            for name in ("input_tokens", "prompt_tokens", "cached_tokens", "output_tokens", "text_records", "pico")
        }
        count = np.bincount(group, minlength=found.shape[1])
        kept = np.bincount(group, whole, minlength=found.shape[1]).astype(np.int64)
        rows = [
            self._row(found[:, n], int(count[n]), int(kept[n]), {name: int(of[n]) for name, of in sums.items()})
            for n in range(found.shape[1])
        ]
        return sorted(_merged(rows), key=lambda row: (row.slot, *(str(getattr(row, name)) for name in _COMMON)))

    def messages(self, window: Window) -> Sequence[MessageSums]:
        """Messages of the window."""
        first, last = self._between(window)
        index = np.arange(first, last)
        slot = self._slots(window, index)
        stretches = len(self.forces)
        shape = (int(slot.max(initial=0)) + 1, BUCKETS, len(CELLS), stretches)
        code = np.ravel_multi_index((slot, self.buckets[index], self.cell[index], self.stretch[index]), shape)
        found, group = np.unique(code, return_inverse=True)
        keys = np.stack(np.unravel_index(found, shape), axis=1).tolist()
        count = np.bincount(group, minlength=len(found))
        priced = np.bincount(group, self.is_priced[index], minlength=len(found)).astype(np.int64)
        pico = _sums(group, np.where(self.is_priced[index], self.pico[index], 0), len(found))
        rows = [
            MessageSums(
                slot=at,
                bucket=bucket,
                prompt_name=CELLS[cell].prompt_name,
                persona=CELLS[cell].persona,
                locale=CELLS[cell].locale,
                messages=int(count[n]),
                priced_messages=int(priced[n]),
                usd=_dollars(int(pico[n])),
                prompt_version=self._prompt_version(cell, stretch),
            )
            for n, (at, bucket, cell, stretch) in enumerate(keys)
        ]
        return sorted(
            rows, key=lambda row: (row.slot, row.bucket, row.prompt_name, row.persona, row.locale, row.prompt_version)
        )

    def entries(self, start: datetime, end: datetime) -> Iterator[LedgerEntry]:
        """The entries of messages of a half-open window of time, in order of message."""
        first, last = self._between(Window(start, end, end - start))
        low, high = np.searchsorted(self.made.message, [first, last])
        for n in range(int(low), int(high)):
            yield self._entry(n)

    @cached_property
    def is_priced(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Shape (messages,): whether every call has a price."""
        whole = np.ones(len(self.drawn), bool)
        whole[self.made.message[self.made.pico < 0]] = False
        return whole

    @cached_property
    def pico(self) -> Ints:
        """Shape (messages,): sum over the priced calls."""
        return _sums(self.made.message, np.maximum(self.made.pico, 0), len(self.drawn))

    @cached_property
    def stretch(self) -> Ints:
        """Shape (messages,): the first stretch of time between plants in which the prompt had the same version."""
        found = np.zeros(len(self.drawn), np.int64)
        found[self.made.message] = self.made.version
        versions = [[self._prompt_version(cell, n) for n in range(len(self.forces))] for cell in range(len(CELLS))]
        return np.array([[of.index(one) for one in of] for of in versions])[self.cell, found]

    @cached_property
    def buckets(self) -> Ints:
        """Shape (messages,)."""
        last = int(self.drawn.conversation.max(initial=-1)) + 1
        return np.array([bucket_of(self._conversation(n)) for n in range(last)], np.int64)[self.drawn.conversation]

    def _conversation(self, number: int) -> str:
        return f"conversation-{self.traffic.seed}-{number}"

    def _between(self, window: Window) -> tuple[int, int]:
        if window.is_simulated:
            return 0, 0
        low, high = np.searchsorted(self.drawn.at_us, [_microseconds(window.start), _microseconds(window.end)])
        return int(low), int(high)

    def _slots(self, window: Window, message: Ints) -> Ints:
        return (_microseconds(window.end) - 1 - self.drawn.at_us[message]) // (window.slot // _MICROSECOND)

    def _row(self, key: Ints, calls: int, kept: int, sums: dict[str, int]) -> CallSums:
        slot, purpose, cell, model, version, unpriced = (int(part) for part in key)
        named = self._named(purpose, cell, model, version)
        pico = sums.pop("pico")
        return CallSums(
            slot=slot,
            purpose=PURPOSES[purpose],
            tier=_STANDARD,
            unit_prices=None if unpriced else self._unit_prices(model, version),
            price_source=self._price_source(model, version, bool(unpriced)),
            is_simulated=False,
            calls=calls,
            unpriced_calls=calls if unpriced else 0,
            priced_message_calls=kept,
            cache_write_tokens=0,
            reasoning_tokens=0,
            latency_ms=700.0 * kept,
            usd=_dollars(pico),
            **named,
            **sums,
        )

    def _entry(self, n: int) -> LedgerEntry:
        call, message = self.made, int(self.made.message[n])
        purpose, model, version, pico = (int(of[n]) for of in (call.purpose, call.model, call.version, call.pico))
        at = EPOCH + int(self.drawn.at_us[message]) * _MICROSECOND
        is_priced = pico >= 0
        return LedgerEntry(
            call_id=f"call-{self.traffic.seed}-{n}",
            at=at + timedelta(milliseconds=700),
            purpose=PURPOSES[purpose],
            conversation_id=self._conversation(int(self.drawn.conversation[message])),
            message_id=f"message-{self.traffic.seed}-{message}",
            usage=Usage(
                input_tokens=int(call.input_tokens[n]),
                output_tokens=int(call.output_tokens[n]),
                cached_tokens=int(call.cached_tokens[n]),
                text_records=int(call.text_records[n]),
            ),
            latency_ms=700.0,
            cost=Cost(
                state="priced" if is_priced else "unpriced",
                usd=_dollars(pico) if is_priced else None,
                price_source=self._price_source(model, version, not is_priced),
                priced_on=PRICED_ON,
                unit_prices=self._unit_prices(model, version) if is_priced else None,
            ),
            is_simulated=False,
            message_at=at,
            serves="people",
            prompt_tokens=int(call.prompt_tokens[n]),
            **self._named(purpose, int(call.cell[n]), model, version),
        )

    def _named(self, purpose: int, cell: int, model: int, version: int) -> dict[str, str]:
        """A judge has no prompt file; a rail has no snapshot."""
        is_rail, has_prompt = model >= RECORDS, PURPOSES[purpose] != "judge"
        name = RAILS[model - RECORDS] if is_rail else MODELS[model]
        written = self._prompt_version(cell, version)
        return {
            "prompt_name": CELLS[cell].prompt_name if has_prompt else "",
            "prompt_version": written if has_prompt else "",
            "prompt_hash": f"hash-{cell}-{written}" if has_prompt else "",
            "persona": CELLS[cell].persona,
            "locale": CELLS[cell].locale,
            "provider": "azure_content_safety" if is_rail else "openai",
            "model": name if is_rail else name[: -len("-2025-04-14")],
            "model_snapshot": "" if is_rail else name,
        }

    def _prompt_version(self, cell: int, version: int) -> str:
        """A plant in the prompt's own text, or one that makes answers longer, is a new version."""
        written = [
            plant
            for plant in self.forces[version]
            if plant.factor in ("prompt_tokens", "output_tokens") and plant.only in ("", CELLS[cell].prompt_name)
        ]
        return f"1.{len(written)}.0"

    def _price_source(self, model: int, version: int, is_unpriced: bool) -> str:
        if is_unpriced:
            return "no price in the list"
        changes = sum(plant.factor == "price" for plant in self.forces[version])
        return "a setting" if model >= RECORDS else f"genai-prices 0.{changes} openai/{MODELS[model][:-11]}"

    def _unit_prices(self, model: int, version: int) -> UnitPrices:
        if model >= RECORDS:
            return UnitPrices(records=Decimal(RECORD_PICO).scaleb(-9))
        fresh, cached, output = (Decimal(int(pico)).scaleb(-6) for pico in self.prices[version, model])
        return UnitPrices(input=fresh, cached=cached, output=output)


def replay(traffic: Traffic, plants: Sequence[Plant] = ()) -> Replay:
    """The weeks, with every plant at its moment."""
    drawn = draw(traffic)
    local = drawn.at_us // HOUR_US % 24 - 3
    local = np.where(local < 0, local + 24, local)
    plants = tuple(sorted(plants, key=lambda plant: plant.at))
    some = np.sort(np.random.default_rng(traffic.seed).permutation(len(drawn))[:SAMPLE])
    set_to = [_knob(drawn.where(some), local[some], plant) for plant in plants]
    cell = np.zeros(len(drawn), np.int64)
    parts, forces = [], []
    edges = sorted({edge for plant in plants for edge in (plant.at, plant.until) if edge} | {traffic.end})
    since = traffic.start
    for stretch, edge in enumerate(edges):
        low, high = np.searchsorted(drawn.at_us, [_microseconds(since), _microseconds(edge)])
        index = np.arange(low, high)
        piece = drawn.where(index)
        forces.append(
            [
                (plant, value)
                for plant, (value, _) in zip(plants, set_to, strict=True)
                if plant.at <= since and (plant.until is None or since < plant.until)
            ]
        )
        cell[index] = cells_of(piece, local[index], _turned(forces[-1], None))
        for name in sorted({one.prompt_name for one in CELLS}):
            of_name = np.array([one.prompt_name == name for one in CELLS])[cell[index]]
            knobs = _turned(forces[-1], name)
            parts.append(calls_of(piece.where(of_name), index[of_name], cell[index][of_name], knobs, stretch))
        since = edge
    return Replay(
        traffic=traffic,
        plants=plants,
        rises=tuple(rise for _, rise in set_to),
        drawn=drawn,
        cell=cell,
        made=joined(parts),
        forces=tuple(tuple(plant for plant, _ in inside) for inside in forces),
        prices=np.array([token_prices(_turned(inside, None)) for inside in forces]),
    )


def _turned(inside: Sequence[tuple[Plant, float]], name: str | None) -> Knobs:
    """The knobs of one assistant; None for what all have in common."""
    knobs = BASE
    for plant, value in inside:
        if plant.only in ("", name) or name is None:
            knobs = replace(knobs, **{plant.factor: value})
    return knobs


def _knob(messages: Messages, local: Ints, plant: Plant) -> tuple[float, float]:
    """Where the knob stands that gives the rise, and the rise that it gives."""
    base = getattr(BASE, plant.factor)
    furthest = FURTHEST[plant.factor] if plant.rise >= 0 else getattr(CHEAPEST, plant.factor)
    before = float(mean_pico(messages, local, BASE, plant.only))

    def rise(value: float) -> float:
        return float(mean_pico(messages, local, replace(BASE, **{plant.factor: value}), plant.only)) / before - 1

    low, high = 0.0, 1.0
    for _ in range(18):
        middle = (low + high) / 2
        reached = abs(rise(base + middle * (furthest - base))) >= abs(plant.rise)
        low, high = (low, middle) if reached else (middle, high)
    value = base + high * (furthest - base)
    return value, rise(value)


def _merged(rows: Sequence[CallSums]) -> list[CallSums]:
    """Rows that a ledger cannot tell apart, such as those of judges, which name no assistant, as one."""
    found: dict[tuple[object, ...], CallSums] = {}
    for row in rows:
        common = tuple(getattr(row, name) for name in _COMMON)
        other = found.get(common)
        sums = {name: getattr(row, name) + getattr(other, name) for name in _ADDED} if other else {}
        found[common] = replace(row, **sums)
    return list(found.values())


def _sums(group: Ints, values: Ints, size: int) -> Ints:
    """Exact, unlike `bincount` with weights."""
    found = np.zeros(size, np.int64)
    np.add.at(found, group, values)
    return found


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // _MICROSECOND


def _dollars(pico: int) -> Decimal:
    return Decimal(pico).scaleb(-12)


_STANDARD: Tier = "standard"

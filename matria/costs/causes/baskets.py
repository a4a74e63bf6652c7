"""What a message took before and after, laid over the same lines, so that any factor can be had from either window.

What a window lacks is filled in with what would have been. A model that was not asked would have been asked with the
tokens of those that were; a price that nobody paid is the one paid for that model elsewhere in the window, or else in
the other; an assistant, or a kind of call, that was not there would have been as it is in the other. None of it has
messages or calls in its own window, so the means of the two windows stay what they were.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from matria.costs.causes.tally import GROUPS, KINDS, Cell, Group, Kind, Line, LineKey, Model, Tally

Floats = NDArray[np.float64]
Exact = int | Fraction


@dataclass(frozen=True)
class Baskets:
    """Axis 0 of every array is the window: before, after."""

    cells: tuple[Cell, ...]
    keys: tuple[LineKey, ...]
    share: Floats
    """Shape (2, cells), of messages."""
    calls: Floats
    """Shape (2, groups, cells), calls a message."""
    mix: Floats
    """Shape (2, lines), share of the calls of the line's cell and group."""
    prompt: Floats
    """Shape (2, lines), like those below: tokens a call."""
    context: Floats
    output: Floats
    records: Floats
    cached: Floats
    """Share of the input tokens, 0 to 1."""
    written: Floats
    prices: Floats
    """Shape (2, kinds, lines), picodollars of one of the kind; of `call`, a call."""

    def lines_of(self, group: Group) -> NDArray[np.int64]:
        """Indices of the lines of a kind of call."""
        return np.array([n for n, key in enumerate(self.keys) if key[1] == group], np.int64)

    def cell_of(self, lines: NDArray[np.int64]) -> NDArray[np.int64]:
        """Index of each line's cell."""
        index = {cell: n for n, cell in enumerate(self.cells)}
        return np.array([index[self.keys[line][0]] for line in lines], np.int64)


def baskets(before: Tally, after: Tally) -> Baskets:
    """Both windows over the union of their cells and lines; each has at least one priced message."""
    sides = (before, after)
    cells = tuple(sorted({*before.messages, *after.messages}))
    keys = tuple(sorted({*before.lines, *after.lines}))
    wholes = [_wholes(side) for side in sides]
    rates = [_rates(side) for side in sides]

    def amounts(of: Callable[[Line], float]) -> Floats:
        return np.array([[_amount(key, side, sides, wholes, of) for key in keys] for side in (0, 1)])

    return Baskets(
        cells=cells,
        keys=keys,
        share=np.array([[side.messages.get(cell, 0) / side.count for cell in cells] for side in sides]),
        calls=np.array([[[_calls(cell, g, side, sides, wholes) for cell in cells] for g in GROUPS] for side in (0, 1)]),
        mix=np.array([[_mix(key, side, sides, wholes) for key in keys] for side in (0, 1)]),
        prompt=amounts(lambda line: _over(line.prompt, line.calls)),
        context=amounts(lambda line: _over(line.context, line.calls)),
        output=amounts(lambda line: _over(line.output, line.calls)),
        records=amounts(lambda line: _over(line.records, line.calls)),
        cached=amounts(lambda line: _over(line.cached, line.prompt + line.context)),
        written=amounts(lambda line: _over(line.written, line.prompt + line.context)),
        prices=np.array(
            [[[_price(key, kind, side, sides, rates) for key in keys] for kind in KINDS] for side in (0, 1)]
        ),
    )


_Wholes = dict[tuple[Cell, Group], Line]
_Rates = dict[tuple[Model, Kind], float]


def _wholes(side: Tally) -> _Wholes:
    """All models of a cell's calls of a kind together."""
    found: _Wholes = {}
    for (cell, group, _), line in side.lines.items():
        whole = found.setdefault((cell, group), Line())
        for name in ("calls", "prompt", "context", "output", "records", "cached", "written"):
            setattr(whole, name, getattr(whole, name) + getattr(line, name))
    return found


def _rates(side: Tally) -> _Rates:
    """What a model cost in all of a window; of several prices the one of the most calls."""
    best: dict[tuple[Model, Kind], tuple[Exact, float]] = {}
    for (_, _, model), line in side.lines.items():
        for kind in KINDS:
            price = line.price(kind)
            if price is not None and kind != "call":
                best[model, kind] = max(best.get((model, kind), (0, 0.0)), (line.calls, price))
    return {key: price for key, (_, price) in best.items()}


def _amount(
    key: LineKey, side: int, sides: tuple[Tally, Tally], wholes: list[_Wholes], of: Callable[[Line], float]
) -> float:
    own = sides[side].lines.get(key) or wholes[side].get(key[:2]) or sides[1 - side].lines[key]
    return of(own)


def _calls(cell: Cell, group: Group, side: int, sides: tuple[Tally, Tally], wholes: list[_Wholes]) -> float:
    at = side if cell in sides[side].messages else 1 - side
    whole = wholes[at].get((cell, group))
    return _over(whole.calls, sides[at].messages[cell]) if whole else 0.0


def _mix(key: LineKey, side: int, sides: tuple[Tally, Tally], wholes: list[_Wholes]) -> float:
    at = side if key[:2] in wholes[side] else 1 - side
    line = sides[at].lines.get(key)
    return _over(line.calls, wholes[at][key[:2]].calls) if line else 0.0


def _price(key: LineKey, kind: Kind, side: int, sides: tuple[Tally, Tally], rates: list[_Rates]) -> float:
    for at in (side, 1 - side):
        own = sides[at].lines.get(key)
        price = own.price(kind) if own else None
        if price is None:
            price = rates[at].get((key[2], kind))
        if price is not None:
            return price
    return 0.0


def _over(part: Exact, whole: Exact) -> float:
    return float(Fraction(part) / whole) if whole else 0.0

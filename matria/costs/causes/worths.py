"""The mean cost of a message with some factors as they were after and the rest as they were before: 1,024 worths.

    mean = sum over cells of   share of messages
           x sum over kinds of calls a message x sum over models of share of calls
             x ((prompt + context) x (fresh, cached, written share x its price) + output x price + records x price)

Each of the quantities belongs to one factor. Those of a judge's calls are all the factor `judges`, and moderation's all
`moderation`, since a longer rubric is a dearer judge; prices are `price` everywhere.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matria.costs.causes.base import FACTORS, Factor
from matria.costs.causes.baskets import Baskets
from matria.costs.causes.tally import GROUPS, KINDS, Group

Floats = NDArray[np.float64]
AXIS: dict[Factor, int] = {factor: n for n, factor in enumerate(FACTORS)}


@dataclass(frozen=True)
class Worths:
    """Picodollars a message; axes 0 to 9 are `FACTORS` (0 before, 1 after), the last is the cell."""

    by_cell: Floats
    """Cost of a message of the cell; the axis of `traffic_mix` has length 1."""
    share: Floats
    """Shape (2, cells): of messages."""
    answers: Floats
    """Of `by_cell`, what answers and their retries cost; the axes of judges and of traffic have length 1."""

    @property
    def mean(self) -> Floats:
        """Shape (2,) * 10: of a message of all cells."""
        return added(self.by_cell * _on("traffic_mix", self.share))


def worths(of: Baskets) -> Worths:
    """The mean of every coalition of factors."""
    answers = _answers(of, "answer", _per_message(of, "answer")) + _answers(of, "retry", _per_message(of, "retry"))
    by_cell = answers + _service(of, "judge", "judges") + _service(of, "moderation", "moderation")
    return Worths(by_cell, of.share, answers)


def added(values: Floats) -> Floats:
    """The sum over the last axis, in its order: `numpy.sum` adds in another on another processor.

    A decision that is made again a year later has the same digits.
    """
    total = np.zeros(values.shape[:-1])
    for n in range(values.shape[-1]):
        total = total + values[..., n]
    return total


def _answers(of: Baskets, group: Group, calls: Floats) -> Floats:
    lines = of.lines_of(group)
    taken = {
        "prompt": _on("prompt_tokens", of.prompt[:, lines]),
        "context": _on("context_tokens", of.context[:, lines]),
        "output": _on("output_tokens", of.output[:, lines]),
        "records": _on("moderation", of.records[:, lines]),
        "cached": _on("caching", of.cached[:, lines]),
        "written": _on("caching", of.written[:, lines]),
    }
    prices = [_on("price", of.prices[:, kind][:, lines]) for kind in range(len(KINDS))]
    a_call = _cost(taken, prices) * _on("model_mix", of.mix[:, lines])
    return _by_cell(a_call, of.cell_of(lines), len(of.cells)) * calls


def _per_message(of: Baskets, group: Group) -> Floats:
    return _on("retries", of.calls[:, GROUPS.index(group)])


def _service(of: Baskets, group: Group, factor: Factor) -> Floats:
    """Judges, or moderation: everything but the price is one factor."""
    lines = of.lines_of(group)
    names = ("prompt", "context", "output", "records", "cached", "written")
    taken = {name: _on(factor, getattr(of, name)[:, lines]) for name in names}
    prices = [_on("price", of.prices[:, kind][:, lines]) for kind in range(len(KINDS))]
    a_call = _cost(taken, prices) * _on(factor, of.mix[:, lines])
    calls = _on(factor, of.calls[:, GROUPS.index(group)])
    return _by_cell(a_call, of.cell_of(lines), len(of.cells)) * calls


def _cost(taken: dict[str, Floats], prices: list[Floats]) -> Floats:
    fresh, cached, written, output, records, call = prices
    cached_share, written_share = taken["cached"], taken["written"]
    of_input = (1 - cached_share - written_share) * fresh + cached_share * cached + written_share * written
    tokens = (taken["prompt"] + taken["context"]) * of_input + taken["output"] * output
    return np.asarray(tokens + taken["records"] * records + call)


def _on(factor: Factor, values: Floats) -> Floats:
    """`values` of shape (2, n) laid along one factor's axis; n is the last axis."""
    shape = [1] * len(FACTORS) + [values.shape[-1]]
    shape[AXIS[factor]] = 2
    return values.reshape(shape)


def _by_cell(lines: Floats, cell: NDArray[np.int64], cells: int) -> Floats:
    found = np.zeros((*lines.shape[:-1], cells))
    for n, at in enumerate(cell):
        found[..., at] += lines[..., n]
    return found

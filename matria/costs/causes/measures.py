"""What each factor measures, before and after, for people to read beside its dollars: tokens, shares, calls."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from matria.costs.causes.base import FACTORS, Factor
from matria.costs.causes.baskets import Baskets
from matria.costs.causes.tally import GROUPS, Group
from matria.costs.causes.worths import Worths, added

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """One number before and after; None where there is no one number."""

    before: float | None = None
    after: float | None = None
    name: str = ""
    """Of the model or assistant whose share it is."""


def measures_within(of: Baskets, found: Worths, assistant: str) -> Mapping[Factor, Measure]:
    """The same over the messages of one assistant, in which a part lies: what all messages have may go the other way.

    Over all messages where a window has none of it.
    """
    is_own = np.array([cell[0] == assistant for cell in of.cells])
    own = of.share * is_own
    whole = added(own)
    if not whole.all():
        return measures(of, found)
    return measures(replace(of, share=own / whole[:, None]), found)


def measures(of: Baskets, found: Worths) -> Mapping[Factor, Measure]:
    """Of each factor that has one.

    `price`: US dollars for a million tokens of answers and retries, for those of before. `prompt_tokens`,
    `context_tokens`, `output_tokens`: of answers, a message. `caching`: share of the input tokens read from the cache.
    `model_mix`: share of calls of the model that gained most. `retries`, `judges`: calls a message. `moderation`: text
    records a message. `traffic_mix`: share of messages of the assistant (of an assistant: the persona and locale) that
    gained most.
    """
    answers = {name: _per_message(of, "answer", getattr(of, name)) for name in ("prompt", "context", "output")}
    return {
        "price": _price(of, found),
        "prompt_tokens": _measure(answers["prompt"]),
        "context_tokens": _measure(answers["context"]),
        "output_tokens": _measure(answers["output"]),
        "caching": _caching(of),
        "model_mix": _gained(_model_shares(of)),
        "retries": _measure(_calls(of, "retry")),
        "judges": _measure(_calls(of, "judge")),
        "moderation": _measure(_per_message(of, "moderation", of.records)),
        "traffic_mix": _gained(_traffic_shares(of)),
    }


def is_against(factor: Factor, usd: Fraction, of: Measure) -> bool:
    """Whether a measure goes the other way than its part: then it shows how traffic spread, and not the factor."""
    if of.before is None or of.after is None or factor in ("model_mix", "traffic_mix"):
        return False
    dearer = of.before - of.after if factor == "caching" else of.after - of.before
    return (usd > 0 > dearer) or (usd < 0 < dearer)


def _measure(values: Floats) -> Measure:
    return Measure(float(values[0]), float(values[1]))


def _line_calls(of: Baskets, group: Group) -> Floats:
    """Shape (2, lines of the group): calls a message of all."""
    lines = of.lines_of(group)
    cells = of.cell_of(lines)
    return np.asarray(of.share[:, cells] * of.calls[:, GROUPS.index(group)][:, cells] * of.mix[:, lines])


def _per_message(of: Baskets, group: Group, amounts: Floats) -> Floats:
    return added(_line_calls(of, group) * amounts[:, of.lines_of(group)])


def _calls(of: Baskets, group: Group) -> Floats:
    return added(_line_calls(of, group))


def _caching(of: Baskets) -> Measure:
    asked = _per_message(of, "answer", of.prompt + of.context)
    cached = _per_message(of, "answer", (of.prompt + of.context) * of.cached)
    return _measure(cached / asked) if asked.all() else Measure()


def _price(of: Baskets, found: Worths) -> Measure:
    """The first basket of answers and retries at each window's prices."""
    groups: tuple[Group, ...] = ("answer", "retry")
    tokens = sum(float(_per_message(of, group, of.prompt + of.context + of.output)[0]) for group in groups)
    if not tokens:
        return Measure()
    first = (0,) * (len(FACTORS) - 1)
    usd = [float(added(found.answers[(side, *first)] * of.share[0])) for side in (0, 1)]
    return Measure(usd[0] / tokens / 1e6, usd[1] / tokens / 1e6)


def _model_shares(of: Baskets) -> dict[str, Floats]:
    shares: dict[str, Floats] = defaultdict(lambda: np.zeros(2))
    for line, calls in zip(of.lines_of("answer"), _line_calls(of, "answer").T, strict=True):
        shares[of.keys[line][2][1]] += calls
    total = sum(shares.values(), np.zeros(2))
    return {model: calls / total for model, calls in shares.items()} if total.all() else {}


def _traffic_shares(of: Baskets) -> dict[str, Floats]:
    is_one = len({cell[0] for cell in of.cells}) == 1
    shares: dict[str, Floats] = defaultdict(lambda: np.zeros(2))
    for cell, share in zip(of.cells, of.share.T, strict=True):
        shares[" ".join(cell[1:]) if is_one else cell[0]] += share
    return dict(shares)


def _gained(shares: Mapping[str, Floats]) -> Measure:
    if not shares:
        return Measure()
    name = max(shares, key=lambda one: (shares[one][1] - shares[one][0], one))
    gained = shares[name]
    return Measure(float(gained[0]), float(gained[1]), name) if gained[1] > gained[0] else Measure()

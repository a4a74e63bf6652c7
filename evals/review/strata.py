"""The strata of a week: each conversation falls in the first that fits it.

What is graver or rarer comes first, so that no stratum holds what another is meant for. `rare` has what a sample spread
in proportion would miss: a locale, persona or stage so seldom that less than one item of it is to be expected.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from evals.review.frame import Unit

StratumName = Literal["high_risk", "rails", "judges", "medium_risk", "rare", "usual"]
STRATA: tuple[StratumName, ...] = ("high_risk", "rails", "judges", "medium_risk", "rare", "usual")
"""The first that fits."""
READ_BEFORE = "read_before"
"""Not drawn from: conversations of the week that were drawn not long ago. Its size says what no estimate covers."""
_NOTICED = frozenset({"differ", "not_met", "failed"})


@dataclass(frozen=True)
class Part:
    """The conversations of one stratum, by their id; at least one."""

    name: StratumName
    units: tuple[Unit, ...]


def parts_of(units: Sequence[Unit], items: int) -> tuple[Part, ...]:
    """The strata that are not empty, in their order; `items` is how many will be drawn."""
    rare = _rare(units, items)
    found: dict[StratumName, list[Unit]] = {name: [] for name in STRATA}
    for unit in sorted(units, key=lambda unit: unit.conversation_id):
        found[_stratum(unit, rare)].append(unit)
    return tuple(Part(name, tuple(of)) for name, of in found.items() if of)


def _stratum(unit: Unit, rare: frozenset[str]) -> StratumName:
    if unit.risk == "high":
        return "high_risk"
    if unit.rails != "none":
        return "rails"
    if unit.judges in _NOTICED:
        return "judges"
    if unit.risk == "medium":
        return "medium_risk"
    return "usual" if rare.isdisjoint(_traits(unit)) else "rare"


def _rare(units: Sequence[Unit], items: int) -> frozenset[str]:
    """Traits of which a sample in proportion has less than one item; with nothing to draw, none."""
    counted = Counter(trait for unit in units for trait in _traits(unit))
    return frozenset(trait for trait, count in counted.items() if Fraction(count * items, len(units)) < 1)


def _traits(unit: Unit) -> tuple[str, str, str]:
    return f"locale:{unit.locale}", f"persona:{unit.persona}", f"stage:{unit.stage}"

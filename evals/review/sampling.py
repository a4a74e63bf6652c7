"""The draw of a week: which conversations nurses read, each with the exact probability with which it was drawn.

Strata are read as `allocation` says. Within one, conversations stand by locale, persona and stage, those alike in an
order of chance, and are drawn by the pivotal method (Deville and Tillé 1998): so the sample is spread over all three,
and each has the same chance, drawn over size. Of every so many-th from a start of chance two places are either never
drawn together or always; here only neighbours shut each other out, so that what is bad cannot hide by where it stands.
A conversation that was drawn not long ago is not drawn again: what women wrote in it since belongs to no figure, and
its count is kept as a stratum that nothing is drawn from.
"""

import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evals.review.allocation import allocated, merged
from evals.review.base import BatchState, Stratum
from evals.review.frame import Unit
from evals.review.strata import READ_BEFORE, parts_of

if TYPE_CHECKING:
    from numpy.random import Generator


@dataclass(frozen=True)
class Drawn:
    """A conversation to be read."""

    unit: Unit
    stratum: str
    probability: float
    """Drawn over size of its stratum."""


@dataclass(frozen=True)
class Draw:
    """What was drawn for one week."""

    batch_id: str
    seed: int
    state: BatchState
    strata: tuple[Stratum, ...]
    """`read_before` last, where there are such; the others sum to the conversations that could be drawn."""
    drawn: tuple[Drawn, ...]
    """In an order of chance, so that the place of an item says nothing of it."""


def draw(
    units: Sequence[Unit],
    batch_id: str,
    seed: int,
    *,
    items: int,
    core_items: int,
    with_repeat: bool = False,
    recent: Collection[str] = (),
) -> Draw:
    """The week's draw; the same for the same arguments, in whatever order the units come.

    `items` and `core_items` are those of policy.yaml, `with_repeat` leaves one item to a planned repeat, and `recent`
    has the conversations drawn within `review.fresh_weeks`. Raises ValueError where nothing would be left to draw.
    """
    wanted = items - with_repeat
    if wanted < 1 or not 0 <= core_items <= items or seed < 0:
        raise ValueError("a draw needs an item at least, no larger core than items, and a seed of 0 or more")
    fresh = [unit for unit in units if unit.conversation_id not in recent]
    random = generator_of(seed, batch_id)
    groups = _groups(fresh, min(core_items, wanted), wanted)
    drawn = [each for name, members, count in groups for each in _of_stratum(name, members, count, random)]
    strata = [Stratum(name, len(members), count) for name, members, count in groups]
    if len(fresh) < len(units):
        strata.append(Stratum(READ_BEFORE, len(units) - len(fresh), 0))
    order = random.permutation(len(drawn))
    return Draw(batch_id, seed, _state(len(drawn), wanted, len(units)), tuple(strata), tuple(drawn[at] for at in order))


def generator_of(seed: int, batch_id: str) -> "Generator":
    """Chance that is a batch's own: the same for the same seed, another in another week."""
    import numpy as np

    return np.random.default_rng([seed, zlib.crc32(batch_id.encode())])


def pivotal(size: int, count: int, random: "Generator") -> tuple[int, ...]:
    """`count` places of `size`, spread over them in their order; each with the chance count / size, exactly.

    Place after place is set against the one that is still open: together they have what chance both had, until one is
    drawn and the other keeps the rest. Chances are whole numbers here, of which `size` is certainty.
    """
    if not 0 < count < size:
        return tuple(range(count))
    drawn: list[int] = []
    held, chance = 0, count
    for place in range(1, size):
        chance += count
        if chance < size:
            held = place if random.integers(chance) < count else held
        else:
            is_held = random.integers(2 * size - chance) < size - count
            drawn.append(held if is_held else place)
            held, chance = place if is_held else held, chance - size
    return tuple(drawn)


def _groups(units: Sequence[Unit], core: int, wanted: int) -> list[tuple[str, tuple[Unit, ...], int]]:
    """Name, conversations and items of each stratum; the name of joined ones has all of theirs."""
    if not units:
        return []
    parts = {part.name: part.units for part in parts_of(units, wanted)}
    joined = merged({name: len(members) for name, members in parts.items()}, core, wanted)
    members = [tuple(unit for name in group for unit in parts[name]) for group in joined]
    counts = allocated([len(each) for each in members], core, wanted)
    return [("+".join(group), each, count) for group, each, count in zip(joined, members, counts, strict=True)]


def _of_stratum(name: str, members: Sequence[Unit], count: int, random: "Generator") -> list[Drawn]:
    by_id = sorted(members, key=lambda unit: unit.conversation_id)
    shuffled = [by_id[at] for at in random.permutation(len(by_id))]
    ordered = sorted(shuffled, key=lambda unit: (unit.locale, unit.persona, unit.stage))
    return [Drawn(ordered[at], name, count / len(ordered)) for at in pivotal(len(ordered), count, random)]


def _state(drawn: int, wanted: int, conversations: int) -> BatchState:
    if not drawn:
        return "covered" if conversations else "empty"
    return "full" if drawn == wanted else "short"

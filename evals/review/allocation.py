"""How many are read of each stratum: a core in proportion, the rest to the square root of its size.

The core keeps every conversation's chance at core / N or more. The rest follows a power allocation with exponent one
half (Bankier 1988), between in proportion, which hardly reads what is rare, and equal shares, which would leave the
usual conversations so few items that the week's figure says nothing. Two of each stratum, so that a variance is known.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

Name = TypeVar("Name", bound=str)
_LEAST = 2


def merged(sizes: Mapping[Name, int], core: int, items: int) -> tuple[tuple[Name, ...], ...]:
    """The strata, joined from the end until what each must have fits into the items; one alone always does."""
    groups: list[tuple[Name, ...]] = [(name,) for name in sizes]
    while len(groups) > 1 and sum(floors([_size(sizes, group) for group in groups], core)) > items:
        groups[-2:] = [groups[-2] + groups[-1]]
    return tuple(groups)


def allocated(sizes: Sequence[int], core: int, items: int) -> tuple[int, ...]:
    """How many to draw of each, none more than it holds; `items` in sum, or all there are.

    Raises ValueError where `items` cannot give each what it must have: ask `merged` first.
    """
    total = min(items, sum(sizes))
    if len(sizes) == 1:
        return (total,)
    drawn = floors(sizes, core)
    if sum(drawn) > total:
        raise ValueError(f"{total} items do not give each of {len(sizes)} strata what it must have")
    for _ in range(total - sum(drawn)):
        open_ = [at for at, size in enumerate(sizes) if drawn[at] < size]
        drawn[max(open_, key=lambda at: (Fraction(sizes[at], drawn[at] * (drawn[at] + 1)), -at))] += 1
    return tuple(drawn)


def floors(sizes: Sequence[int], core: int) -> list[int]:
    """What each must have: its share of the core, rounded up, and two where it holds two."""
    population = sum(sizes)
    return [min(size, max(_LEAST, -(-core * size // population))) for size in sizes]


def _size(sizes: Mapping[Name, int], group: Sequence[Name]) -> int:
    return sum(sizes[name] for name in group)

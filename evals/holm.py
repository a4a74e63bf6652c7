"""Holm's adjustment: many hypotheses are tested at once, and the chance of one false claim is kept (Holm 1979)."""

from collections.abc import Sequence


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Each p-value adjusted for the family that they make; None is no member of it and stays None."""
    members = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (p, place) in enumerate(members):
        highest = max(highest, min(1.0, p * (len(members) - rank)))
        adjusted[place] = highest
    return adjusted

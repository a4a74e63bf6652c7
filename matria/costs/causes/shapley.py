"""Shapley's fair division of a change among factors that work together, without a rest.

Lloyd Shapley, "A value for n-person games", 1953. A prompt that is longer and a token that is dearer make more than the
sum of what each makes alone; the value gives each factor the mean of what it adds over every order in which the
factors could have changed.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import factorial


def shapley(values: Sequence[Fraction | int]) -> tuple[Fraction, ...]:
    """What each player has in `values[-1] - values[0]`; the parts sum to it exactly.

    `values[S]` is the worth of coalition S, whose bit `1 << i` says that player i is in it: `2 ** players` worths.
    Raises ValueError for another number of them.

    Why it sums: the parts are a mean over the orders of the players, and in one order a player's part is the step
    `v(those before, and it) - v(those before)`. Along an order every worth but the first and the last appears once
    with plus and once with minus, so its steps telescope to `v(all) - v(none)`; a mean of equal sums is that sum. It
    holds whatever the worths between are: rounding those moves dollars from one part to another, never out of the
    sum. The weight below is the number of orders in which exactly the members of S come before the player.
    """
    players = len(values).bit_length() - 1
    if len(values) != 1 << players:
        raise ValueError(f"{len(values)} worths are no number of coalitions: it is a power of 2.")
    weights = [factorial(size) * factorial(players - 1 - size) for size in range(players)]
    parts: list[Fraction] = []
    for player in range(players):
        bit = 1 << player
        steps = (
            weights[coalition.bit_count()] * (values[coalition | bit] - values[coalition])
            for coalition in range(1 << players)
            if not coalition & bit
        )
        parts.append(Fraction(sum(steps, Fraction(0))) / factorial(players))
    return tuple(parts)

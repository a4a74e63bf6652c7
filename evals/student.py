"""Student's t distribution for whole degrees of freedom, without scipy, whose import takes a third of a second."""

from math import atan, cos, pi, sin, sqrt
from statistics import NormalDist

_NORMAL = NormalDist()
_LARGE = 1_000
"""Degrees of freedom from which Hill's expansion is exact to seven digits."""


def student_cdf(value: float, degrees: int) -> float:
    """The share of the distribution below `value` (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4)."""
    if degrees < 1:
        raise ValueError("Student's t needs at least one degree of freedom")
    if degrees >= _LARGE:
        return _NORMAL.cdf(value * (1 - 1 / (4 * degrees)) / sqrt(1 + value * value / (2 * degrees)))
    angle = atan(value / sqrt(degrees))
    middle = _odd(angle, degrees) if degrees % 2 else _even(angle, degrees)
    return min(1.0, max(0.0, (1 + middle) / 2))


def _odd(angle: float, degrees: int) -> float:
    term, total = cos(angle), 0.0
    for step in range(1, degrees - 1, 2):
        total += term
        term *= cos(angle) ** 2 * (step + 1) / (step + 2)
    return 2 / pi * (angle + sin(angle) * total)


def _even(angle: float, degrees: int) -> float:
    term, total = 1.0, 0.0
    for step in range(0, degrees, 2):
        total += term
        term *= cos(angle) ** 2 * (step + 1) / (step + 2)
    return sin(angle) * total

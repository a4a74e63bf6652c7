"""Shares with their uncertainty, and the fixed halves that keep a measurement honest."""

from hashlib import sha256
from math import sqrt
from typing import Literal

Half = Literal["development", "held-back"]

Z_95 = 1.959964
"""Two-sided 95 % of the normal distribution."""


def half(text: str) -> Half:
    """The half that a labelled text falls in, by its hash: errors are read in `development` alone."""
    return "development" if sha256(text.encode()).digest()[-1] % 2 == 0 else "held-back"


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); 0 to 1 where nothing was counted."""
    if total == 0:
        return 0.0, 1.0
    share, spread = hits / total, Z_95**2 / total
    middle = share + spread / 2
    margin = Z_95 * sqrt(share * (1 - share) / total + spread / (4 * total))
    return max(0.0, (middle - margin) / (1 + spread)), min(1.0, (middle + margin) / (1 + spread))


def shown(hits: int, total: int) -> str:
    """A share as a table shows it: `3/200  1.5 % (0.5 to 4.3 %)`."""
    low, high = wilson(hits, total)
    share = 100 * hits / total if total else 0.0
    return f"{hits}/{total}  {share:.1f} % ({100 * low:.1f} to {100 * high:.1f} %)"

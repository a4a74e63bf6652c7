"""How far an evaluation is."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class ProgressState:
    """Where a run stands after one more row."""

    done: int
    """Rows that are there, those taken over included."""
    total: int
    asked: int
    """Answers asked for so far, also those on their way."""
    reused: int
    """Rows taken over from an earlier run."""
    cost_usd: Decimal
    """Answers and judges so far, as far as priced."""
    unpriced: int
    """Calls without a known price, which `cost_usd` lacks."""
    seconds: float
    """Since the start."""

    @property
    def rate(self) -> float | None:
        """Rows a second, those taken over left aside; None before the first."""
        made = self.done - self.reused
        return made / self.seconds if made and self.seconds > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """At the rate so far; None where there is no rate yet."""
        rate = self.rate
        return None if rate is None else (self.total - self.done) / rate


Progress = Callable[[ProgressState], object]
"""Told after each row; called on the event loop, so it must be quick."""

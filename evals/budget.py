"""A cap on what an evaluation may cost and how long it may take, and the account that is held against it.

The caps are hard: once one is reached, nothing more is asked, neither of the model nor of a judge. What was on its way
at that instant is still paid for (at most `engine.max_in_flight` answers); a call whose price is unknown reaches a cap
on cost at once, since nobody could say that it was kept.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Cap = Literal["cost", "time", "price"]
"""Which cap was reached; `price` where a price is unknown, so that a cap on cost cannot be kept."""


class BudgetReached(Exception):
    """A cap was reached, and this was not asked; the next run asks it."""


@dataclass(frozen=True)
class Budget:
    """What may be spent at most; None means without a cap."""

    max_usd: Decimal | None = None
    """US dollars for answers and judges together; answers that were known before cost nothing."""
    max_seconds: float | None = None
    """From the first call on."""


@dataclass
class Account:
    """What one run has spent. Judges' calls are charged by whoever pays for them, answers by the engine."""

    budget: Budget = Budget()
    clock: Callable[[], float] = time.monotonic
    usd: Decimal = field(default=Decimal(0), init=False)
    """Sum over the calls whose price is known."""
    unpriced: int = field(default=0, init=False)
    """Calls whose price nobody knows."""
    _started: float | None = field(default=None, init=False)

    def start(self) -> None:
        """The time runs from here."""
        self._started = self.clock()

    @property
    def seconds(self) -> float:
        """Time since the start."""
        return 0.0 if self._started is None else self.clock() - self._started

    @property
    def seconds_left(self) -> float | None:
        """Time until the cap, not below 0; None where there is none."""
        return None if self.budget.max_seconds is None else max(0.0, self.budget.max_seconds - self.seconds)

    def charge(self, usd: Decimal | None) -> None:
        """One call; None where its price is unknown."""
        if usd is None:
            self.unpriced += 1
        else:
            self.usd += usd

    @property
    def reached(self) -> Cap | None:
        """The cap that has been reached."""
        budget = self.budget
        if budget.max_usd is not None and self.usd >= budget.max_usd:
            return "cost"
        if budget.max_usd is not None and self.unpriced:
            return "price"
        if budget.max_seconds is not None and self.seconds >= budget.max_seconds:
            return "time"
        return None

    def require(self) -> None:
        """Raises `BudgetReached` where a cap has been reached."""
        cap = self.reached
        if cap is not None:
            raise BudgetReached(self.sentence(cap))

    def sentence(self, cap: Cap) -> str:
        """What was reached, and what to do about it; the same words in every run."""
        match cap:
            case "cost":
                return f"The cap of {self.budget.max_usd} USD was reached: run again with a higher one to go on."
            case "price":
                return (
                    "A call has no known price, so the cap on cost cannot be kept: set MATRIA_CHAT__PRICED_AS (or "
                    "MATRIA_JUDGE__PRICED_AS), or run without the cap."
                )
            case "time":
                return f"The cap of {self.budget.max_seconds:g} s was reached: run again to go on."

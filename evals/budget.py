"""A cap on what an evaluation may cost and how long it may take, and the account that is held against it.

Once a cap is reached nothing more is asked, neither of the model nor of a judge. Under a cap on cost a case is begun
only where those under way and it are likely to stay below, each taken to cost what the finished ones did on average;
the first goes alone. So the cap is passed by no more than the last cases cost above the average. A call whose price is
unknown reaches a cap on cost at once, since nobody could say that it was kept.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
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
    _under_way: int = field(default=0, init=False)
    _finished: int = field(default=0, init=False)
    _is_spent: bool = field(default=False, init=False)
    """Whether one case more would have passed the cap on cost."""
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)
    _left: asyncio.Future[None] | None = field(default=None, init=False, repr=False)
    """Told when a case has finished; whoever is next waits for it."""
    _started: float | None = field(default=None, init=False)

    def start(self) -> None:
        """The time runs from the first start on; a second run on the same account has what the first left."""
        if self._started is None:
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
        if budget.max_usd is not None and (self._is_spent or self.usd >= budget.max_usd):
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

    @contextlib.asynccontextmanager
    async def case(self) -> AsyncIterator[None]:
        """One case that costs something, begun in its turn when the cap on cost allows it. Raises `BudgetReached`."""
        self.require()
        if self.budget.max_usd is None:
            yield
            return
        async with self._turn:
            await self._admitted(self.budget.max_usd)
            self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._finished += 1
            if self._left is not None and not self._left.done():
                self._left.set_result(None)

    async def _admitted(self, max_usd: Decimal) -> None:
        while not self._is_affordable(max_usd):
            self._is_spent = self._is_spent or not self._under_way
            self.require()
            self._left = asyncio.get_running_loop().create_future()
            await self._left
        self.require()

    def _is_affordable(self, max_usd: Decimal) -> bool:
        if not self._finished:
            return not self._under_way
        each = self.usd / self._finished
        return self.usd + each * (self._under_way + 1) <= max_usd

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

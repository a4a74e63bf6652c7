"""A cap on what an evaluation may cost and how long it may take, and the account that is held against it.

Each call reserves the most that it can cost before it is made, and settles at what it did cost; a call that would pass
a cap, were it to cost its most, is not made, and nothing after it. So spending never passes a cap, whatever is under
way. Under a cap on cost a case is begun only where those under way and it are likely to stay below, each taken to cost
what the finished ones did on average, and the first goes alone: what is paid for is then whole cases.

A call that may have been paid for, and of which nobody knows at what, keeps what it had reserved.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol

from matria.errors import MatriaError

Cap = Literal["cost", "day", "time", "price"]
"""Which cap was reached; `price` where a price is unknown, so that a cap on cost cannot be kept."""
ZERO = Decimal(0)


class BudgetReached(MatriaError):
    """A cap was reached, and this was not asked; the next run asks it."""


class SharedCap(Protocol):
    """A sum that this run shares with others: `matria.costs.allowance.share.Share`."""

    cap_usd: Decimal

    def covers(self, usd: Decimal) -> bool:
        """Whether so much can be reserved at once."""

    def reserve(self, usd: Decimal) -> None:
        """So much is put aside."""

    def settle(self, reserved: Decimal, usd: Decimal) -> None:
        """What was put aside came to so much."""

    async def refill(self, usd: Decimal) -> bool:
        """More is taken; False where so much is not there."""


@dataclass(frozen=True)
class Budget:
    """What may be spent at most; None means without a cap."""

    max_usd: Decimal | None = None
    """US dollars for answers, judges and moderation together; what was known before costs nothing."""
    max_seconds: float | None = None
    """From the first call on."""


@dataclass(frozen=True)
class Reservation:
    """What was put aside for one call."""

    usd: Decimal | None
    """The most that it can cost; None where its price is unknown."""
    is_billed: bool = True
    """Whether somebody bills it; what a simulator answers counts to no shared cap."""


@dataclass
class Account:
    """What one run has spent. Whoever pays for a call reserves and settles here: models, judges, moderation alike."""

    budget: Budget = Budget()
    clock: Callable[[], float] = time.monotonic
    day: SharedCap | None = None
    """What all evaluations of a day may spend together."""
    run: SharedCap | None = None
    """What the shards of one run may spend together; where it is there, `budget.max_usd` names its sum."""
    usd: Decimal = field(default=ZERO, init=False)
    """Sum over the calls whose cost is known."""
    withheld: Decimal = field(default=ZERO, init=False)
    """What calls may have cost of which nobody knows: the most that they can."""
    unpriced: int = field(default=0, init=False)
    """Calls whose price nobody knows."""
    largest: Decimal = field(default=ZERO, init=False)
    """The most that one call of this run could cost."""
    _reserved: Decimal = field(default=ZERO, init=False)
    _calls: int = field(default=0, init=False)
    """Calls under way."""
    _settled: int = field(default=0, init=False)
    _stretch: Decimal = field(default=Decimal(1), init=False)
    """How many times its most a call has cost so far: where a price was not what was thought, all later ones reserve
    more."""
    _under_way: int = field(default=0, init=False)
    _finished: int = field(default=0, init=False)
    _stopped_by: Cap | None = field(default=None, init=False)
    """The cap that one call more would have passed."""
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)
    _cases_turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)
    _left: asyncio.Future[None] | None = field(default=None, init=False, repr=False)
    """Told when a case has finished; whoever is next waits for it."""
    _freed: asyncio.Future[None] | None = field(default=None, init=False, repr=False)
    """Told when a call has settled."""
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

    @property
    def committed(self) -> Decimal:
        """All that was spent, may have been spent, and may still be by the calls under way."""
        return self.usd + self.withheld + self._reserved

    async def reserve(self, most_usd: Decimal | None, *, is_billed: bool = True) -> Reservation:
        """The most that a call can cost is put aside; None where its price is unknown. Raises `BudgetReached`.

        Waits where what calls under way may give back could be enough. Settle whatever becomes of the call.
        """
        self.require()
        if most_usd is None:
            if self.budget.max_usd is not None:
                self._stop("price")
            return Reservation(None, is_billed)
        usd = most_usd * self._stretch
        self.largest = max(self.largest, usd)
        if self._turn.locked() or self._short_of(usd, is_billed) is not None:
            async with self._turn:
                await self._affordable(usd, is_billed)
                return self._put_aside(usd, is_billed)
        return self._put_aside(usd, is_billed)

    def settle(self, reservation: Reservation, usd: Decimal | None, *, is_billed: bool = True) -> None:
        """The call has ended: what it cost, or None where nobody knows, which counts as the most that it can.

        Under a reservation without a price it is a call without a price. `is_billed` is False where a simulator turned
        out to have answered.
        """
        if reservation.usd is None:
            self._charge_open(usd, is_billed=reservation.is_billed and is_billed)
            return
        self._reserved -= reservation.usd
        self._calls -= 1
        self._settled += 1
        if usd is None:
            self.withheld += reservation.usd
        else:
            self.usd += usd
            if usd > reservation.usd:
                self._stretch *= usd / reservation.usd if reservation.usd else 1
        spent = reservation.usd if usd is None else usd
        for shared in self._shared(reservation.is_billed):
            shared.settle(reservation.usd, spent if is_billed or shared is self.run else ZERO)
        if self._freed is not None and not self._freed.done():
            self._freed.set_result(None)

    @contextlib.asynccontextmanager
    async def call(self, most_usd: Decimal | None, *, is_billed: bool = True) -> "AsyncIterator[Payment]":
        """A call that is paid for: reserved before, settled by what its `Payment` is told. Raises `BudgetReached`."""
        reservation = await self.reserve(most_usd, is_billed=is_billed)
        payment = Payment()
        try:
            yield payment
        finally:
            self.settle(reservation, payment.usd, is_billed=payment.is_billed)

    def charge(self, usd: Decimal | None) -> None:
        """A call that was made without a reservation; None where its price is unknown."""
        if usd is None:
            self.unpriced += 1
        else:
            self.usd += usd

    @property
    def reached(self) -> Cap | None:
        """The cap that has been reached."""
        budget = self.budget
        if self._stopped_by is not None:
            return self._stopped_by
        if budget.max_usd is not None and self.usd + self.withheld >= budget.max_usd:
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
        async with self._cases_turn:
            await self._admitted(self.budget.max_usd)
            self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._finished += 1
            if self._left is not None and not self._left.done():
                self._left.set_result(None)

    def sentence(self, cap: Cap) -> str:
        """What was reached, and what to do about it; the same words in every run."""
        match cap:
            case "cost":
                return f"The cap of {self.budget.max_usd} USD was reached: run again with a higher one to go on."
            case "day":
                return (
                    f"What evaluations may cost in a day, {self.day.cap_usd if self.day else 0} USD, is spent or taken "
                    "by other runs: run again tomorrow (UTC), or raise costs.max_usd_a_day in policy.yaml."
                )
            case "price":
                return (
                    "A call has no known price, so the cap on cost cannot be kept: give its price in prices.yaml, or "
                    "set MATRIA_CHAT__PRICED_AS (or MATRIA_JUDGE__PRICED_AS), or run without the cap."
                )
            case "time":
                return f"The cap of {self.budget.max_seconds:g} s was reached: run again to go on."

    async def _affordable(self, usd: Decimal, is_billed: bool) -> None:
        """Returns once so much can be put aside. Raises `BudgetReached` where nothing under way can make room."""
        while True:
            self.require()
            settled = self._settled
            short = self._short_of(usd, is_billed)
            if short is None:
                return
            shared = self.day if short == "day" else self.run
            if shared is not None and (short == "day" or not self._passes_own(usd)) and await shared.refill(usd):
                continue
            if self._settled != settled:
                continue
            if not self._calls:
                self._stop(short)
            self._freed = asyncio.get_running_loop().create_future()
            await self._freed

    def _short_of(self, usd: Decimal, is_billed: bool) -> Cap | None:
        """The cap that so much more would pass, as far as is known without asking; None where it passes none."""
        if self._passes_own(usd) or (self.run is not None and not self.run.covers(usd)):
            return "cost"
        return "day" if is_billed and self.day is not None and not self.day.covers(usd) else None

    def _passes_own(self, usd: Decimal) -> bool:
        return self.budget.max_usd is not None and self.committed + usd > self.budget.max_usd

    def _put_aside(self, usd: Decimal, is_billed: bool) -> Reservation:
        self._reserved += usd
        self._calls += 1
        for shared in self._shared(is_billed):
            shared.reserve(usd)
        return Reservation(usd, is_billed)

    def _charge_open(self, usd: Decimal | None, *, is_billed: bool) -> None:
        self.charge(usd)
        if usd is not None:
            for shared in self._shared(is_billed):
                shared.settle(ZERO, usd)

    def _shared(self, is_billed: bool) -> Iterator[SharedCap]:
        if self.run is not None:
            yield self.run
        if is_billed and self.day is not None:
            yield self.day

    def _stop(self, cap: Cap) -> None:
        self._stopped_by = self._stopped_by or cap
        raise BudgetReached(self.sentence(self._stopped_by))

    async def _admitted(self, max_usd: Decimal) -> None:
        while not self._is_affordable(max_usd):
            if not self._under_way:
                self._stopped_by = self._stopped_by or "cost"
            self.require()
            self._left = asyncio.get_running_loop().create_future()
            await self._left
        self.require()

    def _is_affordable(self, max_usd: Decimal) -> bool:
        if not self._finished:
            return not self._under_way
        spent = self.usd + self.withheld
        return spent + spent / self._finished * (self._under_way + 1) <= max_usd


@dataclass
class Payment:
    """What became of a call; what nobody tells is unknown, and counts as the most that it can have cost."""

    usd: Decimal | None = None
    is_billed: bool = True

    def paid(self, usd: Decimal | None, *, is_billed: bool = True) -> None:
        """It cost so much; None where nobody knows."""
        self.usd, self.is_billed = usd, is_billed

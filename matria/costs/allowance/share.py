"""One run's share of an allowance: taken in parts, spent without asking anybody, kept while the run lives.

A share belongs to one event loop. A part is a hundredth of the allowance, so that a run of a thousand calls asks the
database a few times. While it is open a task keeps the lease.
"""

import asyncio
import contextlib
import logging
import os
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Self

from matria.clock import utc_now
from matria.costs.allowance.base import AllowanceStore, Wish
from matria.errors import StorageError

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""How long a killed process's part is nobody's."""
PARTS = 100
"""Into how many an allowance is cut."""
ZERO = Decimal(0)
Booked = Callable[[], Decimal]
"""What the ledger has of the pool; read in a thread."""


class Share:
    """A part of an allowance; open it before anything is reserved (`async with`)."""

    def __init__(
        self,
        store: AllowanceStore,
        pool: Callable[[datetime], str],
        cap_usd: Decimal,
        *,
        booked: Booked | None = None,
        holder: str = "",
        lease: timedelta = LEASE,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """`pool` names the allowance of a time: with a new day begins a new one."""
        self.cap_usd = cap_usd
        self._store, self._pool_at, self._booked = store, pool, booked
        self._holder = holder or f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        self._lease, self._clock = lease, clock
        self._pool = ""
        self._free = self._reserved = self._spent = ZERO
        self._until = datetime.min.replace(tzinfo=UTC)
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        if self._pool:
            await asyncio.to_thread(self._store.release, self._pool, self._holder, self._spent)

    def covers(self, usd: Decimal) -> bool:
        """Whether so much can be reserved without asking for more."""
        if not usd:
            return True
        now = self._clock()
        return usd <= self._free and now < self._until and self._pool == self._pool_at(now)

    def reserve(self, usd: Decimal) -> None:
        """So much is put aside; `covers` has just said that it can be."""
        self._free -= usd
        self._reserved += usd

    def settle(self, reserved: Decimal, usd: Decimal) -> None:
        """What was put aside came to so much."""
        self._reserved -= reserved
        self._free += reserved - usd
        self._spent += usd

    async def refill(self, usd: Decimal) -> bool:
        """More is taken, so that so much can be reserved; False where it is not there. Raises `StorageError`."""
        now = self._clock()
        pool = self._pool_at(now)
        if pool != self._pool:
            await self._begin(pool, now)
        if self._keeper is None:
            self._keeper = asyncio.get_running_loop().create_task(self._keep())
        if not await self._take(usd, now):
            await self._settle(now)
            await self._take(usd, now)
        return self.covers(usd)

    async def _begin(self, pool: str, now: datetime) -> None:
        """The former pool is left; what was spent elsewhere of this one is known."""
        if self._pool:
            await asyncio.to_thread(self._store.release, self._pool, self._holder, self._spent)
        self._pool, self._free, self._spent = pool, ZERO, ZERO
        await self._settle(now)

    async def _settle(self, now: datetime) -> None:
        """What others left is settled by what the ledger has booked."""
        booked = None if self._booked is None else await asyncio.to_thread(self._booked)
        await asyncio.to_thread(self._store.settle, self._pool, booked, now)

    async def _take(self, usd: Decimal, now: datetime) -> bool:
        """False where less is there and a holder has lapsed, so that more may come of settling."""
        committed = self._spent + self._reserved
        wish = Wish(
            pool=self._pool,
            cap_usd=self.cap_usd,
            holder=self._holder,
            spent_usd=self._spent,
            held_usd=self._reserved,
            least_usd=usd,
            most_usd=max(usd, self.cap_usd / PARTS),
            now=now,
            until=now + self._lease,
        )
        part = await asyncio.to_thread(self._store.take, wish)
        if part.usd:
            # Calls that ended meanwhile have given back what they did not need of it.
            self._free = part.usd + committed - (self._spent + self._reserved)
            self._until = now + self._lease
        return bool(part.usd) or not part.has_lapsed

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 4)
            until = self._clock() + self._lease
            try:
                await asyncio.to_thread(self._store.keep, self._pool, self._holder, self._spent, until)
            except StorageError as error:
                log.warning("the lease on %s could not be kept: %s", self._pool, error)
            else:
                self._until = max(self._until, until)

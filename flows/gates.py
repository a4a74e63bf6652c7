"""A gate that processes share: slots of Prefect's global concurrency limits, leased in blocks.

A lease costs a round trip to the Prefect server, so it is taken for several calls at once and kept for a second after
the last of them. A process that dies is found out when its lease runs out, and its slots come back. Within the process
the gate of `models.assistant.gates.adaptive` stands before this one.
"""

import asyncio
from collections import deque
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from matria.errors import SettingsError
from models.assistant.gates.base import CallEnd, Ticket

LEASE_S = 60.0
"""After so long the slots of a process that died come back; a living one renews them in time."""


class SharedSlots(Protocol):
    """Slots that many processes take from one pot."""

    def hold(self, slots: int) -> AbstractAsyncContextManager[None]:
        """So many slots while the block runs; waits until there are as many."""

    async def spend(self, calls: int) -> None:
        """Returns once so many calls may begin by the shared rate; at once where there is none."""


@dataclass(frozen=True)
class PrefectSlots:
    """Global concurrency limits of Prefect: `name` holds the calls in flight, `rate_name`, with slot decay, their rate.

    Both are made once, by `prefect gcl create NAME --limit N` (and `--slot-decay-per-second R` for the rate).
    """

    name: str
    rate_name: str | None = None

    def hold(self, slots: int) -> AbstractAsyncContextManager[None]:
        """So many slots while the block runs."""
        from prefect.concurrency.asyncio import concurrency

        _require_server()
        return concurrency(self.name, occupy=slots, lease_duration=LEASE_S, strict=True)

    async def spend(self, calls: int) -> None:
        """Returns once so many calls may begin by the shared rate."""
        if self.rate_name is None:
            return
        _require_server()
        from prefect.concurrency.asyncio import rate_limit

        await rate_limit(self.rate_name, occupy=calls, strict=True)


def _require_server() -> None:
    """Raises `SettingsError` without an address: Prefect would start one for this process alone."""
    from prefect.settings import get_current_settings

    if get_current_settings().api.url is None:
        raise SettingsError("Slots are shared through a Prefect server, and PREFECT_API_URL names none.")


@dataclass(eq=False)
class _Block:
    """Slots that are leased together."""

    is_over: asyncio.Event
    lease: "asyncio.Task[None] | None" = None
    is_held: bool = False


class SharedGate:
    """See `models.assistant.gates.base.Gate`. Holds at most `most` slots, so that other processes have theirs."""

    def __init__(self, slots: SharedSlots, *, most: int, block: int = 8, idle_s: float = 1.0) -> None:
        self._slots = slots
        self._block = min(block, most)
        self._most = most
        self._idle_s = idle_s
        """Seconds that a block may lie idle before it goes back."""
        self._free = 0
        self._allowed = 0
        """Calls that the shared rate has let through and that have not begun."""
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._blocks: list[_Block] = []
        self._refilling: asyncio.Task[None] | None = None
        self._trimming: asyncio.TimerHandle | None = None

    @property
    def held(self) -> int:
        """Slots that this process holds or is waiting for."""
        return len(self._blocks) * self._block

    async def enter(self, tokens: float, *, is_retry: bool = False, patience_s: float = float("inf")) -> Ticket:
        """The right to make one call. Raises `SettingsError` where Prefect knows no such limit or is away."""
        turn = asyncio.get_running_loop().create_future()
        (self._waiting.appendleft if is_retry else self._waiting.append)(turn)
        self._serve()
        try:
            await turn
        except asyncio.CancelledError:
            if turn in self._waiting:
                self._waiting.remove(turn)
            elif not turn.cancelled() and turn.exception() is None:
                self._return()
            raise
        return Ticket(tokens)

    async def leave(self, ticket: Ticket, end: CallEnd) -> None:
        """The call is over; a block that nobody needs goes back."""
        self._return()

    async def aclose(self) -> None:
        """All slots go back."""
        if self._trimming is not None:
            self._trimming.cancel()
        blocks, self._blocks, self._free = self._blocks, [], 0
        tasks = [block.lease for block in blocks if block.lease is not None]
        for block in blocks:
            self._end(block)
        if self._refilling is not None:
            self._refilling.cancel()
            tasks.append(self._refilling)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _return(self) -> None:
        self._free += 1
        self._serve()

    def _serve(self) -> None:
        """Lets in as many as slots and rate allow, and sees to more of what is short, or less of what is idle."""
        while self._waiting and self._free and self._allowed:
            turn = self._waiting.popleft()
            if not turn.done():
                self._free -= 1
                self._allowed -= 1
                turn.set_result(None)
        if self._waiting and not self._allowed and self._refilling is None:
            self._refilling = asyncio.ensure_future(self._refill())
        coming = sum(self._block for block in self._blocks if not block.is_held)
        if len(self._waiting) > self._free + coming and self.held + self._block <= self._most:
            block = _Block(asyncio.Event())
            self._blocks.append(block)
            block.lease = asyncio.ensure_future(self._lease(block))
        if not self._waiting and self._free >= self._block and self._trimming is None:
            self._trimming = asyncio.get_running_loop().call_later(self._idle_s, self._trim)

    def _trim(self) -> None:
        """Gives back the blocks that nobody needs."""
        self._trimming = None
        while not self._waiting and self._free >= self._block:
            block = next(block for block in reversed(self._blocks) if block.is_held)
            self._blocks.remove(block)
            self._free -= self._block
            self._end(block)

    def _end(self, block: _Block) -> None:
        block.is_over.set()
        if not block.is_held and block.lease is not None:
            block.lease.cancel()

    async def _lease(self, block: _Block) -> None:
        """One block, held until it is over; entered and left by one task, as Prefect's leases must be."""
        try:
            async with self._slots.hold(self._block):
                block.is_held = True
                if block in self._blocks:
                    self._free += self._block
                self._serve()
                await block.is_over.wait()
        except Exception as error:  # noqa: BLE001  (Prefect's errors have no common base; those who wait are told)
            if not block.is_held and block in self._blocks:
                self._blocks.remove(block)
                self._fail(error)

    async def _refill(self) -> None:
        try:
            await self._slots.spend(self._block)
            self._allowed += self._block
        except Exception as error:  # noqa: BLE001  (as above)
            self._fail(error)
        finally:
            self._refilling = None
        self._serve()

    def _fail(self, error: Exception) -> None:
        told = SettingsError(
            f"Prefect gives no slots ({type(error).__name__}): create the global concurrency limit with `prefect gcl "
            "create`, and check that PREFECT_API_URL leads to the server."
        )
        told.__cause__ = error
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(told)

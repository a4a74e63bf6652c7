"""The gate that processes share, on slots in memory; `tests/flows` has Prefect's own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.gates import PrefectSlots, SharedGate
from matria.errors import SettingsError
from models.assistant.gates.base import CallEnd
from tests.virtual_time import run as run_virtually

ENDED = CallEnd("answered")


@dataclass
class Pot:
    """Slots of one server, shared by the gates of many processes."""

    slots: int
    fails: bool = False
    taken: int = 0
    most_taken: int = 0
    leases: int = 0
    spent: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def hold(self, slots: int) -> AbstractAsyncContextManager[None]:
        return self._hold(slots)

    @asynccontextmanager
    async def _hold(self, slots: int) -> AsyncIterator[None]:
        if self.fails:
            raise RuntimeError("no such limit")
        async with self.changed:
            await self.changed.wait_for(lambda: self.taken + slots <= self.slots)
            self.taken += slots
            self.leases += 1
            self.most_taken = max(self.most_taken, self.taken)
        try:
            yield
        finally:
            async with self.changed:
                self.taken -= slots
                self.changed.notify_all()

    async def spend(self, calls: int) -> None:
        await asyncio.sleep(0)
        self.spent += calls


async def call(gate: SharedGate, in_flight: list[int]) -> None:
    ticket = await gate.enter(1)
    in_flight[0] += 1
    in_flight[1] = max(in_flight)
    await asyncio.sleep(0.001)
    in_flight[0] -= 1
    await gate.leave(ticket, ENDED)


async def run(pot: Pot, gates: list[SharedGate], calls: int) -> int:
    """The most calls that were in flight at once over all gates."""
    in_flight = [0, 0]
    await asyncio.gather(*[call(gates[n % len(gates)], in_flight) for n in range(calls)])
    for gate in gates:
        await gate.aclose()
    assert pot.taken == 0
    return in_flight[1]


def test_processes_together_keep_to_the_shared_slots() -> None:
    async def work() -> None:
        pot = Pot(12)
        most = await run(pot, [SharedGate(pot, most=12, block=4, idle_s=0.01) for _ in range(3)], 120)
        assert 4 < most <= 12
        assert pot.most_taken == 12

    run_virtually(work())


def test_a_lease_serves_many_calls() -> None:
    async def work() -> None:
        pot = Pot(100)
        await run(pot, [SharedGate(pot, most=16, block=8)], 400)
        assert pot.leases == 2
        assert 400 <= pot.spent < 400 + 8

    run_virtually(work())


def test_a_process_takes_no_more_than_its_share() -> None:
    async def work() -> None:
        pot = Pot(100)
        assert await run(pot, [SharedGate(pot, most=8, block=4)], 60) == 8
        assert pot.most_taken == 8

    run_virtually(work())


def test_a_block_that_nobody_needs_goes_back() -> None:
    async def work() -> None:
        pot = Pot(100)
        gate = SharedGate(pot, most=8, block=2, idle_s=0.01)
        tickets = [await gate.enter(1) for _ in range(8)]
        assert gate.held == 8
        for ticket in tickets[1:]:
            await gate.leave(ticket, ENDED)
        await asyncio.sleep(0.05)
        assert (gate.held, pot.taken) == (2, 2)
        await gate.aclose()

    run_virtually(work())


def test_a_cancelled_caller_holds_nothing() -> None:
    async def work() -> None:
        pot = Pot(1)
        gate = SharedGate(pot, most=1)
        held = await gate.enter(1)
        waiting = asyncio.ensure_future(gate.enter(1))
        await asyncio.sleep(0.001)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await gate.leave(held, ENDED)
        await gate.leave(await gate.enter(1), ENDED)
        await gate.aclose()
        assert pot.taken == 0

    run_virtually(work())


def test_the_end_of_one_process_does_not_wait_for_another() -> None:
    async def work() -> None:
        pot = Pot(1)
        first, second = SharedGate(pot, most=1), SharedGate(pot, most=1)
        await first.enter(1)
        waiting = asyncio.ensure_future(second.enter(1))
        await asyncio.sleep(0.001)
        waiting.cancel()
        await second.aclose()
        await first.aclose()
        assert pot.taken == 0

    run_virtually(work())


def test_a_limit_that_prefect_does_not_know_is_told() -> None:
    async def work() -> None:
        gate = SharedGate(Pot(1, fails=True), most=4)
        with pytest.raises(SettingsError, match="prefect gcl create"):
            await gate.enter(1)
        await gate.aclose()

    run_virtually(work())


def test_without_a_server_there_is_nothing_to_share() -> None:
    async def work() -> None:
        gate = SharedGate(PrefectSlots("calls"), most=4)
        with temporary_settings(restore_defaults={PREFECT_API_URL}), pytest.raises(SettingsError) as told:
            await asyncio.wait_for(gate.enter(1), 100)
        assert "names none" in str(told.value.__cause__)
        await gate.aclose()

    asyncio.run(work())

"""Time that no machine is too slow for: what a test waits for happens when the test says so, or when nothing else does.

`run` is for work that needs neither sockets nor threads: hours pass at once, and always in the same order. Where there
are some, time limits are `LONG_S`, `pass_by` lets shorter ones run out at the moment that is meant, and `until` waits
for what is to have happened; or time stands (`run_standing`) until the test, or a thread of it, says that it passes.
"""

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

Result = TypeVar("Result")
LONG_S = 1_000_000.0
"""Seconds that no test takes: what is bounded by them is ended by something else."""
PATIENCE_S = 120.0
"""Seconds after which what has not happened will not: hundreds of times what it takes."""


class _NeverWaits(selectors.DefaultSelector):
    """A selector that moves the clock in place of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("everything waits for something that never comes")
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time passes only while nothing else is to be done."""

    def __init__(self) -> None:
        self.clock = _NeverWaits()
        super().__init__(self.clock)

    def time(self) -> float:
        return self.clock.now


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """The result, with virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


class StandingLoop(asyncio.SelectorEventLoop):
    """What waits for a moment goes on once that moment was said to have come."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__()

    def time(self) -> float:
        return self._now

    def passes(self, seconds: float) -> "Future[None]":
        """So many seconds are over, as any thread may say; done once they are."""
        is_over: Future[None] = Future()
        self.call_soon_threadsafe(self._pass, seconds, is_over)
        return is_over

    def _pass(self, seconds: float, is_over: "Future[None]") -> None:
        self._now += seconds
        is_over.set_result(None)


def now() -> float:
    """The time of the loop that runs."""
    return asyncio.get_running_loop().time()


def passes(seconds: float) -> None:
    """So many seconds are over in the loop that runs, as soon as it comes to it."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, StandingLoop)
    loop.passes(seconds)


def run_standing(work: Coroutine[Any, Any, Result]) -> Result:
    """The result, in time that stands; threads, sockets and whatever is ready go on meanwhile."""
    with asyncio.Runner(loop_factory=StandingLoop) as runner:
        return runner.run(work)


class _MovedClock:
    """A loop's clock, and the seconds that it was moved on by."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return self._clock() + self.ahead_s


def make_movable() -> None:
    """The clock of the running loop can be moved from here on; those who look at it hold it, so begin with this."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop.time, _MovedClock):
        loop.time = _MovedClock(loop.time)  # type: ignore[method-assign]


def pass_by(seconds: float) -> None:
    """The clock goes forward at once, so that what waits for a moment before that is over."""
    clock = asyncio.get_running_loop().time
    assert isinstance(clock, _MovedClock), "make_movable comes first"
    clock.ahead_s += seconds


async def until(has_happened: Callable[[], object]) -> None:
    """Returns as soon as it has happened. Raises AssertionError where it does not."""
    give_up_at = time.monotonic() + PATIENCE_S
    while not has_happened():
        assert time.monotonic() < give_up_at, "what the test waits for does not happen"
        await asyncio.sleep(0.002)


async def ends(work: Coroutine[Any, Any, Result]) -> Result:
    """What comes of work that has nothing to wait for. Raises AssertionError where it waits all the same."""
    task = asyncio.ensure_future(work)
    try:
        await until(task.done)
    finally:
        task.cancel()
    return task.result()

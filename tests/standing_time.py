"""An event loop whose time stands until a test says that it passes: however slow the machine, nothing is given up
before. Threads, sockets and whatever is ready go on meanwhile."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

Result = TypeVar("Result")


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


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """The result, in time that stands."""
    with asyncio.Runner(loop_factory=StandingLoop) as runner:
        return runner.run(work)

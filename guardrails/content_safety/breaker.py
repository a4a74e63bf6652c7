"""A circuit breaker: after failures in a row the service is left alone, then asked by one call at a time.

While it is open a call fails at once, so that an outage costs no woman her time budget. Pattern: Nygard, Release It!,
2007. The clock is passed in; every method is quick and awaits nothing.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

State = Literal["closed", "open", "half_open"]
Admission = Literal["call", "probe"]
"""A call through a closed circuit, or the one that tries whether the service is back."""


@dataclass(frozen=True)
class BreakerLimits:
    """When the circuit opens, and for how long."""

    failures: int
    """Calls in a row that failed at every attempt, and open it."""
    open_s: float
    """Seconds until one call may try again."""
    max_open_s: float
    """Seconds that it stays open at most where the service itself asks for a pause."""


class Breaker:
    """Of one operation of the service."""

    def __init__(self, limits: BreakerLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._failures = 0
        self._open_until: float | None = None
        self._is_probing = False

    @property
    def state(self) -> State:
        """`half_open` where a call may try, or is trying, whether the service is back."""
        if self._open_until is None:
            return "closed"
        return "open" if self._clock() < self._open_until else "half_open"

    def admit(self) -> Admission | None:
        """How a call may begin; None where it may not. One that may ends with `answered`, `failed` or `dropped`."""
        state = self.state
        if state == "closed":
            return "call"
        if state == "open" or self._is_probing:
            return None
        self._is_probing = True
        return "probe"

    def answered(self) -> None:
        """The service works: the circuit closes."""
        self._failures, self._open_until, self._is_probing = 0, None, False

    def failed(self, admission: Admission, pause_s: float = 0.0) -> None:
        """The service does not work; `pause_s` is how long it asks to be left alone, 0 where it does not say."""
        if admission == "call" and self._open_until is not None:
            return  # begun before the circuit opened: it tells nothing new
        self._failures += 1
        is_out = admission == "probe" or self._failures >= self._limits.failures
        if is_out or pause_s > 0:
            wait_s = max(pause_s, self._limits.open_s if is_out else 0.0)
            self._open_until = self._clock() + min(wait_s, self._limits.max_open_s)
        self._is_probing = False

    def dropped(self, admission: Admission) -> None:
        """The caller gave up: nothing was learnt, and another may try."""
        if admission == "probe":
            self._is_probing = False

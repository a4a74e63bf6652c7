"""The gateway's count of requests: so many in any window of so many seconds, past which it answers 429.

The service's tiers: 5 requests a second (F0), 1,000 in 10 seconds (S0).
"""

import math
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from matria.errors import SettingsError

_FORM = re.compile(r"([1-9]\d{0,6})/(\d{1,4}(?:\.\d+)?)")


@dataclass(frozen=True)
class Limit:
    """How many requests are taken."""

    requests: int
    window_s: float
    says_when: bool = True
    """Whether a request that is turned away gets `Retry-After`."""


class Throttle:
    """Counts requests against a limit."""

    def __init__(self, limit: Limit, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._clock = clock
        self._taken: deque[float] = deque()

    def take(self) -> float | None:
        """None where the request is taken, else the seconds until one would be; one turned away does not count."""
        now = self._clock()
        while self._taken and self._taken[0] <= now - self._limit.window_s:
            self._taken.popleft()
        if len(self._taken) < self._limit.requests:
            self._taken.append(now)
            return None
        return self._taken[0] + self._limit.window_s - now

    def retry_after_s(self, wait_s: float) -> float | None:
        """What the header says, in whole seconds; None where the limit keeps silent."""
        return float(max(1, math.ceil(wait_s))) if self._limit.says_when else None


def parse_limit(text: str, *, says_when: bool = True) -> Limit:
    """The limit of `REQUESTS/SECONDS`, such as `5/1`. Raises `SettingsError` for anything else."""
    found = _FORM.fullmatch(text)
    if found is None or float(found[2]) <= 0:
        raise SettingsError(f"'{text}' is no limit: write REQUESTS/SECONDS, such as 5/1 or 1000/10.")
    return Limit(int(found[1]), float(found[2]), says_when)

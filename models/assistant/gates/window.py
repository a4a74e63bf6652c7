"""How many calls may be in flight: slow start, halved when the endpoint says that it is too many (RFC 5681, section 3).

Two things differ from TCP, whose rounds are short. A refusal comes back at once while an answer takes seconds, so in
slow start silence widens the window too, a call every few milliseconds. And it widens again by a tenth of its ceiling a
round, not by one: a run of twenty rounds should not spend all of them on the way back.
"""

_SHARE_REGAINED_PER_ROUND = 0.1
_SILENCE_S = 0.005
"""Wait in slow start before one more call is tried unanswered: 50 are reached in less time than two answers take."""
_ROUNDING_S = 1e-9


class Window:
    """A number of calls between 1 and a ceiling."""

    def __init__(self, start: int, ceiling: int) -> None:
        self._size = float(max(1, min(start, ceiling)))
        self._ceiling = max(1, ceiling)
        self._is_slow_start = True
        self._full_since: float | None = None
        self.era = 0
        """How often it has narrowed."""

    @property
    def calls(self) -> int:
        """Calls that may be in flight."""
        return int(self._size)

    def opens_in_s(self, in_flight: int, now: float) -> float | None:
        """Seconds until one more call may be in flight; None where one must end first."""
        if in_flight < self.calls:
            return 0.0
        if not self._is_slow_start or self._size >= self._ceiling:
            return None
        if self._full_since is None:
            self._full_since = now
        wait_s = self._full_since + _SILENCE_S - now
        if wait_s > _ROUNDING_S:
            return wait_s
        self._full_since = now
        self._size = min(self._size + 1, self._ceiling)
        return 0.0

    def answered(self, in_flight: int) -> None:
        """One call was answered while so many were in flight. Widens only where the window was full."""
        if in_flight < self.calls:
            return
        step = 1.0 if self._is_slow_start else _SHARE_REGAINED_PER_ROUND * self._ceiling / self._size
        self._size = min(self._size + step, self._ceiling)

    def limited(self, era: int, in_flight: int) -> None:
        """A call begun in `era` was refused as one too many. Those of one round narrow the window once."""
        if era != self.era:
            return
        self.era += 1
        self._is_slow_start = False
        self._size = max(1.0, min(self._size, in_flight) / 2)

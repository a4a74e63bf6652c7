"""A token bucket: so much an interval, with a little at once. Time is seconds of any clock that does not go back."""

from models.assistant.base import RateLimit

_MINUTE_S = 60.0
_ROUNDING = 1e-9


class Bucket:
    """What may still be spent. A single call larger than the bucket is let through once it is full, and paid off."""

    def __init__(self, per_minute: float, now: float) -> None:
        self._per_s = per_minute / _MINUTE_S
        self._capacity = max(1.0, self._per_s)
        """A second's worth: endpoints enforce a minute's limit in shorter windows."""
        self._level = self._capacity
        self._at = now

    def delay_s(self, amount: float, now: float) -> float:
        """Seconds until `amount` may be taken; 0 where it may be now."""
        self._refill(now)
        missing = min(amount, self._capacity) - self._level
        return 0.0 if missing <= _ROUNDING else missing / self._per_s

    def take(self, amount: float) -> None:
        """Spent."""
        self._level -= amount

    def give_back(self, amount: float) -> None:
        """Taken and not needed; a negative amount is what was needed on top."""
        self._level = min(self._level + amount, self._capacity)

    def told(self, limit: RateLimit, now: float) -> None:
        """What the endpoint itself says: its size and pace replace ours; of what remains the smaller holds."""
        self._refill(now)
        gone = limit.limit - limit.remaining
        if gone > 0 and limit.reset_s > 0:
            self._per_s = gone / limit.reset_s
        self._capacity = max(1.0, limit.limit)
        self._level = min(self._level, limit.remaining)

    def _refill(self, now: float) -> None:
        self._level = min(self._level + (now - self._at) * self._per_s, self._capacity)
        self._at = now


def bucket_of(limit: RateLimit, now: float) -> Bucket:
    """A bucket as an endpoint describes it."""
    bucket = Bucket(limit.limit, now)
    bucket.told(limit, now)
    bucket.give_back(limit.remaining)
    return bucket

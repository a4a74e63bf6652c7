"""The gate of one process: an adaptive number in flight, pauses as the endpoint asks, requests and tokens a minute.

Works on the event loop that calls it, one loop at a time. Where no rate is configured, the one that the endpoint tells
of beside its answers is kept.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

from models.assistant.base import RateLimit
from models.assistant.gates.base import CallEnd, GateClosed, Ticket
from models.assistant.gates.bucket import Bucket, bucket_of
from models.assistant.gates.window import Window


@dataclass(frozen=True)
class GateLimits:
    """What a gate begins with."""

    start_in_flight: int
    max_in_flight: int
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None


@dataclass(eq=False, slots=True)
class _Waiter:
    future: "asyncio.Future[Ticket]"
    tokens: float
    patience_s: float


class AdaptiveGate:
    """See `models.assistant.gates.base.Gate`."""

    def __init__(self, limits: GateLimits) -> None:
        self._limits = limits
        self._window = Window(limits.start_in_flight, limits.max_in_flight)
        self._in_flight = 0
        self._open_at = float("-inf")
        self._buckets: dict[str, Bucket] | None = None
        self._waiting: deque[_Waiter] = deque()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def in_flight(self) -> int:
        """Calls that have begun and not ended."""
        return self._in_flight

    @property
    def window(self) -> int:
        """Calls that may be in flight now."""
        return self._window.calls

    async def enter(self, tokens: float, *, is_retry: bool = False, patience_s: float = float("inf")) -> Ticket:
        """The right to make one call of about so many tokens."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._open_at - now > patience_s:
            raise GateClosed(self._open_at - now)
        if not self._waiting and self._delay_s(tokens, now) == 0:
            return self._admit(tokens)
        waiter = _Waiter(loop.create_future(), tokens, patience_s)
        (self._waiting.appendleft if is_retry else self._waiting.append)(waiter)
        self._wake()
        try:
            return await waiter.future
        except asyncio.CancelledError:
            self._forget(waiter)
            raise

    async def leave(self, ticket: Ticket, end: CallEnd) -> None:
        """The call is over."""
        now = asyncio.get_running_loop().time()
        if end.kind == "limited":
            self._window.limited(ticket.era, self._in_flight)
        elif end.kind == "answered":
            self._window.answered(self._in_flight)
        self._in_flight -= 1
        if end.pause_s is not None:
            self._open_at = max(self._open_at, now + end.pause_s)
        self._settle(ticket, end, now)
        if self._waiting:
            self._wake()

    async def aclose(self) -> None:
        """Nothing is held; others may go on using it."""

    def _admit(self, tokens: float) -> Ticket:
        self._in_flight += 1
        for unit, bucket in (self._buckets or {}).items():
            bucket.take(1 if unit == "requests" else tokens)
        return Ticket(tokens, self._window.era)

    def _settle(self, ticket: Ticket, end: CallEnd, now: float) -> None:
        """The tokens of a call as they were, in place of as they were thought to be."""
        buckets = self._buckets or {}
        if "tokens" in buckets:
            used = end.tokens if end.tokens is not None else (ticket.tokens if end.kind == "dropped" else 0.0)
            buckets["tokens"].give_back(ticket.tokens - used)
        for limit in end.limits:
            self._heed(limit, ticket, now)

    def _heed(self, limit: RateLimit, ticket: Ticket, now: float) -> None:
        """The endpoint's own limit, where none is configured. What is in flight may not be counted in it yet."""
        configured = self._limits.requests_per_minute if limit.unit == "requests" else self._limits.tokens_per_minute
        if configured is not None:
            return
        buckets = self._buckets = self._buckets or {}
        if limit.unit in buckets:
            buckets[limit.unit].told(limit, now)
        else:
            buckets[limit.unit] = bucket_of(limit, now)
            buckets[limit.unit].take(self._in_flight * (1 if limit.unit == "requests" else ticket.tokens))

    def _delay_s(self, tokens: float, now: float) -> float | None:
        """Seconds until a call may begin; None where one in flight must end first."""
        if self._buckets is None:
            self._buckets = self._configured(now)
        if (shut_s := self._open_at - now) > 0:
            return shut_s if self._in_flight < self._window.calls else None
        if (opens_in_s := self._window.opens_in_s(self._in_flight, now)) != 0:
            return opens_in_s
        return max(
            [b.delay_s(1 if unit == "requests" else tokens, now) for unit, b in self._buckets.items()], default=0.0
        )

    def _configured(self, now: float) -> dict[str, Bucket]:
        given = {"requests": self._limits.requests_per_minute, "tokens": self._limits.tokens_per_minute}
        return {unit: Bucket(per_minute, now) for unit, per_minute in given.items() if per_minute is not None}

    def _wake(self) -> None:
        """Lets in who may begin, and comes back when the next one may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._dismiss_the_impatient(now)
        while self._waiting:
            waiter = self._waiting[0]
            delay = self._delay_s(waiter.tokens, now)
            if delay is None:
                return
            if delay > 0:
                self._timer = loop.call_later(delay, self._wake)
                return
            self._waiting.popleft()
            if not waiter.future.done():
                waiter.future.set_result(self._admit(waiter.tokens))

    def _dismiss_the_impatient(self, now: float) -> None:
        shut_s = self._open_at - now
        if shut_s <= 0:
            return
        for waiter in [waiter for waiter in self._waiting if waiter.patience_s < shut_s]:
            self._waiting.remove(waiter)
            if not waiter.future.done():
                waiter.future.set_exception(GateClosed(shut_s))

    def _forget(self, waiter: _Waiter) -> None:
        """A cancelled caller holds nothing: neither a place in the queue nor a right that it was just given."""
        if waiter in self._waiting:
            self._waiting.remove(waiter)
        elif waiter.future.done() and not waiter.future.cancelled() and waiter.future.exception() is None:
            self._in_flight -= 1
            self._settle(waiter.future.result(), CallEnd("failed"), asyncio.get_running_loop().time())
        self._wake()

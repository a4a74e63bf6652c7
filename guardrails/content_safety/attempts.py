"""One call of the service, attempted again where that can help, within a time that is fixed beforehand.

The vendor's client tries a 429 again only where the answer says when, and waits longer than a woman should: its retries
are off, and these are ours. Between attempts it waits a random time up to a bound that doubles (full jitter; Brooker,
AWS Architecture Blog, 2015), or as long as the service asks. A circuit breaker stands before each call.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from guardrails.content_safety.breaker import Admission, Breaker
from guardrails.content_safety.failures import MAY_BE_BILLED, CallFailed
from guardrails.paid_calls import current

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Patience:
    """How often, and for how long, an answer is asked for."""

    most: int
    """Attempts for one answer, the first included."""
    attempt_s: float
    """Seconds that one attempt may take."""
    total_s: float
    """Seconds for all calls that one text needs, waits included."""
    backoff_s: float
    """Bound of the first wait; it doubles with each attempt."""
    max_backoff_s: float


class Attempts:
    """Calls of one operation of the service; many at once on one event loop."""

    def __init__(
        self, name: str, patience: Patience, breaker: Breaker, chance: Callable[[], float] = random.random
    ) -> None:
        self._name = name
        self._patience = patience
        self._breaker = breaker
        self._chance = chance

    async def ask(self, send: Callable[[], Awaitable[Answer]], give_up_at: float, text_records: int = 0) -> Answer:
        """What `send` gives. Raises the `CallFailed` of the last attempt; `give_up_at` is by the loop's clock.

        Each attempt is noted by `guardrails.paid_calls`; one that is answered is billed as `text_records`.
        """
        admission = self._breaker.admit()
        if admission is None:
            raise CallFailed("circuit_open")
        try:
            answer = await self._attempts(send, give_up_at, admission, text_records)
        except CallFailed as failure:
            self._tell(failure, admission)
            raise
        except BaseException:
            self._breaker.dropped(admission)
            raise
        self._works()
        return answer

    async def _attempts(
        self, send: Callable[[], Awaitable[Answer]], give_up_at: float, admission: Admission, text_records: int
    ) -> Answer:
        clock, calls = asyncio.get_running_loop().time, current()
        for made in range(1, self._patience.most + 1):
            calls.left()  # one that is cut off, by whomever, may have been judged and billed
            try:
                async with asyncio.timeout_at(min(give_up_at, clock() + self._patience.attempt_s)):
                    answer = await send()
            except TimeoutError:
                failure = CallFailed("timeout")
            except CallFailed as error:
                failure = error
                if failure.failure not in MAY_BE_BILLED or failure.is_unsent:
                    calls.refused()
            else:
                calls.counted(text_records)
                return answer
            wait_s = self._wait_s(failure, made)
            is_shut = admission == "call" and self._breaker.state == "open"
            if not failure.is_passing or made == self._patience.most or is_shut or clock() + wait_s >= give_up_at:
                log.warning("%s failed at attempt %d: %s", self._name, made, failure.failure)
                raise failure
            log.info("%s failed at attempt %d: %s; again in %.2f s", self._name, made, failure.failure, wait_s)
            await asyncio.sleep(wait_s)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _tell(self, failure: CallFailed, admission: Admission) -> None:
        """The circuit learns of calls, not of attempts: a service that answers every second one is of use."""
        if not failure.is_outage:
            self._works()  # it refused this one text
            return
        self._breaker.failed(admission, failure.retry_after_s or 0.0)
        if self._breaker.state == "open":
            log.warning("%s is left alone for a while: %s", self._name, failure.failure)

    def _works(self) -> None:
        if self._breaker.state != "closed":
            log.warning("%s answers again", self._name)
        self._breaker.answered()

    def _wait_s(self, failure: CallFailed, made: int) -> float:
        if failure.retry_after_s is not None:
            return failure.retry_after_s
        doubled_s = self._patience.backoff_s * 2.0 ** (made - 1)
        return min(self._patience.max_backoff_s, doubled_s) * self._chance()

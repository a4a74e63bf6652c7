"""A ledger's sums made of hours: so many messages an hour at so many dollars, spread over conversations by a noise.

It is `matria.costs.sums.CostSums` with rows said outright, so that tests of the rules read as what happened.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from matria.costs.sums import BUCKETS, CallSums, MessageSums, Window

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOISE = np.random.default_rng(1).lognormal(-0.125, 0.5, BUCKETS)
"""Of each bucket, with a mean of about 1; the same in every hour, as a conversation's habit is."""


@dataclass(frozen=True)
class Hour:
    """One hour of one assistant."""

    messages: int
    usd: float
    """Mean."""
    unpriced_calls: int = 0


Course = Callable[[int], Hour]
"""Of how many hours ago it began, counted from `NOW`: -1 is the newest full hour before it, 0 the one after."""


def steady(usd: float = 0.01, messages: int = 60) -> Course:
    """The same in every hour."""
    return lambda hour: Hour(messages, usd)


def step(at: int, factor: float, messages: int = 60, until: int = 10_000) -> Course:
    """A cent, and from an hour on, to another, so many times as much."""
    return lambda hour: Hour(messages, 0.01 * (factor if at <= hour < until else 1.0))


@dataclass(frozen=True)
class HourlySums:
    """Sums of assistants' courses."""

    courses: dict[str, Course] = field(default_factory=lambda: {"gestante/triagem": steady()})

    def mark(self) -> str:
        """Nothing comes later."""
        return "made"

    def messages(self, window: Window) -> Sequence[MessageSums]:
        """Messages spread over buckets: bucket b of an hour's n messages is of conversation b."""
        rows = []
        for slot in range(round((window.end - window.start) / window.slot)):
            for name, hour in self._hours(window, slot):
                at = self._at(window, slot)
                chosen = [(at * 7 + place * 37) % BUCKETS for place in range(hour.messages)]
                noise = NOISE[chosen] / (NOISE[chosen].mean() if chosen else 1)
                rows += [
                    MessageSums(slot, bucket, name, "gestante", "pt-BR", 1, 1, Decimal(f"{hour.usd * share:.12f}"))
                    for bucket, share in zip(chosen, noise, strict=True)
                ]
        return rows

    def calls(self, window: Window) -> Sequence[CallSums]:
        """One call a message."""
        blank = CallSums(
            0, "assistant", "", "1.0.0", "h", "gestante", "pt-BR", "azure", "m", "m", "standard", None, "list", False,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0, Decimal(0),
        )  # fmt: skip
        return [
            replace(blank, slot=slot, prompt_name=name, calls=hour.messages, unpriced_calls=hour.unpriced_calls)
            for slot in range(round((window.end - window.start) / window.slot))
            for name, hour in self._hours(window, slot)
        ]

    def _hours(self, window: Window, slot: int) -> list[tuple[str, Hour]]:
        if window.is_simulated:
            return []
        hours = [(name, course(self._at(window, slot))) for name, course in self.courses.items()]
        return [(name, hour) for name, hour in hours if hour.messages]

    @staticmethod
    def _at(window: Window, slot: int) -> int:
        return round((window.end - (slot + 1) * window.slot - NOW) / HOUR)

"""What the calls of the wire are answered from, what was counted of them, and a clock that can be moved on."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from guardrails.emulator.blocklists import Blocklists
from guardrails.emulator.verdicts import Verdicts

_CHARACTERS_A_RECORD = 1_000


class Counts:
    """What was asked and answered, in numbers."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begins anew."""
        self.calls: Counter[str] = Counter()
        """That reached the service, by name."""
        self.statuses: Counter[str] = Counter()
        """Of whole replies."""
        self.text_records = 0
        """Units that the service bills: one for each started 1,000 characters of each text."""

    def billed(self, *texts: str) -> None:
        """Counts the texts of one call."""
        self.text_records += sum(math.ceil(len(text) / _CHARACTERS_A_RECORD) for text in texts)


@dataclass(frozen=True)
class Service:
    """One emulated resource."""

    verdicts: Verdicts
    blocklists: Blocklists
    protected: tuple[str, ...] = ()
    """Texts that count as protected material; the real service knows songs, recipes, articles."""
    counts: Counts = field(default_factory=Counts)


class Clock:
    """A clock ahead of another by what it was advanced."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return self._clock() + self.ahead_s

    def advance(self, seconds: float) -> None:
        """Moves on at once."""
        self.ahead_s += seconds

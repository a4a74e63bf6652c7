"""What text records cost: a moderation service counts one for each started 1,000 characters.

No price list that can be installed carries them, and they differ by region and contract, so the price is a setting,
with where and when it was read. Without one a call is `unpriced`, never 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from matria.costs.base import Cost


@dataclass(frozen=True)
class RecordPrices:
    """Prices of one service, in US dollars."""

    per_1000: Mapping[str, Decimal] = field(default_factory=dict)
    """By the name of the rail that asks it."""
    source: str = ""
    """Where and when they were read."""
    is_simulated: bool = False
    """An emulator answers: nothing is billed, and the price stands in."""

    def price(self, rail: str, text_records: int, on: date) -> Cost:
        """What that many records cost; unpriced where the rail has no price."""
        if rail not in self.per_1000:
            return Cost("unpriced", None, f"no price is set for text records of {rail}", on)
        return Cost("priced", self.per_1000[rail] * text_records / 1000, self.source, on)


NO_RECORD_PRICES = RecordPrices()

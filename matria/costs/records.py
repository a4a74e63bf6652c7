"""What text records cost: a moderation service counts one for each started 1,000 characters.

No price list that can be installed carries them, and they differ by region and contract, so the price stands in
`prices.yaml` or is a setting, with where and when it was read. Without one a call is `unpriced`, never 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from matria.costs.base import Cost, UnitPrices
from matria.costs.pricefile import NO_PRICE_FILE, PriceFile, to_picodollars

MODERATION_PROVIDER = "azure_content_safety"


@dataclass(frozen=True)
class RecordPrices:
    """Prices of one service, in US dollars."""

    per_1000: Mapping[str, Decimal] = field(default_factory=dict)
    """By the name of the rail that asks it."""
    source: str = ""
    """Where and when they were read."""
    is_simulated: bool = False
    """An emulator answers: nothing is billed, and the price stands in."""
    file: PriceFile = NO_PRICE_FILE
    """Dated prices of `azure_content_safety/RAIL`, which go first."""

    def price(self, rail: str, text_records: int, on: date) -> Cost:
        """What that many records cost; unpriced where the rail has no price."""
        filed = self.file.price_of(f"{MODERATION_PROVIDER}/{rail}", on)
        per_1000, source = self.per_1000.get(rail), self.source
        if filed is not None and filed.prices.records is not None:
            per_1000, source = filed.prices.records, filed.source
        if per_1000 is None:
            return Cost("unpriced", None, f"no price is set for text records of {rail}", on)
        usd = to_picodollars(per_1000 * text_records / 1000)
        return Cost("priced", usd, source, on, UnitPrices(records=per_1000), self.file.rates.on(on))


NO_RECORD_PRICES = RecordPrices()

"""What a US dollar was worth in reais and euros: dated official rates, of which the newest not after a day is used.

The rates lie in `prices.yaml`, each with its source. Where none is set, an amount in another currency is unknown: it is
never taken one to one. How old a rate may grow before it is marked is `costs.max_rate_age_days` of policy.yaml.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from matria.costs.base import Rates
from matria.policy import Policy


@dataclass(frozen=True)
class DatedRates:
    """Rates in order of their days."""

    rates: Sequence[Rates] = ()

    def on(self, day: date) -> Rates | None:
        """The newest rates that are not after the day; None where all are later, or none is set."""
        place = bisect_right(self.rates, day, key=lambda rates: rates.on)
        return self.rates[place - 1] if place else None


NO_RATES = DatedRates()


def age_days(rates: Rates, day: date) -> int:
    """Days from the rate to the day that it is used for."""
    return (day - rates.on).days


def is_old(rates: Rates, day: date, policy: Policy) -> bool:
    """Whether the rate is to be marked as old on that day."""
    return age_days(rates, day) > policy.number("costs.max_rate_age_days")

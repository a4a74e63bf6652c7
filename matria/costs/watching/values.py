"""The values of policy.yaml, section `costs`, that the rules read: each by name, so that a check can keep them.

A decision is made again with the values of its own day; that is why the rules take them from here and not from a file.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta

from matria.errors import SettingsError
from matria.policy import Policy


@dataclass(frozen=True)
class Values:
    """The thresholds of all rules; reasons and units are in policy.yaml."""

    max_rise_24h: float
    min_sure_rise_24h: float
    min_messages: float
    max_rise_1h: float
    min_messages_1h: float
    confidence: float
    bootstrap_resamples: float
    max_unpriced_share: float
    max_no_data_hours: float
    cleared_rise: float
    worsened_rise: float
    cool_down_hours: float
    new_level_hours: float

    @property
    def cool_down(self) -> timedelta:
        """How long the same rise is not told again after an all-clear."""
        return timedelta(hours=self.cool_down_hours)

    @property
    def new_level(self) -> timedelta:
        """How long a rise lasts before it is the level."""
        return timedelta(hours=self.new_level_hours)


def values_of(policy: Policy | Mapping[str, float]) -> Values:
    """The values of a policy, or of those that a check kept. Raises `SettingsError` where one is missing."""
    if isinstance(policy, Policy):
        return Values(**{field.name: policy.number(f"costs.{field.name}") for field in fields(Values)})
    missing = sorted(field.name for field in fields(Values) if field.name not in policy)
    if missing:
        raise SettingsError(f"the kept policy lacks costs.{missing[0]}: it is not one that a check was made with.")
    return Values(**{field.name: float(policy[field.name]) for field in fields(Values)})


def kept(values: Values) -> dict[str, float]:
    """The values by name, as a check keeps them."""
    return asdict(values)

"""What one run of the watch decided, as nouns: the check, the episodes as they stood, and what people are told of.

A decision is kept whole, so that `matria costs explain` can hold it against the ledger later. The cause, the commits
and the rates are kept with it, since git and the price list may say something else by then.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from matria.costs.base import Rates
from matria.costs.causes.base import Cause
from matria.costs.watching.base import Check, Episode, Step


@dataclass(frozen=True)
class Circumstances:
    """What is known of a step beside its episode."""

    since: datetime | None = None
    """When the newest hours began to differ from those before, to the hour; None where that cannot be told."""
    cause: Cause | None = None
    """None where nothing can be split: no data, no price, no traffic before."""
    rates: Rates | None = None
    """What a dollar was worth that day; None where nobody set it."""
    messages_a_day: Decimal | None = None
    """Traffic of the scope; None where it is not known."""
    told_before_usd: Decimal | None = None
    """Of a worsening: the cost of a message that people had been told last."""
    confidence: float = 0.95
    """Of the intervals, by the policy of that day."""
    report: str = ""
    """Path of the report on the pages; empty where there is none."""


@dataclass(frozen=True)
class Told:
    """A step and its circumstances: everything that a notice is written from."""

    step: Step
    circumstances: Circumstances
    check: datetime
    """End of the check's newest window."""

    @property
    def key(self) -> str:
        """Names the notice, so that it is sent once however often the watch runs."""
        episode = self.step.episode
        return f"costs/{episode.alert_id}/{self.step.change}/{self.check:%Y%m%dT%H%M}"


@dataclass(frozen=True)
class Decision:
    """One run of the watch, as it was recorded."""

    number: int
    """Counts up from 1; the episodes of a decision stand on those of all before."""
    check: Check
    episodes: tuple[Episode, ...]
    """Those that it changed, as they stand after it."""
    told: tuple[Told, ...]
    made_at: datetime
    made_by: str
    """Version of the rules' code, such as `0.4.0`."""


@dataclass(frozen=True)
class Acceptance:
    """A person's word that a rise is meant."""

    alert_id: str
    by: str
    why: str
    at: datetime

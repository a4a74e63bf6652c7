"""The nouns of watching what a message costs: a finding of one rule at one moment, and the episode that findings make.

Rules find, episodes decide who is told: one alert when a rise begins, another when it has worsened, an all-clear when
it is over. Everything here can be made again from the ledger as of a mark and the policy's values of that day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

Rule = Literal["day", "hour", "unpriced", "no_data"]
"""`day`: the last 24 hours against the 24 before. `hour`: a jump within the hour. `unpriced`: too many calls without a
price. `no_data`: nothing could be compared for too long."""
FindingState = Literal["fine", "alert", "no_data"]
TOTAL = ""
"""The scope of all assistants together; any other is a prompt's name."""


@dataclass(frozen=True)
class Side:
    """What the messages of one window cost."""

    start: datetime
    end: datetime
    messages: int
    priced_messages: int
    """Those whose every call has a price; the mean is over them."""
    usd: Decimal
    """Sum over the priced messages."""
    calls: int
    unpriced_calls: int
    is_simulated: bool = False
    """Whether these are simulated messages; a window has either these or real ones."""

    @property
    def mean_usd(self) -> Decimal | None:
        """Cost of a message; None where none has a known cost."""
        return self.usd / self.priced_messages if self.priced_messages else None


@dataclass(frozen=True)
class Ratio:
    """The last mean over the one before, with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Reason:
    """Why a finding is what it is: a code that words are found for, and its figures."""

    code: str
    figures: Mapping[str, float]


@dataclass(frozen=True)
class Finding:
    """What one rule found of one scope at one moment."""

    rule: Rule
    scope: str
    state: FindingState
    last: Side
    before: Side
    ratio: Ratio | None
    """None where there is no mean in each window, or where the one before is 0."""
    reasons: tuple[Reason, ...]
    """Of an alert or of missing data; empty where all is fine."""
    told_by: str | None = None
    """Of an alert, the scope whose alert tells of this one too; None where it must be told itself."""


@dataclass(frozen=True)
class Check:
    """All findings of one moment, and all that it takes to find them again."""

    until: datetime
    """End of the newest window."""
    mark: str
    """The ledger's, at the time of the check."""
    policy: Mapping[str, float]
    """The values of the policy's section `costs` that the rules read."""
    findings: tuple[Finding, ...]
    watched_since: datetime | None = None
    """When the watch began, so that a new one is not alarmed by the time before it; None where it is long ago."""

    @property
    def is_simulated(self) -> bool:
        """Whether simulated messages were judged, since its hours hold no real ones."""
        return any(finding.last.is_simulated for finding in self.findings)


EpisodeState = Literal["open", "cleared", "new_level", "accepted"]
"""It goes on; the cost is back; it has stayed where it is for so long that it is the level now; a person said so."""
Change = Literal["opened", "worsened", "cleared", "new_level"]


@dataclass(frozen=True)
class Episode:
    """One rise, from its first alert to its end."""

    alert_id: str
    """Made of rule, scope and moment, so that the same episode has the same id in every run; fits an address."""
    rule: Rule
    scope: str
    state: EpisodeState
    opened_at: datetime
    changed_at: datetime
    baseline: Side
    """What a message cost before the rise: what an all-clear is held against."""
    first: Finding
    told: Finding
    """The worst that people have been told."""
    newest: Finding
    told_usd: float = 0.0
    """What a message costs by `told`, over a whole day: what a worsening is held against."""

    @property
    def is_simulated(self) -> bool:
        """Whether it is of simulated messages; findings of real ones say nothing of it, nor it of them."""
        return self.first.last.is_simulated


@dataclass(frozen=True)
class Step:
    """Something about an episode that people are told."""

    change: Change
    episode: Episode
    """As it stands after the change."""

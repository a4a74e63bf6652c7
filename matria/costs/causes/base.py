"""Why the cost of a message changed, as nouns: the part that each factor has in the change, and what is known of it."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal, get_args

Factor = Literal[
    "price",
    "prompt_tokens",
    "context_tokens",
    "output_tokens",
    "caching",
    "model_mix",
    "retries",
    "judges",
    "moderation",
    "traffic_mix",
]
"""`traffic_mix` is how messages spread over assistant, persona and locale."""
FACTORS: tuple[Factor, ...] = get_args(Factor)


@dataclass(frozen=True)
class Part:
    """What one factor has in the change of the mean cost of a message."""

    factor: Factor
    usd: Fraction
    """US dollars a message; negative where it made messages cheaper."""
    scope: str = ""
    """The assistant in which most of it lies; empty where it lies in none alone."""
    before: float | None = None
    """What the factor measures, before: tokens, a share, calls; None where it has no one number."""
    after: float | None = None
    name: str = ""
    """What `before` and `after` are shares of, where the factor alone does not say: the model or the assistant."""


@dataclass(frozen=True)
class Landed:
    """Something that changed in the window: a prompt version, a model's snapshot, a price list, a file."""

    what: Literal["prompt", "snapshot", "price_list", "model", "price", "file"]
    """`file` is a change of `prices.yaml`, `policy.yaml` or a partial that the repository tells of."""
    name: str
    """Of the prompt, or of the model; of a model that is new its provider, of a file its path."""
    before: str
    """Version, snapshot or list before; empty where there was none."""
    after: str
    first_seen_at: datetime
    """Start of the slot of time in which the first message came that was answered with it; of a file, its commit."""
    commit: str = ""
    """Short hash of the commit that brought it; empty where the repository does not tell."""
    author: str = ""
    subject: str = ""
    """First line of the commit."""
    pull_request: int | None = None
    locales: tuple[str, ...] = ()
    """Of a prompt, those in which this version was first seen."""
    is_late: bool = False
    """Whether the rise had begun before it landed."""


@dataclass(frozen=True)
class Cause:
    """The change of the mean cost of a message, split without a rest."""

    before_usd: Fraction
    """Mean cost of a message before."""
    after_usd: Fraction
    parts: tuple[Part, ...]
    """The largest first, by their share in the direction of the change; they sum to `after_usd - before_usd`."""
    landed: tuple[Landed, ...] = ()
    """What changed in the window, the likeliest reason of the first part first."""

    @property
    def change_usd(self) -> Fraction:
        """What a message costs more."""
        return self.after_usd - self.before_usd

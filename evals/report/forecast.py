"""What a change costs at the traffic that there is: by prompt, a month, and whether it would trip the cost alert.

A forecast is the difference of an answer's cost between the two versions, times the messages that each prompt really
had. It is held against what a message costs in the ledger, as the day's alert is (`costs.max_rise_24h`): over each
assistant, and over all with the mix that they have. What nobody knows stays unknown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from evals.summary import Spend

DAYS_A_MONTH = 30
AlertState = Literal["trips", "passes", "too_few", "unknown"]
"""It would; it would not; fewer messages a day than the alert compares; or a cost or the traffic is not known."""


@dataclass(frozen=True)
class PromptTraffic:
    """The real messages of one prompt."""

    messages: int
    priced_messages: int
    """Those whose every call has a price."""
    usd: Decimal
    """Sum over the priced messages."""

    @property
    def mean_usd(self) -> Decimal | None:
        """Cost of a message; None where none has a known cost."""
        return self.usd / self.priced_messages if self.priced_messages else None


@dataclass(frozen=True)
class Traffic:
    """What people wrote, and what the alert asks of it."""

    prompts: Mapping[str, PromptTraffic]
    """By prompt with its locale: `gestante/triagem.pt-BR`."""
    days: int
    source: str
    """Where the figures come from, in words."""
    max_rise: float
    """By which share a day may be dearer than the day before: `costs.max_rise_24h`."""
    min_messages: int
    """How many messages a day the alert compares: `costs.min_messages`."""
    days_with_messages: int = 7
    is_simulated: bool = False

    def daily(self, prompts: Iterable[str]) -> float:
        """Messages a day of these prompts."""
        return sum(self.prompts[name].messages for name in prompts if name in self.prompts) / self.days


@dataclass(frozen=True)
class PromptForecast:
    """One prompt."""

    prompt: str
    before: Spend
    after: Spend
    messages_a_day: float

    @property
    def change_usd(self) -> Decimal | None:
        """What an answer costs more; None where a price is not known on both sides."""
        before, after = self.before.usd_per_answer, self.after.usd_per_answer
        return None if before is None or after is None else after - before

    @property
    def month_usd(self) -> Decimal | None:
        """What that comes to in a month; None where it is not known, 0 where nobody writes."""
        return None if self.change_usd is None else self.change_usd * Decimal(self.messages_a_day) * DAYS_A_MONTH


@dataclass(frozen=True)
class Alert:
    """Whether the change would trip the day's alert, in one scope."""

    scope: str
    """An assistant; empty for all together."""
    state: AlertState
    rise: float | None = None
    """Of the mean cost of a message, as a share; None where it is not known."""


@dataclass(frozen=True)
class Forecast:
    """What a change costs."""

    prompts: tuple[PromptForecast, ...]
    """Those of both versions, the largest change a month first."""
    alerts: tuple[Alert, ...]
    """All together first, then each assistant that changes."""

    @property
    def messages_a_day(self) -> float:
        """Of the prompts compared."""
        return sum(one.messages_a_day for one in self.prompts)

    @property
    def day_usd(self) -> Decimal | None:
        """What the change comes to in a day; None where it is not known of a prompt that people write to."""
        known = [one.month_usd for one in self.prompts if one.messages_a_day]
        if any(usd is None for usd in known):
            return None
        return sum((usd for usd in known if usd is not None), Decimal(0)) / DAYS_A_MONTH


def forecast(base: Mapping[str, Spend], head: Mapping[str, Spend], traffic: Traffic) -> Forecast:
    """The forecast for the prompts that both versions answered with a model."""
    prompts = [
        PromptForecast(name, base[name], after, traffic.daily([name]))
        for name, after in head.items()
        if name in base and after.answers and base[name].answers
    ]
    prompts.sort(key=lambda one: (-abs(one.month_usd or Decimal(0)), -one.messages_a_day, one.prompt))
    changed = [one for one in prompts if one.change_usd != 0]
    scopes = dict.fromkeys(["", *sorted({assistant_of(one.prompt) for one in changed})])
    return Forecast(tuple(prompts), tuple(_alert(scope, changed, traffic) for scope in scopes))


def assistant_of(prompt: str) -> str:
    """The prompt's name without its locale."""
    return prompt.rpartition(".")[0] or prompt


def _alert(scope: str, changed: Iterable[PromptForecast], traffic: Traffic) -> Alert:
    own = {name: of for name, of in traffic.prompts.items() if scope in ("", assistant_of(name))}
    moved = [one for one in changed if one.prompt in own]
    messages, priced = sum(of.messages for of in own.values()), sum(of.priced_messages for of in own.values())
    usd = sum((of.usd for of in own.values()), Decimal(0))
    added = [None if one.change_usd is None else one.change_usd * own[one.prompt].messages for one in moved]
    if not priced or not usd or any(more is None for more in added):
        return Alert(scope, "unknown")
    rise = sum((more for more in added if more is not None), Decimal(0)) / messages / (usd / priced)
    if messages / traffic.days < traffic.min_messages:
        return Alert(scope, "too_few", float(rise))
    return Alert(scope, "trips" if rise > Decimal(str(traffic.max_rise)) else "passes", float(rise))

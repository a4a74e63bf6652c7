"""Hours of messages with real price arithmetic, and a platform of a test's own whose channel remembers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from flows.wiring import Platform
from matria.costs.base import Cost, LedgerEntry, UnitPrices, Usage
from tests.notice_doubles import Channel

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PRICES = UnitPrices(input=Decimal("0.40"), cached=Decimal("0.10"), output=Decimal("1.60"))
"""US dollars a million tokens."""
A_DAY = 480


@dataclass(frozen=True)
class Traffic:
    """What the messages of a stretch of time are like."""

    prompt: str = "gestante/triagem"
    version: str = "1.0.0"
    prompt_tokens: int = 1000
    an_hour: int = 20
    is_priced: bool = True


def messages(start: datetime, end: datetime, *of: Traffic, late: str = "") -> Iterator[LedgerEntry]:
    """Calls of each whole hour in the window: 300 to 500 tokens of context, 100 to 200 answered, seeded by the hour."""
    hour = start
    while hour < end:
        for traffic in of or (Traffic(),):
            random = Random(f"{hour} {traffic.prompt} {late}")
            for number in range(traffic.an_hour):
                name = f"{late}{hour:%d%H}-{traffic.prompt}-{number}"
                yield call(name, hour + HOUR * (number / traffic.an_hour), traffic, random)
        hour += HOUR


def call(name: str, at: datetime, traffic: Traffic, random: Random) -> LedgerEntry:
    """One message's only call."""
    context, answered = random.randint(300, 500), random.randint(100, 200)
    asked = traffic.prompt_tokens + context
    usd = (PRICES.input or 0) * asked / 10**6 + (PRICES.output or 0) * answered / 10**6
    priced = Cost("priced", Decimal(usd), "list 1", date(2026, 11, 1), PRICES)
    unpriced = Cost("unpriced", None, "no price", date(2026, 11, 1))
    return LedgerEntry(
        call_id=name,
        at=at + timedelta(seconds=2),
        purpose="assistant",
        conversation_id=name,
        message_id=name,
        prompt_name=traffic.prompt,
        prompt_version=traffic.version,
        prompt_hash=traffic.version,
        persona=traffic.prompt.split("/")[0],
        locale="pt-BR",
        provider="openai",
        model="gpt-4.1-mini",
        model_snapshot="gpt-4.1-mini-2025-04-14",
        usage=Usage(asked, answered),
        latency_ms=800,
        cost=priced if traffic.is_priced else unpriced,
        is_simulated=False,
        message_at=at,
        serves="people",
        prompt_tokens=traffic.prompt_tokens,
    )


def platform_with(home: Path, channel: Channel, **settings: object) -> Platform:
    """A platform on a home of its own that tells this channel."""
    platform = Platform.load(home=home, **settings)
    vars(platform)["channels"] = {"channel": channel}
    return platform

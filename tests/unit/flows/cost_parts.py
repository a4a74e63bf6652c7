"""Two days of messages whose costs can be summed by hand, and what a rise of them looks like."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from matria.costs.base import Cost, LedgerEntry, Purpose, Rates, Serves, Usage
from matria.costs.causes.base import Cause, Landed, Part
from matria.costs.memory import MemorySums
from matria.costs.watching.base import Finding, Ratio, Side

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(hours=24)
RATES = Rates(date(2026, 11, 18), Decimal("5.50"), Decimal("0.90"), "BCB PTAX, ECB")


def call(
    message: str,
    usd: str | None,
    at: datetime,
    purpose: Purpose = "assistant",
    version: str = "1.0.0",
    serves: Serves = "people",
    prompt: str = "gestante/triagem",
    model: str = "gpt-4.1-mini",
    persona: str = "gestante",
    locale: str = "pt-BR",
    rates: Rates | None = None,
    is_simulated: bool = False,
) -> LedgerEntry:
    """One call of 1,000 tokens in, 200 of them cached, and 50 out."""
    cost = Cost(
        "unpriced" if usd is None else "priced",
        None if usd is None else Decimal(usd),
        "list 1",
        date(2026, 11, 20),
        rates=rates,
    )
    return LedgerEntry(
        call_id=f"{message}-{purpose}-{model}",
        at=at,
        purpose=purpose,
        conversation_id=message,
        message_id=message,
        prompt_name=prompt,
        prompt_version=version,
        prompt_hash="h",
        persona=persona,
        locale=locale,
        provider="azure",
        model="deployment",
        model_snapshot=model,
        usage=Usage(1000, 50, 200),
        latency_ms=10,
        cost=cost,
        is_simulated=is_simulated,
        message_at=at,
        serves=serves,
    )


def two_days() -> MemorySums:
    """24 messages of 1 cent the day before; 24 of 2 cents and a moderation of 0.4 cent on the last, one an hour.

    So a message cost 1.0 and costs 2.4 cents; the newest version came 12 hours ago. Evaluations cost a dollar.
    """
    entries = []
    for hour in range(24):
        before, last = NOW - 2 * DAY + timedelta(hours=hour, minutes=30), NOW - DAY + timedelta(hours=hour, minutes=30)
        version = "1.1.0" if hour >= 12 else "1.0.0"
        entries += [
            call(f"b{hour}", "0.01", before, rates=RATES),
            call(f"l{hour}", "0.02", last, version=version, rates=RATES),
            call(f"l{hour}", "0.004", last, "moderation", version, model="moderator", rates=RATES),
        ]
    entries.append(call("case", "1", NOW - timedelta(hours=2), "evaluation", serves="evaluation"))
    return MemorySums(entries)


def rise() -> Finding:
    """The alert of the two days."""
    before = Side(NOW - 2 * DAY, NOW - DAY, 24, 24, Decimal("0.24"), 24, 0)
    return Finding(
        "day", "", "alert", Side(NOW - DAY, NOW, 24, 24, Decimal("0.576"), 48, 0), before, Ratio(2.4, 2.4, 2.4), ()
    )


LANDED = Landed(
    "prompt", "gestante/triagem", "1.0.0", "1.1.0", NOW - timedelta(hours=11, minutes=30), "abc1234",
    "<b>Author</b>", "Ask <script>alert(1)</script> first", 12,
)  # fmt: skip


def cause() -> Cause:
    """Of 1.4 cents more, 1.1 by longer answers, 0.4 by moderation, and 0.1 less by a shorter prompt."""
    parts = (
        Part("output_tokens", Fraction(11, 1000), "gestante/triagem", 50, 105),
        Part("moderation", Fraction(4, 1000), "", 0, 1),
        Part("prompt_tokens", Fraction(-1, 1000), "", 900, 850),
    )
    return Cause(Fraction(1, 100), Fraction(24, 1000), parts, (LANDED,))

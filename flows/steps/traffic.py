"""What people wrote in the last seven days, by prompt, from the ledger: what a forecast of cost multiplies with."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evals.report import Traffic
    from flows.wiring import Platform
    from matria.costs.sums import CostSums
    from matria.policy import Policy

DAYS = 7
"""A whole week, since weekends differ."""


def real_traffic(platform: "Platform", now: datetime | None = None) -> "Traffic | None":
    """The last seven days of the ledger; None where nobody wrote in them."""
    from flows.steps.costs import cost_sums

    return traffic_of(cost_sums(platform), platform.policy, now or datetime.now(UTC))


def traffic_of(sums: "CostSums", policy: "Policy", now: datetime) -> "Traffic | None":
    """The messages of seven days before `now`, by prompt and locale; one query by day.

    Simulated messages count only where there are no real ones, and are marked.
    """
    from decimal import Decimal

    from evals.report import PromptTraffic, Traffic
    from matria.costs.kinds import one_kind
    from matria.costs.sums import Window

    kind = one_kind(sums, Window(now - timedelta(days=DAYS), now, timedelta(days=1)))
    found: dict[str, PromptTraffic] = {}
    rows = [row for row in kind.messages if row.messages]
    for row in rows:
        name = f"{row.prompt_name}.{row.locale}" if row.prompt_name else ""
        so_far = found.get(name, PromptTraffic(0, 0, Decimal(0)))
        found[name] = PromptTraffic(
            so_far.messages + row.messages, so_far.priced_messages + row.priced_messages, so_far.usd + row.usd
        )
    if not found:
        return None
    return Traffic(
        prompts=found,
        days=DAYS,
        source=f"{now - timedelta(days=DAYS):%Y-%m-%d} – {now:%Y-%m-%d}",
        max_rise=policy.number("costs.max_rise_24h"),
        min_messages=policy.count("costs.min_messages"),
        days_with_messages=len({row.slot for row in rows}),
        is_simulated=kind.is_simulated,
    )

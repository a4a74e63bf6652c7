"""How many messages the service answers a day, from the ledger: what a forecast of cost multiplies with."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evals.report import Volume
    from flows.wiring import Platform

DAYS = 7
"""A whole week, since weekends differ."""


def message_volume(platform: "Platform", now: datetime | None = None) -> "Volume | None":
    """Messages a day over the last whole week of the ledger; None where it holds none."""
    from evals.report import Volume

    end = (now or datetime.now(UTC)).replace(hour=0, minute=0, second=0, microsecond=0)
    entries = platform.ledger.between(end - timedelta(days=DAYS), end)
    messages = {entry.message_id for entry in entries if entry.purpose == "assistant"}
    return Volume(len(messages) / DAYS, f"ledger, {DAYS} days to {end:%Y-%m-%d}") if messages else None

"""A process that writes a ledger: `ledger_writer.py KIND ADDRESS NAME COUNT` prints each number once it is recorded."""

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from matria.costs.base import Cost, LedgerEntry, Usage
from matria.costs.ledger.postgres import PostgresLedger
from matria.costs.ledger.sqlite import SqliteLedger

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST = LedgerEntry(
    "", NOON, "assistant", "c", "m", "gestante/triagem", "1.0.0", "h", "gestante", "pt-BR", "simulator", "simulator-1",
    "simulator-1", Usage(10, 5), 1.0, Cost("priced", Decimal("0.001"), "list", date(2026, 11, 20)), True, NOON,
    "people",
)  # fmt: skip


def main(kind: str, address: str, name: str, count: int) -> None:
    """Each number twice: one call of its own, and one that all writers share."""
    ledger = SqliteLedger(Path(address)) if kind == "sqlite" else PostgresLedger(address)
    for n in range(count):
        at = NOON + timedelta(seconds=n)
        calls = [f"{name}-{n}", f"shared-{n}"]
        ledger.record([replace(FIRST, call_id=call, message_id=call, at=at, message_at=at) for call in calls])
        print(n, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))

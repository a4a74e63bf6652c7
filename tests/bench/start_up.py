"""How long `matria --help` takes as a whole process, beside a Python that does nothing; medians of alternating runs."""

import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 15
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "matria --help": [str(Path(sys.executable).with_name("matria")), "--help"],
    "matria eval --help": [str(Path(sys.executable).with_name("matria")), "eval", "--help"],
}


def seconds(command: list[str]) -> float:
    """One run, wall clock."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Prints a line per command."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for run in range(RUNS + 1):
        for name, command in COMMANDS.items():
            took = seconds(command)
            if run:
                taken[name].append(took)
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, {RUNS} runs")
    for name, values in taken.items():
        print(f"{name:22} median {statistics.median(values):.3f} s, {min(values):.3f} to {max(values):.3f}")


if __name__ == "__main__":
    main()

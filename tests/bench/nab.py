"""The labelled series of Numenta's benchmark as hours of messages, so that the rules on cost run on them as they are.

A reading every five minutes stands for ten messages of one conversation that cost what it reads: 2,880 messages a day,
120 an hour, twelve conversations an hour. A negative reading is taken as 0. Half of the series, every second by name,
is for choosing thresholds; the other half says what the choice is worth.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

from matria.costs.sums import bucket_of
from matria.costs.watching.base import TOTAL
from matria.costs.watching.hours import HOUR, Hours, ScopeHours

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "nab"
MESSAGES = 10
"""Of a reading."""
Half = Literal["chosen", "held out"]


@dataclass(frozen=True)
class Series:
    """One series with its labelled windows."""

    name: str
    half: Half
    times: tuple[datetime, ...]
    values: tuple[float, ...]
    windows: tuple[tuple[datetime, datetime], ...]

    @property
    def days(self) -> float:
        """How long it is."""
        return (self.times[-1] - self.times[0]) / (24 * HOUR)

    def hours(self) -> Hours:
        """All of it by hour, the last full hour newest."""
        count = int((self.times[-1] - self.times[0]) / HOUR)
        until, total = self.times[0] + count * HOUR, ScopeHours(count)
        for place, (at, value) in enumerate(zip(self.times, self.values, strict=True)):
            if at >= until:
                break
            slot, bucket, usd = int((until - at - _MOMENT) / HOUR), bucket_of(f"{self.name}/{place}"), max(0.0, value)
            total.messages[slot] += MESSAGES
            total.priced[slot] += MESSAGES
            total.calls[slot] += MESSAGES
            total.usd[slot] += MESSAGES * Decimal(f"{usd:.12f}")
            total.bucket_messages[slot, bucket] += MESSAGES
            total.bucket_usd[slot, bucket] += MESSAGES * usd
        return Hours(until, "nab", count, {TOTAL: total})

    def is_labelled(self, at: datetime) -> bool:
        """Whether the moment lies in a labelled window."""
        return any(start <= at <= end for start, end in self.windows)


_MOMENT = HOUR / 3_600_000_000


def all_series() -> Iterator[Series]:
    """Every series that is there. Raises SystemExit where the folder is absent."""
    if not FOLDER.is_dir():
        raise SystemExit(f"{FOLDER} is not there: these series are read where they lie and are no part of the project.")
    windows = json.loads((FOLDER / "windows.json").read_text(encoding="utf-8"))
    for place, name in enumerate(sorted(windows)):
        with (FOLDER / name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        yield Series(
            name,
            "held out" if place % 2 else "chosen",
            tuple(_time(row["timestamp"]) for row in rows),
            tuple(float(row["value"]) for row in rows),
            tuple((_time(start), _time(end)) for start, end in windows[name]),
        )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)

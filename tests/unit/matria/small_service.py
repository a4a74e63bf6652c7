"""What the fixture `service` holds: a simulated service and what ingesting it left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from matria.events.base import Event
from matria.events.ingest import Stores
from matria.events.report import IngestReport

UNTIL = date(2026, 6, 30)


@dataclass(frozen=True)
class Service:
    """A simulated service and what ingesting it left."""

    home: Path
    source: Path
    events: list[Event]
    stores: Stores
    report: IngestReport
    tables: Mapping[str, pd.DataFrame]
    """Clean tables by name."""

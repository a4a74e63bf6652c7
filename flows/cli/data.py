"""`matria simulate` and `matria ingest`: from events to clean tables."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer


def simulate(
    patients: Annotated[int, typer.Option(min=1, help="How many patients the service follows.")] = 3000,
    seed: Annotated[int, typer.Option(help="Same seed, same events.")] = 7,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day on which the record ends; by default the newest quarter's end."),
    ] = None,
    drift: Annotated[bool, typer.Option("--drift", help="Shift the population, as a year may.")] = False,
    out: Annotated[Path | None, typer.Option(help="File to write; by default in the inbox.")] = None,
) -> None:
    """Write synthetic events of a maternal-health service."""
    from flows.cli import show
    from flows.steps.data import simulate_events
    from flows.wiring import Platform

    written = simulate_events(Platform.load(), patients, seed, until.date() if until else None, drift, out)
    show.line(f"{written.events:,} events of {patients:,} patients in {show.path(written.path)}")


def ingest(
    source: Annotated[
        list[Path] | None,
        typer.Option(help="JSON Lines or CSV file; may be given again. Default: every file of the inbox."),
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="YAML that maps a CSV's columns to a table.")] = None,
) -> None:
    """Land events, check their contracts, anonymise.

    Each row ends clean, collapsed as a duplicate, or in quarantine with its reason; the counts are shown.
    """
    from flows.cli import show
    from flows.steps.data import ingest_events
    from flows.wiring import Platform

    show.ingested(ingest_events(Platform.load(), tuple(source or ()), mapping))

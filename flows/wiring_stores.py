"""Chooses where things come from, where they are kept and who is told: events, features, ledger, notices, handovers.

`flows.wiring` has all else, and the `Platform` that calls these.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from matria.errors import SettingsError
from matria.settings import Settings

if TYPE_CHECKING:
    from matria.contracts.contract import Contract
    from matria.costs.ledger.store import SqlLedger
    from matria.costs.watching.store import WatchMemory
    from matria.events.base import EventSource
    from matria.features.base import OfflineStore, OnlineStore
    from matria.handover.base import Handovers
    from matria.notify.base import Notifier
    from matria.notify.outbox import Outbox


def event_source(
    settings: Settings, path: Path, contracts: "Mapping[str, Contract]", mapping: Path | None
) -> "EventSource":
    """Where events come from."""
    match settings.events.kind:
        case "file":
            from matria.events.file import open_file

            return open_file(path, contracts, mapping)
    assert_never(settings.events.kind)


def offline_features(settings: Settings) -> "OfflineStore":
    """Features for training."""
    match settings.features.offline:
        case "parquet":
            from matria.features.parquet import ParquetFeatures

            return ParquetFeatures(settings.home / "features")
    assert_never(settings.features.offline)


def online_features(settings: Settings) -> "OnlineStore":
    """Features for serving."""
    match settings.features.online:
        case "sqlite":
            from matria.features.sqlite import SqliteFeatures

            return SqliteFeatures(settings.home / "features" / "online.db")
    assert_never(settings.features.online)


def ledger(settings: Settings) -> "SqlLedger":
    """Where the cost of each call is kept; adds up as well (`matria.costs.sums.CostSums`)."""
    match settings.ledger.kind:
        case "sqlite":
            from matria.costs.ledger.sqlite import SqliteLedger

            return SqliteLedger(settings.home / "costs" / "ledger.db")
        case "postgres":
            from matria.costs.ledger.postgres import PostgresLedger

            return PostgresLedger(_ledger_url(settings))
    assert_never(settings.ledger.kind)


def watch_memory(settings: Settings) -> "WatchMemory":
    """Where the cost watch remembers: in the ledger's PostgreSQL, else in a file of its own."""
    from matria.costs.watching.store import WatchMemory

    return WatchMemory(beside_the_ledger(settings, "costs/watch.db"))


def channels(settings: Settings) -> "Mapping[str, Notifier]":
    """Where people are told, by name. Raises `SettingsError` for an address that does not fit."""
    match settings.notify.kind:
        case "console":
            from matria.notify.console import ConsoleNotifier

            return {"console": ConsoleNotifier()}
        case "apprise":
            from matria.notify.addresses import addresses
            from matria.notify.apprise import AppriseNotifier

            of = settings.notify
            return {name: AppriseNotifier(name, url, of.timeout_s) for name, url in addresses(of.urls).items()}
    assert_never(settings.notify.kind)


def outbox(settings: Settings, names: Sequence[str]) -> "Outbox":
    """Where notices wait: in the ledger's PostgreSQL, else in a file of their own."""
    from matria.notify.outbox import Outbox

    return Outbox(beside_the_ledger(settings, "notices/outbox.db"), names)


def beside_the_ledger(settings: Settings, file: str) -> Path | str:
    """Where what belongs to the ledger lies: in its PostgreSQL, else in a file of its own below home."""
    return settings.home / file if settings.ledger.kind == "sqlite" else _ledger_url(settings)


def _ledger_url(settings: Settings) -> str:
    if settings.ledger.url is None:
        raise SettingsError("MATRIA_LEDGER__KIND=postgres needs MATRIA_LEDGER__URL, such as postgresql://HOST/NAME.")
    return settings.ledger.url.get_secret_value()


def handovers(settings: Settings) -> "Handovers":
    """Where conversations wait for a person."""
    match settings.handover.kind:
        case "sqlite":
            from matria.handover.sqlite import SqliteHandovers

            return SqliteHandovers(settings.home / "handover" / "handovers.db")
    assert_never(settings.handover.kind)

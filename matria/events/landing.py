"""Raw: what was received, kept as it was, in `raw/<topic>/date=YYYY-MM-DD/<content digest>.parquet`.

The folder is the UTC day on which a content first landed, not the day of its events: a backfill of three years then
makes one file a topic instead of a thousand, and a device with a wrong clock cannot name a folder. The same content is
never landed twice, on whatever day it comes again. Raw holds identifiers: its root is closed to others, and nothing but
ingestion reads it.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matria import durable
from matria.errors import StorageError
from matria.events.base import Batch, Event, Rejected

if TYPE_CHECKING:
    import pyarrow as pa

UNREADABLE = "unreadable"
"""The topic of what is no event."""

Writer = Callable[["pa.Table", Path], object]


@dataclass(frozen=True)
class Landed:
    """One file of raw."""

    topic: str
    content_digest: str
    """SHA-256 of the events, in their order."""
    path: Path
    rows: int
    is_new: bool
    """False where the same content lay there before."""


def write_parquet(table: "pa.Table", path: Path) -> None:
    """The table as Parquet at `path`."""
    import pyarrow.parquet as pq

    pq.write_table(table, path, compression="zstd")


def land(batch: Batch, root: Path, now: datetime, write: Writer = write_parquet) -> list[Landed]:
    """The files that hold the batch, one a topic, each whole or absent whatever happens meanwhile.

    Raises `StorageError` where the disk does not take one; those landed before stay.
    """
    by_topic: dict[str, list[Event]] = {}
    for event in batch.events:
        by_topic.setdefault(event.topic, []).append(event)
    landed = [_land(topic, _event_rows(events), root, now, write) for topic, events in sorted(by_topic.items())]
    if batch.rejected:
        landed.append(_land(UNREADABLE, _rejected_rows(batch.rejected), root, now, write))
    return landed


def read_events(files: Iterable[Landed]) -> list[dict[str, Any]]:
    """The events of raw files as flat records, envelope and payload side by side, in the order landed."""
    return [{**json.loads(row.pop("payload")), **row} for landed in files for row in _rows(landed)]


def read_rejected(files: Iterable[Landed]) -> list[Rejected]:
    """What was received and is no event, in the order landed."""
    return [Rejected(**row) for landed in files for row in _rows(landed)]


def _land(topic: str, rows: Mapping[str, list[Any]], root: Path, now: datetime, write: Writer) -> Landed:
    import pyarrow as pa

    digest = _digest(topic, rows)
    count = len(next(iter(rows.values())))
    known = next(iter(sorted((root / topic).glob(f"date=*/{digest}.parquet"))), None)
    if known is not None:
        return Landed(topic, digest, known, count, is_new=False)
    path = root / topic / f"date={now:%Y-%m-%d}" / f"{digest}.parquet"
    _close_to_others(root)
    durable.write_with(path, lambda partial: write(pa.table(dict(rows)), partial))
    return Landed(topic, digest, path, count, is_new=True)


def _event_rows(events: Sequence[Event]) -> dict[str, list[Any]]:
    return {
        "event_id": [event.event_id for event in events],
        "occurred_at": [event.occurred_at for event in events],
        "schema_version": [event.schema_version for event in events],
        "payload": [json.dumps(event.payload, sort_keys=True, ensure_ascii=False) for event in events],
    }


def _rejected_rows(rejected: Sequence[Rejected]) -> dict[str, list[Any]]:
    return {
        "position": [item.position for item in rejected],
        "reason": [item.reason for item in rejected],
        "content": [item.content for item in rejected],
    }


def _digest(topic: str, rows: Mapping[str, list[Any]]) -> str:
    digest = hashlib.sha256(json.dumps([topic, list(rows)]).encode())
    for values in rows.values():
        digest.update(json.dumps(values).encode())
    return digest.hexdigest()


def _rows(landed: Landed) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    try:
        rows: list[dict[str, Any]] = pq.read_table(landed.path, partitioning=None).to_pylist()
    except (OSError, ValueError) as error:
        raise StorageError(f"{landed.path} cannot be read: delete it and run the same command again.") from error
    return rows


def _close_to_others(root: Path) -> None:
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise durable.storage_error(error, root) from error

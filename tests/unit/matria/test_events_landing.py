"""Raw: the same content lands once, whole or not at all, whatever happens meanwhile."""

import errno
import os
import random
import resource
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from matria.durable import sweep
from matria.errors import StorageError
from matria.events.base import Batch, Event, Rejected
from matria.events.landing import UNREADABLE, land, read_events, read_rejected

NOW = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)


def _event(number: int, topic: str = "labs") -> Event:
    payload: dict[str, Any] = {"patient_id": f"p{number}", "haemoglobin_g_dl": 11.5, "note": None, "é": "ü"}
    return Event(topic, f"e{number}", "2026-06-01T10:00:00Z", 1, payload)


BATCH = Batch([_event(1), _event(2, "vitals"), _event(3)], [Rejected(4, "is not JSON", "{ \x00 é")])


def test_events_land_under_topic_day_and_digest_and_read_back(tmp_path: Path) -> None:
    landed = land(BATCH, tmp_path / "raw", NOW)
    assert [(file.topic, file.rows, file.is_new) for file in landed] == [
        ("labs", 2, True),
        ("vitals", 1, True),
        (UNREADABLE, 1, True),
    ]
    for file in landed:
        assert file.path == tmp_path / "raw" / file.topic / "date=2026-07-01" / f"{file.content_digest}.parquet"
    assert read_events(landed[:1]) == [
        {"event_id": e.event_id, "occurred_at": e.occurred_at, "schema_version": 1, **e.payload}
        for e in (_event(1), _event(3))
    ]
    assert read_rejected(landed[2:]) == list(BATCH.rejected)


def test_the_same_content_lands_once_on_whatever_day_it_comes(tmp_path: Path) -> None:
    first = land(BATCH, tmp_path, NOW)
    again = land(BATCH, tmp_path, NOW + timedelta(hours=1))
    assert [file.path for file in again] == [file.path for file in first]
    assert not any(file.is_new for file in again)
    assert len(list(tmp_path.rglob("*.parquet"))) == 3


def test_other_content_lands_beside_it(tmp_path: Path) -> None:
    land(BATCH, tmp_path, NOW)
    for other in ([_event(3), _event(1)], [_event(1)], [_event(1), _event(3, "labs"), _event(3)]):
        assert land(Batch(other, []), tmp_path, NOW)[0].is_new


def test_an_envelope_wins_over_a_payload_that_claims_its_fields(tmp_path: Path) -> None:
    event = Event("labs", "e1", None, None, {"event_id": "forged", "schema_version": 9})
    assert read_events(land(Batch([event], []), tmp_path, NOW)) == [
        {"event_id": "e1", "occurred_at": None, "schema_version": None}
    ]


def test_raw_is_closed_to_others(tmp_path: Path) -> None:
    land(BATCH, tmp_path / "raw", NOW)
    assert (tmp_path / "raw").stat().st_mode & 0o077 == 0


def test_a_damaged_raw_file_is_one_sentence(tmp_path: Path) -> None:
    landed = land(BATCH, tmp_path, NOW)
    landed[0].path.write_bytes(b"PAR1 and then nothing")
    with pytest.raises(StorageError, match="delete it and run the same command again"):
        read_events(landed[:1])


def test_a_full_disk_leaves_nothing_half_written_and_the_next_run_finishes(tmp_path: Path) -> None:
    def fails_on_vitals(table: pa.Table, path: Path) -> None:
        pq.write_table(table, path)
        if "vitals" in str(path):
            with path.open("r+b") as file:
                file.truncate(100)
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageError, match=r"The disk is full: .* Free some space"):
        land(BATCH, tmp_path, NOW, write=fails_on_vitals)
    assert [path.parent.parent.name for path in tmp_path.rglob("*") if path.is_file()] == ["labs"]
    assert [file.is_new for file in land(BATCH, tmp_path, NOW)] == [False, True, True]


LAND_MANY = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from matria.errors import StorageError
from matria.events.base import Batch, Event
from matria.events.landing import land

for number in range(int(sys.argv[2])):
    print(number, flush=True)
    events = [Event("labs", f"e{number}-{n}", None, 1, {"text": "x" * 50}) for n in range(200)]
    try:
        land(Batch(events, []), Path(sys.argv[1]), datetime(2026, 7, 1, tzinfo=UTC))
    except StorageError as error:
        print(error, flush=True)
        sys.exit(error.exit_code)
sys.stdin.read()
"""
"""Lands batch after batch, says which one it begins, and ends when nobody tells it to wait any more."""


def _start(folder: Path, batches: int, **options: Any) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", LAND_MANY, str(folder), str(batches)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)


def _rows(folder: Path) -> list[int]:
    return [len(pq.read_table(path, partitioning=None)) for path in folder.rglob("[!.]*.parquet")]


def test_a_kill_at_any_instant_leaves_raw_whole(tmp_path: Path) -> None:
    moments = random.Random(20260701)
    batches = 60
    for most in (10, 25, 40, 55):
        process = _start(tmp_path, batches)
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(moments.randint(most - 9, most)):
            process.stdout.readline()
        time.sleep(moments.uniform(0, 0.01))  # wherever in a batch that is
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        process.stdin.close()
        process.stdout.close()
        assert set(_rows(tmp_path)) <= {200}
    process = _start(tmp_path, batches)
    process.communicate()
    assert process.returncode == 0
    assert _rows(tmp_path) == [200] * batches
    sweep(tmp_path)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == batches


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="this system does not limit file sizes")
def test_a_disk_that_takes_no_more_is_a_storage_error(tmp_path: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))

    process = _start(tmp_path, 1, preexec_fn=limit, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    told, _ = process.communicate()
    assert process.returncode == StorageError.exit_code
    assert "could not be written" in told
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

"""What is particular to the SQLite ledger; what every ledger does is in tests/contracts/test_ledgers.py."""

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from matria.costs.base import Cost, LedgerEntry, Usage
from matria.costs.sqlite import COLUMNS, SCHEMA_VERSION, SqliteLedger
from matria.errors import StorageError

WRITER = """
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, date
from decimal import Decimal
from pathlib import Path
from matria.costs.base import Cost, LedgerEntry, Usage
from matria.costs.sqlite import SqliteLedger

path, writer, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
first = LedgerEntry("", noon, "assistant", "c", "m", "gestante/triagem", "1.0.0", "h", "gestante", "pt-BR", "simulator",
                    "simulator-1", "simulator-1", Usage(10, 5), 1.0,
                    Cost("priced", Decimal("0.001"), "list", date(2026, 11, 20)), True, noon, "people")
ledger = SqliteLedger(path)
for n in range(count):
    own = replace(first, call_id=f"{writer}-{n}", at=noon + timedelta(seconds=n))
    shared = replace(first, call_id=f"shared-{n}", at=noon + timedelta(seconds=n))
    ledger.record([own, shared])
    print(n, flush=True)
"""


def entry(call_id: str) -> LedgerEntry:
    cost = Cost("priced", Decimal("0.001"), "list", date(2026, 11, 20))
    return LedgerEntry(
        call_id, datetime(2026, 11, 20, tzinfo=UTC), "assistant", "c", "m", "gestante/triagem", "1.0.0", "h",
        "gestante", "pt-BR", "simulator", "simulator-1", "simulator-1", Usage(10, 5), 1.0, cost, True,
        datetime(2026, 11, 20, tzinfo=UTC), "people",
    )  # fmt: skip


def start_writer(path: Path, writer: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), writer, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def calls(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        return [row[0] for row in connection.execute("SELECT call_id FROM ledger_entries")]


def test_two_processes_write_at_once_and_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    writers = [start_writer(path, name, 50) for name in ("left", "right")]
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors
    expected = {f"{name}-{n}" for name in ("left", "right", "shared") for n in range(50)}
    assert set(calls(path)) == expected
    assert len(calls(path)) == len(expected)


def test_what_record_returned_for_outlives_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    writer = start_writer(path, "victim", 100_000)
    assert writer.stdout is not None
    acknowledged = [int(writer.stdout.readline()) for _ in range(20)]
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate()
    assert {f"victim-{n}" for n in acknowledged} <= set(calls(path))
    assert SqliteLedger(path).ping()


@pytest.mark.parametrize("change", ["UPDATE ledger_entries SET cost_usd = '0'", "DELETE FROM ledger_entries"])
def test_the_file_refuses_changes_whoever_opens_it(tmp_path: Path, change: str) -> None:
    path = tmp_path / "ledger.db"
    start_writer(path, "only", 1).communicate(timeout=60)
    with sqlite3.connect(path) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(change)


def test_a_file_that_is_no_ledger_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_text("Dear diary, this is no database at all." * 100)
    with pytest.raises(StorageError, match="move it away"):
        SqliteLedger(path).ping()


def test_a_ledger_of_another_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(StorageError, match=f"version {SCHEMA_VERSION + 1}"):
        SqliteLedger(path).ping()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "costs").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="ledger"):
        SqliteLedger(tmp_path / "costs" / "ledger.db").ping()


def test_a_full_disk_says_so_and_keeps_what_was_there(tmp_path: Path) -> None:
    """SQLite's own page limit stands in for the disk: it raises the same SQLITE_FULL."""
    ledger = SqliteLedger(tmp_path / "ledger.db")
    ledger.record([entry("kept")])
    with ledger._connection() as connection:
        connection.execute("PRAGMA max_page_count = 8")
    with pytest.raises(StorageError, match="disk is full"):
        ledger.record([entry(f"call-{n}") for n in range(1000)])
    assert calls(tmp_path / "ledger.db") == ["kept"]


def test_a_ledger_from_before_text_records_is_read_and_written_on(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    newer = ("text_records", "cache_write_tokens", "tier", "message_us", "serves", "prompt_tokens")
    columns = [column for column in COLUMNS if not column.startswith(newer)]
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE ledger_entries ({', '.join(columns)}) WITHOUT ROWID")
        row = [COLUMNS[column](entry("old")) for column in columns]
        connection.execute(f"INSERT INTO ledger_entries VALUES ({', '.join('?' * len(row))})", row)
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    counted = replace(entry("new"), usage=Usage(0, 0, text_records=3))
    assert SqliteLedger(path).record([counted]) == 1
    kept = SqliteLedger(path).between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert sorted(kept, key=lambda each: each.call_id) == [counted, entry("old")]

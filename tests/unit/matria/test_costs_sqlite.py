"""What is particular to the SQLite ledger; what every ledger does is in tests/contracts/test_ledgers.py."""

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from matria.costs.base import Cost, LedgerEntry, Usage
from matria.costs.ledger.cells import unpacked
from matria.costs.ledger.sqlite import SqliteLedger
from matria.errors import StorageError

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
RELEASED = """CREATE TABLE ledger_entries (
    call_id TEXT PRIMARY KEY, at_us INTEGER NOT NULL, purpose TEXT NOT NULL, conversation_id TEXT NOT NULL,
    message_id TEXT NOT NULL, prompt_name TEXT NOT NULL, prompt_version TEXT NOT NULL, prompt_hash TEXT NOT NULL,
    persona TEXT NOT NULL, locale TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL,
    model_snapshot TEXT NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, latency_ms REAL NOT NULL,
    cost_state TEXT NOT NULL, cost_usd TEXT, price_source TEXT NOT NULL, priced_on TEXT NOT NULL,
    is_simulated INTEGER NOT NULL{records}, CHECK ((cost_state = 'unpriced') = (cost_usd IS NULL))) WITHOUT ROWID"""
READER = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from matria.costs.ledger.sqlite import SqliteLedger
from matria.costs.summary import compare
from matria.errors import StorageError

folder = Path(sys.argv[1])
SqliteLedger(folder / "own" / "ledger.db").ping()  # what is imported late is imported
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
ledger = SqliteLedger(folder / "ledger.db")
try:
    print(compare(ledger, 24, datetime(2026, 11, 20, 1, tzinfo=UTC)).last.all.messages, ledger.ping())
    ledger.record(ledger.between(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)))
except StorageError as error:
    print(error)
"""
"""A process that may not write the ledger: it reads, and then it writes."""
WRITER = Path(__file__).parents[2] / "contracts" / "ledger_writer.py"


def entry(call_id: str) -> LedgerEntry:
    cost = Cost("priced", Decimal("0.001"), "list", date(2026, 11, 20))
    return LedgerEntry(
        call_id, datetime(2026, 11, 20, tzinfo=UTC), "assistant", "c", "m", "gestante/triagem", "1.0.0", "h",
        "gestante", "pt-BR", "simulator", "simulator-1", "simulator-1", Usage(10, 5), 1.0, cost, True,
        datetime(2026, 11, 20, tzinfo=UTC), "people",
    )  # fmt: skip


def start_writer(path: Path, writer: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(WRITER), "sqlite", str(path), writer, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=WRITER.parents[2])


def calls(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        return [unpacked(row[0]) for row in connection.execute("SELECT call_id FROM ledger_entries")]


def test_a_file_that_is_no_ledger_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_text("Dear diary, this is no database at all." * 100)
    with pytest.raises(StorageError, match="move it away"):
        SqliteLedger(path).ping()


def test_who_may_not_write_a_ledger_reads_it(unwritable: Path) -> None:
    """A folder in which nobody writes, and one in which another process has the ledger open."""
    path = unwritable / "ledger.db"
    ledger = SqliteLedger(path)
    ledger.record([entry("a")])
    assert read_without_rights(unwritable) == ["1 SQLite ledger ledger.db, 1 calls", "cannot be written"]
    ledger.record([replace(entry("b"), message_id="n")])
    assert read_without_rights(unwritable) == ["2 SQLite ledger ledger.db, 2 calls", "cannot be written"]
    ledger.close()
    assert sorted(each.name for each in unwritable.iterdir()) == ["ledger.db", "own"], "nothing lies beside it"
    assert read_without_rights(unwritable) == ["2 SQLite ledger ledger.db, 2 calls", "cannot be written"]


def test_an_older_ledger_that_may_not_be_written_says_who_must_open_it(unwritable: Path) -> None:
    with sqlite3.connect(unwritable / "ledger.db") as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(RELEASED.format(records=""))
    connection.close()
    assert read_without_rights(unwritable) == ["open it once as a user who may write it"]


@pytest.fixture
def unwritable() -> Iterator[Path]:
    """A folder that a process without rights can come to."""
    folder = Path(tempfile.mkdtemp())
    (folder / "own").mkdir()
    try:
        yield folder
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def read_without_rights(folder: Path) -> list[str]:
    """What such a process says, or the part of it that matters."""
    for file in folder.glob("ledger.db*"):
        file.chmod(0o444)
    folder.chmod(0o555)
    command = [sys.executable, "-c", READER, str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=WRITER.parents[2])
    folder.chmod(0o755)
    assert not run.stderr
    told = ("cannot be written", "open it once as a user who may write it")
    return [next((part for part in told if part in line), line) for line in run.stdout.splitlines()]


def test_a_ledger_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    SqliteLedger(path).record([entry("a")])
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE ledger_schema SET version_num = '9999'")
    with pytest.raises(StorageError, match="version 9999"):
        SqliteLedger(path).ping()


def test_a_file_of_no_released_version_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 7")
    with pytest.raises(StorageError, match="version 7.*move it away"):
        SqliteLedger(path).ping()


def test_replacing_a_row_changes_nothing(tmp_path: Path) -> None:
    """`INSERT OR REPLACE` deletes without asking the trigger on deletions."""
    path = tmp_path / "ledger.db"
    ledger = SqliteLedger(path)
    ledger.record([entry("a")])
    with sqlite3.connect(path) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(ledger_entries)")]
        chosen = ", ".join("0" if c == "picodollars" else c for c in columns)
        connection.execute(f"INSERT OR REPLACE INTO ledger_entries SELECT {chosen} FROM ledger_entries")
        chosen = ", ".join("NULL" if c == "written" else "0" if c == "picodollars" else c for c in columns)
        connection.execute(f"INSERT OR REPLACE INTO ledger_entries SELECT {chosen} FROM ledger_entries")
    assert list(ledger.between(*ALWAYS)) == [entry("a")]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "costs").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="ledger"):
        SqliteLedger(tmp_path / "costs" / "ledger.db").ping()


def test_a_full_disk_says_so_and_keeps_what_was_there(tmp_path: Path) -> None:
    """SQLite's own page limit stands in for the disk: it raises the same SQLITE_FULL."""
    ledger = SqliteLedger(tmp_path / "ledger.db")
    ledger.record([entry("kept")])
    with ledger._database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 3}")
    with pytest.raises(StorageError, match="disk is full"):
        ledger.record([entry(f"call-{n}") for n in range(1000)])
    assert calls(tmp_path / "ledger.db") == ["kept"]


def released_file(path: Path, version: int) -> None:
    """Of the earlier form: two calls of a person's message, one of an evaluation without a price."""
    records = ", text_records INTEGER NOT NULL DEFAULT 0" if version == 2 else ""
    rows = [
        ("judged", 9_000_000, "evaluation", "case", "m2", None),
        ("second", 5_000_000, "moderation", "ab" * 32, "m1", "0.00000000000149"),
        ("first", 3_000_000, "assistant", "ab" * 32, "m1", "0.0004"),
    ]
    with sqlite3.connect(path) as connection:
        connection.execute(RELEASED.format(records=records))
        connection.execute("CREATE INDEX ledger_entries_at ON ledger_entries (at_us, call_id)")
        for change in ("UPDATE", "DELETE"):
            connection.execute(
                f"CREATE TRIGGER ledger_entries_no_{change} BEFORE {change} ON ledger_entries "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
            )
        for call_id, at_us, purpose, conversation, message, usd in rows:
            row: list[object] = [call_id, at_us, purpose, conversation, message, "gestante/triagem", "1.0.0", "h"]
            row += ["gestante", "pt-BR", "openai", "gpt", "gpt-1", 10, 5, 4, 1, 812.5]
            row += ["unpriced" if usd is None else "priced", usd, "list", "2026-11-20", 0]
            row += [3] if version == 2 else []
            connection.execute(f"INSERT INTO ledger_entries VALUES ({', '.join('?' * len(row))})", row)
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()


@pytest.mark.parametrize("version", [1, 2])
def test_a_released_ledger_keeps_every_entry_and_is_written_on(tmp_path: Path, version: int) -> None:
    """The message came when its first call ended, at 3 s; the second call's 1.49 picodollars are rounded to 1."""
    path = tmp_path / "ledger.db"
    released_file(path, version)
    assert SqliteLedger(path).record([entry("new"), entry("first")]) == 1
    first, second, judged, new = SqliteLedger(path).between(*ALWAYS)
    came = datetime(1970, 1, 1, 0, 0, 3, tzinfo=UTC)
    assert first == LedgerEntry(
        "first", came, "assistant", "ab" * 32, "m1", "gestante/triagem", "1.0.0", "h", "gestante", "pt-BR", "openai",
        "gpt", "gpt-1", Usage(10, 5, 4, 1, text_records=3 if version == 2 else 0), 812.5,
        Cost("priced", Decimal("0.0004"), "list", date(2026, 11, 20)), False, came, "people",
    )  # fmt: skip
    assert (second.message_at, second.serves, second.cost.usd) == (came, "people", Decimal("0.000000000001"))
    assert (judged.serves, judged.cost.state, judged.message_at) == ("evaluation", "unpriced", judged.at)
    assert new == entry("new")


def test_a_released_ledger_that_cannot_be_taken_over_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    released_file(path, 2)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER ledger_entries_no_UPDATE")
        connection.execute("UPDATE ledger_entries SET cost_usd = '-1' WHERE call_id = 'first'")
    with pytest.raises(StorageError, match="USD is no cost of a call"):
        SqliteLedger(path).ping()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM ledger_entries").fetchone() == (3,)
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)


def test_two_processes_take_a_released_ledger_over_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    released_file(path, 2)
    writers = [start_writer(path, name, 5) for name in ("left", "right")]
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors
    assert len(calls(path)) == 3 + 5 + 5 + 5


def test_dates_far_away_and_odd_ids_come_back(tmp_path: Path) -> None:
    times = {"": FIRST, "ABCD": LAST, "é\x00": datetime(1969, 1, 1, tzinfo=UTC), "ab1": EPOCH}
    odd = [
        replace(entry(name), message_id=name, conversation_id=name, at=at, message_at=at) for name, at in times.items()
    ]
    ledger = SqliteLedger(tmp_path / "ledger.db")
    assert ledger.record(odd) == 4
    expected = [each for each in odd if each.at < LAST]
    assert list(ledger.between(FIRST, LAST)) == sorted(expected, key=lambda each: each.at)

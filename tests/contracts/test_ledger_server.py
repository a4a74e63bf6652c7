"""What is particular to the ledger in PostgreSQL: a server that is away, refuses, breaks off, or is another one."""

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from ledger_places import LedgerPlace, postgres_address
from test_cost_sums import DAY, NOON, entry

from matria.costs.ledger.postgres import PostgresDatabase, PostgresLedger, snapshot_of
from matria.costs.sums import Window
from matria.errors import StorageError

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "ledger.md"
SQL = re.compile(r"^```sql\n(.*?)^```", re.MULTILINE | re.DOTALL)
ALWAYS = NOON - DAY, NOON + DAY


@pytest.fixture
def address(postgres_server: Any) -> str:
    return postgres_address(postgres_server)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hush@127.0.0.1:1/ledger",
        "postgresql://me:hush@nowhere.invalid/ledger",
        "postgresql://me:hush@127.0.0.1:port/ledger",
        "hush",
    ],
)
def test_a_server_that_is_away_is_told_without_its_password(url: str) -> None:
    with pytest.raises(StorageError, match="MATRIA_LEDGER__URL") as caught:
        PostgresLedger(url).ping()
    assert "hush" not in repr(caught.value) + str(caught.value.__cause__)


def test_a_wrong_password_is_told_without_it(postgres_server: Any) -> None:
    """The server asks one user for a password, which by itself it asks of nobody."""
    rules = postgres_server.pgdata / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(f"local all ledger_user scram-sha-256\n{before}")
    try:
        with psycopg.connect(postgres_server.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE ROLE ledger_user LOGIN PASSWORD 'right'")
            connection.execute("SELECT pg_reload_conf()")
        url = postgres_server.get_uri().replace("postgres:@", "ledger_user:hush@")
        with pytest.raises(StorageError, match="refuses the user or the password") as caught:
            PostgresLedger(url).ping()
    finally:
        rules.write_text(before)
    assert "hush" not in repr(caught.value) + str(caught.value.__cause__)


def test_a_user_who_may_not_write_is_told_so(postgres_server: Any, address: str) -> None:
    PostgresLedger(address).record([entry("a")])
    with psycopg.connect(address, autocommit=True) as connection:
        schema = connection.execute("SELECT current_schema()").fetchone()
        assert schema is not None
        for statement in (
            "CREATE ROLE ledger_reader LOGIN",
            f"GRANT USAGE ON SCHEMA {schema[0]} TO ledger_reader",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema[0]} TO ledger_reader",
        ):
            connection.execute(statement)
    reader = PostgresLedger(address.replace("postgres:@", "ledger_reader:@"), pass_after=1)
    with pytest.raises(StorageError, match="does not let this user write"):
        reader.record([entry("b")])
    (row,) = reader.messages(Window(*ALWAYS, DAY))
    assert row.messages == 1, "who may read only, reads all the same; hourly sums are not kept"


def test_a_connection_that_the_server_closed_is_opened_again(address: str) -> None:
    ledger = PostgresLedger(f"{address}&application_name=closed")
    ledger.record([entry("a")])
    with psycopg.connect(address, autocommit=True) as connection:
        closing = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'closed'"
        assert connection.execute(closing).fetchall() == [(True,)]
    assert ledger.record([entry("b")]) == 1
    assert [e.call_id for e in ledger.between(*ALWAYS)] == ["a", "b"]


def test_entries_of_another_server_s_dump_are_told_before_they_are_left_out(address: str) -> None:
    """As `pg_restore` leaves them: with transaction numbers that this server has not come to yet."""
    ledger = PostgresLedger(address)
    ledger.record([entry("a")])
    remedy = [block for block in SQL.findall(PAGE.read_text(encoding="utf-8")) if "DISABLE TRIGGER" in block]
    disable, update, enable, empty = [statement for statement in remedy[0].split(";") if statement.strip()]
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in (disable, "UPDATE ledger_entries SET written = written + 1000000", enable):
            connection.execute(statement)
        with pytest.raises(StorageError, match="Moving a ledger"):
            PostgresLedger(address).ping()
        for statement in (disable, update, enable, empty):
            connection.execute(statement)
    assert sum(row.messages for row in PostgresLedger(address).messages(Window(*ALWAYS, DAY))) == 1


def test_what_a_mark_names_is_what_the_server_calls_visible(address: str) -> None:
    """`seen` on whole numbers against `pg_visible_in_snapshot`, for each number around a snapshot with gaps."""
    snapshot = "100:110:100,103,107"
    mark = f"postgresql:{snapshot}"
    condition = PostgresDatabase(address).seen(mark)
    with psycopg.connect(address) as connection:
        rows = connection.execute(
            f"SELECT n, {condition.replace('e.written', 'n')}, pg_visible_in_snapshot(n::text::xid8, '{snapshot}') "
            "FROM generate_series(90, 120) AS numbers (n)"
        ).fetchall()
    assert [ours for _, ours, _ in rows] == [theirs for _, _, theirs in rows]
    assert sum(ours for _, ours, _ in rows) == 10 + 10 - 3
    assert snapshot_of(mark) == (100, 110, (100, 103, 107))


@pytest.mark.parametrize(
    ("newer", "older", "covers"),
    [
        ("10:10:", "10:10:", True),
        ("12:12:", "10:12:10", True),
        ("10:12:10", "12:12:", False),
        ("10:14:10,13", "10:12:10", True),
        ("10:14:10,11", "10:12:10", False),
        ("10:11:10", "10:12:10", False),
    ],
)
def test_a_mark_covers_another_where_it_names_all_of_it(newer: str, older: str, covers: bool) -> None:
    database = PostgresDatabase("postgresql://nowhere/")
    assert database.covers(f"postgresql:{newer}", f"postgresql:{older}") is covers


def test_tables_are_made_once_by_whoever_comes_first(address: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    place = LedgerPlace("postgres", address)
    with ThreadPoolExecutor(6) as pool:
        new = pool.map(lambda n: place.open().record([entry(f"call-{n}")]), range(6))
    assert sum(new) == 6

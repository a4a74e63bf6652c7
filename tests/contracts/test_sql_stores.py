"""What every small store has from `matria.sqlstore`, in a SQLite file and in PostgreSQL."""

from pathlib import Path

import pytest

from matria.errors import StorageError
from matria.sqlstore import IsKnown, Kept, SqlStore

KEPT = Kept(name="list of words", remedy="move it away.", lock=1, setting="MATRIA_WORDS__URL")


@pytest.fixture
def store(store_place: Path | str) -> SqlStore:
    made = "CREATE TABLE IF NOT EXISTS words (word TEXT PRIMARY KEY)"
    return SqlStore(store_place, KEPT, lambda connection: connection.exec_driver_sql(made))


def add(store: SqlStore, *words: str) -> None:
    with store.transaction() as connection:
        for word in words:
            connection.exec_driver_sql(f"INSERT INTO words VALUES ('{word}')")


def words_in(store: SqlStore) -> list[str]:
    with store.transaction() as connection:
        return list(connection.exec_driver_sql("SELECT word FROM words ORDER BY word").scalars())


def test_a_row_that_is_there_is_refused_with_all_of_its_transaction(store: SqlStore) -> None:
    add(store, "um")
    with pytest.raises(IsKnown) as caught:
        add(store, "dois", "um")
    assert caught.value.__suppress_context__
    assert words_in(store) == ["um"]


def test_tables_are_made_again_where_the_first_transaction_came_to_nothing(store: SqlStore) -> None:
    with pytest.raises(ZeroDivisionError), store.transaction():
        _ = 1 / 0
    add(store, "um")
    assert words_in(store) == ["um"]


def test_what_the_block_forbids_by_itself_is_no_failure_of_the_store(store: SqlStore) -> None:
    with pytest.raises(PermissionError, match="not hers"), store.transaction():
        raise PermissionError("not hers")


def test_a_postgresql_that_refuses_is_named_with_its_reason_and_setting_without_its_password(postgres: str) -> None:
    elsewhere = postgres.replace("/postgres?", "/nowhere?", 1).replace("postgres:", "postgres:s3nha", 1)
    assert "/nowhere?" in elsewhere
    with pytest.raises(StorageError, match="list of words knows no such database") as caught:
        words_in(SqlStore(elsewhere, KEPT, lambda connection: None))
    assert "MATRIA_WORDS__URL" in str(caught.value)
    assert "s3nha" not in str(caught.value)


def test_a_connection_that_breaks_is_told_without_its_password(postgres: str) -> None:
    place = postgres.replace("postgres:", "postgres:s3nha", 1)
    store = SqlStore(place, KEPT, lambda connection: None)
    with pytest.raises(StorageError, match=r"list of words .*\(ConnectionResetError\)") as caught, store.transaction():
        raise ConnectionResetError(104, "reset")
    assert "s3nha" not in str(caught.value)

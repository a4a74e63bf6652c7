"""Keys of the sign-in, on SQLite and on a real PostgreSQL: found until they expire, taken once, counted."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evals.review.store.keys import SqlKeys
from matria.errors import StorageError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Open = Callable[[], SqlKeys]
"""Opens the same keys once more, as another process would."""


@pytest.fixture
def opened(store_place: Path | str) -> Open:
    return lambda: SqlKeys(store_place)


def test_a_key_is_found_by_another_process_until_the_moment_it_expires(opened: Open) -> None:
    opened().put("session", "h1", "nurse-a", NOON + MINUTE, {"csrf": "c", "n": 1})
    kept = opened().get("session", "h1", NOON)
    assert kept is not None
    assert (kept.reviewer_id, kept.expires_at, kept.data) == ("nurse-a", NOON + MINUTE, {"csrf": "c", "n": 1})
    assert opened().get("session", "h1", NOON + MINUTE) is None
    assert opened().get("link", "h1", NOON) is None


def test_of_many_who_take_a_key_at_once_one_gets_it(opened: Open) -> None:
    opened().put("link", "h1", "nurse-a", NOON + MINUTE, {})
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: opened().take("link", "h1", NOON), range(16)))
    assert sum(kept is not None for kept in taken) == 1


def test_an_expired_key_is_not_taken_nor_brought_back(opened: Open) -> None:
    opened().put("session", "h1", "nurse-a", NOON, {})
    assert opened().touch("session", "h1", NOON, NOON + MINUTE) is False
    assert opened().take("session", "h1", NOON) is None


def test_a_touched_key_lasts_longer_and_takes_new_data(opened: Open) -> None:
    opened().put("session", "h1", "nurse-a", NOON + MINUTE, {"locale": "pt-BR"})
    assert opened().touch("session", "h1", NOON, NOON + 2 * MINUTE)
    assert opened().touch("session", "h1", NOON + MINUTE, NOON + 3 * MINUTE, {"locale": "pt-PT"})
    kept = opened().get("session", "h1", NOON + 2 * MINUTE)
    assert kept is not None
    assert kept.data == {"locale": "pt-PT"}


def test_signing_a_person_out_everywhere_leaves_the_others(opened: Open) -> None:
    for name in ("a1", "a2", "b1"):
        opened().put("session", name, f"nurse-{name[0]}", NOON + MINUTE, {})
    assert opened().drop_all("session", "nurse-a") == 2
    assert opened().get("session", "a1", NOON) is None
    assert opened().get("session", "b1", NOON) is not None
    assert [opened().drop("session", "b1"), opened().drop("session", "b1")] == [True, False]


def test_attempts_are_counted_by_kind_and_subject_since_a_moment(opened: Open) -> None:
    for minute in range(3):
        opened().note("link", "s", NOON + minute * MINUTE)
    opened().note("link", "other", NOON)
    opened().note("login", "s", NOON)
    assert [opened().count_since("link", "s", NOON + minute * MINUTE) for minute in range(4)] == [3, 2, 1, 0]


def test_of_many_attempts_at_once_no_more_than_allowed_are_let_in(opened: Open) -> None:
    with ThreadPoolExecutor(8) as pool:
        admitted = list(pool.map(lambda _: opened().admit("link", "s", NOON, NOON - MINUTE, 5), range(20)))
    assert sum(admitted) == 5


def test_pruning_removes_what_is_over_and_nothing_else(opened: Open) -> None:
    opened().put("link", "old", "nurse-a", NOON, {})
    opened().put("link", "new", "nurse-a", NOON + MINUTE, {})
    opened().note("link", "s", NOON - timedelta(days=2))
    opened().note("link", "s", NOON)
    assert opened().prune(NOON) == 2
    assert opened().get("link", "new", NOON) is not None
    assert opened().count_since("link", "s", NOON - timedelta(days=9)) == 1


def test_naive_times_are_refused(opened: Open) -> None:
    with pytest.raises(ValueError, match="time zone"):
        opened().get("session", "h1", datetime(2026, 11, 22))  # noqa: DTZ001


def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    place = tmp_path / "review.db"
    place.write_bytes(b"not a database" * 100)
    with pytest.raises(StorageError, match="list of reviews"):
        SqlKeys(place).get("session", "h1", NOON)


def test_a_database_that_does_not_answer_is_named_by_its_setting_without_its_password() -> None:
    with pytest.raises(StorageError, match="MATRIA_REVIEW__URL") as caught:
        SqlKeys("postgresql://matria:secret@127.0.0.1:1/none").get("session", "h1", NOON)
    assert "secret" not in str(caught.value)

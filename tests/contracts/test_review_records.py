"""The records of the nurses' week, on SQLite and on a real PostgreSQL: whole, blind, in order, and never lost."""

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from review_places import (
    MINUTE,
    NOON,
    Open,
    assignment,
    batch,
    criterion_item,
    item,
    mask,
    origin,
    put_week,
    raw,
    review,
    reviewer,
)

from evals.review.base import Absence, Retraction
from evals.review.records import AuditLine
from evals.review.store.sql import SqlReviews
from matria.errors import InputError, StorageError


@pytest.fixture
def opened(store_place: Path | str) -> Open:
    return lambda: SqlReviews(store_place, mask, lambda: NOON)


def test_a_batch_comes_back_as_it_was_put_and_only_once(opened: Open) -> None:
    put_week(opened())
    again = item("i9")
    assert opened().put_batch(batch(state="full"), [again], [origin("i9")], []) is False
    assert opened().batches() == [batch()]
    spoken = tuple(dataclasses.replace(one, text=mask(one.text)) for one in item().conversation)
    assert opened().items("2026-W47") == [item("i1", conversation=spoken), item("i2", conversation=spoken)]
    assert opened().items(item_ids=["i2", "i1", "unknown"]) == opened().items()
    assert opened().origins(["i2", "i1", "i2"]) == [origin("i1"), origin("i2")]
    assert [one.item_id for one in opened().assignments(batch_id="2026-W47")] == ["i1", "i2", "i1"]


def test_an_empty_batch_gives_way_to_one_that_is_not_and_to_nothing_else(opened: Open) -> None:
    empty = batch(state="empty", strata=())
    assert opened().put_batch(empty, [], [], []) is True
    assert opened().put_batch(dataclasses.replace(empty, seed=3), [], [], []) is False
    assert opened().batches() == [empty]
    assert opened().put_batch(batch(), [item()], [origin()], []) is True
    assert opened().put_batch(batch(seed=3), [item("i2")], [origin("i2")], []) is False
    assert (opened().batches(), [one.item_id for one in opened().items()]) == ([batch()], ["i1"])


def test_of_two_who_draw_the_same_batch_one_wins_whole(opened: Open) -> None:
    opened().put_reviewer(reviewer())

    def draw(one: int) -> bool:
        ids = [f"d{one}-{number}" for number in range(5)]
        return opened().put_batch(
            batch(seed=one), [item(id_) for id_ in ids], [origin(id_) for id_ in ids], [assignment(id_) for id_ in ids]
        )

    with ThreadPoolExecutor(6) as pool:
        new = list(pool.map(draw, range(6)))
    assert sum(new) == 1
    winner = opened().batches()[0].seed
    assert new[winner]
    assert {one.item_id.split("-")[0] for one in opened().items()} == {f"d{winner}"}
    assert len(opened().items()) == len(opened().origins()) == len(opened().assignments()) == 5


def test_what_a_draw_queues_comes_with_its_batch_and_with_no_other(opened: Open) -> None:
    asked = criterion_item("q1")
    assert opened().put_batch(batch(), [item(), asked], [origin(), origin("q1", probability=None)], []) is True
    again = [item("i9"), criterion_item("q9")]
    assert opened().put_batch(batch(seed=3), again, [origin("i9"), origin("q9")], []) is False
    assert [one.item_id for one in opened().items("2026-W47")] == ["i1"]
    assert [one.criterion for one in opened().items("queue-gate")] == [asked.criterion]


@pytest.mark.parametrize("fault", ["reviewer", "origin", "batch", "queued"])
def test_a_batch_that_does_not_hold_together_leaves_nothing(opened: Open, fault: str) -> None:
    opened().put_reviewer(reviewer())
    items = [item("i1"), item("i2", "2026-W40" if fault == "batch" else "2026-W47")]
    items += [criterion_item("q1")] if fault == "queued" else []
    origins = [origin("i1")] if fault == "origin" else [origin("i1"), origin("i2")]
    hers = [assignment("i1", "nobody" if fault == "reviewer" else "nurse-a")]
    with pytest.raises((ValueError, InputError)):
        opened().put_batch(batch(), items, origins, hers)
    assert (opened().batches(), opened().items(), opened().origins(), opened().assignments()) == ([], [], [], [])


def test_queued_items_are_put_once_each_and_are_no_week(opened: Open) -> None:
    opened().put_reviewer(reviewer())
    one, two = criterion_item("q1"), criterion_item("q2")
    assert opened().put_items([one], [origin("q1")], [assignment("q1")]) == 1
    origins = [origin("q1"), origin("q2", probability=None)]
    assert opened().put_items([one, two], origins, [assignment("q1"), assignment("q2")]) == 1
    assert [kept.criterion for kept in opened().items("queue-gate")] == [one.criterion, two.criterion]
    assert len(opened().assignments()) == 2
    assert opened().batches() == []
    with pytest.raises(ValueError, match="queue-"):
        opened().put_items([item()], [origin()], [])


def test_nothing_of_an_origin_is_in_an_offer_or_an_item(opened: Open) -> None:
    put_week(opened())
    opened().set_trace("i1", "tr-1")
    assert opened().origins(["i1"])[0].trace_id == "tr-1"
    shown = repr((opened().offers(), opened().items()))
    for secret in ("hash-i1", "core", "0.05", "triagem", "model-snapshot", "judge", "tr-1"):
        assert secret not in shown


def test_conversations_are_masked_before_they_are_stored(opened: Open, store_place: Path | str) -> None:
    put_week(opened())
    assert opened().items()[0].conversation[0].text == "Posso tomar o remédio? Sou a [*]."
    with raw(store_place) as connection:
        (stored,) = connection.exec_driver_sql("SELECT conversation FROM review_items WHERE item_id = 'i1'").one()
    assert "Segredo" not in stored


def test_people_are_kept_by_name_with_their_address_in_lower_case(opened: Open) -> None:
    absent = (Absence(date(2026, 12, 24), date(2027, 1, 2)),)
    hers = reviewer("nurse-b", address=" B@Example.org ", languages=("pt-PT", "en"), absences=absent)
    opened().put_reviewer(hers)
    opened().put_reviewer(reviewer("nurse-a", is_active=False))
    kept = opened().reviewers()
    assert kept == [reviewer("nurse-a", is_active=False), dataclasses.replace(hers, address="b@example.org")]
    opened().put_reviewer(dataclasses.replace(hers, role="lead"))
    assert [one.role for one in opened().reviewers()] == ["nurse", "lead"]


def test_an_address_is_one_persons_and_the_error_does_not_repeat_it(opened: Open) -> None:
    opened().put_reviewer(reviewer("nurse-a", address="a@example.org"))
    with pytest.raises(InputError) as caught:
        opened().put_reviewer(reviewer("nurse-b", address="A@EXAMPLE.ORG"))
    assert "example.org" not in str(caught.value).lower()
    assert len(opened().reviewers()) == 1


def test_assigning_again_changes_due_dates_and_opens_what_was_withdrawn(opened: Open) -> None:
    put_week(opened())
    later = assignment("i1", due_at=NOON + timedelta(days=9), assigned_at=NOON + MINUTE)
    opened().assign([later, assignment("i2", "lead-a", part="adjudicator", disputed=("safe", "harm"))])
    first, *_, made = opened().assignments()
    assert (first.due_at, first.assigned_at, first.state) == (later.due_at, NOON, "open")
    assert (made.part, made.disputed) == ("adjudicator", ("safe", "harm"))
    assert [opened().withdraw("i1", "nurse-a"), opened().withdraw("i1", "nurse-a")] == [True, False]
    assert opened().assignments(item_id="i1", reviewer_id="nurse-a")[0].state == "withdrawn"
    opened().assign([later])
    opened().reminded("i1", "nurse-a", NOON + MINUTE)
    (again,) = opened().assignments(item_id="i1", reviewer_id="nurse-a")
    assert (again.state, again.reminded_at) == ("open", NOON + MINUTE)
    with pytest.raises(InputError, match="no item"):
        opened().assign([assignment("unknown")])


def test_offers_are_what_is_open_oldest_due_first(opened: Open) -> None:
    put_week(opened())
    opened().assign([assignment("i2", due_at=NOON + MINUTE), assignment("i2", "lead-a", disputed=("tone",))])
    assert [one.item.item_id for one in opened().offers("nurse-a")] == ["i2", "i1"]
    (offer,) = opened().offers("lead-a")
    assert (offer.disputed, offer.reviewer.reviewer_id, offer.assignment.item_id) == (("tone",), "lead-a", "i2")
    opened().submit(review("i2"), 0)
    opened().withdraw("i1", "nurse-a")
    assert opened().offers("nurse-a") == []
    assert len(opened().offers()) == 2


def test_the_audit_log_is_newest_first_and_takes_no_change(opened: Open, store_place: Path | str) -> None:
    lines = [AuditLine(NOON, "nurse-a", "opened_item", f"i{number}", "x") for number in range(3)]
    for line in lines:
        opened().log(line)
    assert opened().audit(2) == [lines[2], lines[1]]
    replaced = "INTO review_audit (line, at_us, who, did, thing, detail) VALUES (1, 1, 'x', 'x', 'x', 'x')"
    changes = ["UPDATE review_audit SET who = 'x'", "DELETE FROM review_audit"]
    changes += [f"INSERT OR REPLACE {replaced}", f"REPLACE {replaced}"] if isinstance(store_place, Path) else []
    for change in changes:
        with pytest.raises(Exception, match="append-only"), raw(store_place) as connection:
            connection.exec_driver_sql(change)
    assert opened().audit() == lines[::-1]


def test_each_form_has_a_cursor_of_its_own(opened: Open) -> None:
    assert opened().cursor("web") == ""
    for cursor in ("1", "2"):
        opened().set_cursor("notion", cursor)
    assert (opened().cursor("notion"), opened().cursor("web")) == ("2", "")


def test_a_ping_counts_and_names_the_place_without_a_secret(opened: Open, store_place: Path | str) -> None:
    put_week(opened())
    opened().submit(review(), 0)
    name = "store.db" if isinstance(store_place, Path) else "PostgreSQL"
    assert opened().ping() == f"batches: 1, reviews: 1 ({name})"


def test_many_who_need_the_tables_first_make_them_once(opened: Open) -> None:
    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(lambda _: opened().cursor("web"), range(6))) == {""}


def test_tables_of_a_newer_version_are_refused_with_a_sentence(opened: Open, store_place: Path | str) -> None:
    opened().ping()
    with raw(store_place) as connection:
        connection.exec_driver_sql("UPDATE review_schema SET version_num = '9999'")
    with pytest.raises(StorageError, match=r"version 9999 .* MATRIA_REVIEW__URL"):
        opened().ping()


def test_tables_of_the_first_version_are_brought_to_this_one_s(opened: Open, store_place: Path | str) -> None:
    opened().log(AuditLine(NOON, "nurse-a", "submitted"))
    with raw(store_place) as connection:
        connection.exec_driver_sql("UPDATE review_schema SET version_num = '0001'")
        if isinstance(store_place, Path):
            connection.exec_driver_sql("DROP TRIGGER review_audit_no_replace")
    assert opened().audit()[0].who == "nurse-a"
    if isinstance(store_place, Path):
        replaced = "REPLACE INTO review_audit (line, at_us, who, did, thing, detail) VALUES (1, 1, 'x', 'x', 'x', 'x')"
        with pytest.raises(Exception, match="append-only"), raw(store_place) as connection:
            connection.exec_driver_sql(replaced)


def test_naive_times_are_refused_everywhere(opened: Open) -> None:
    put_week(opened())
    naive = datetime(2026, 11, 22)  # noqa: DTZ001
    calls: list[Callable[[], object]] = [
        lambda: opened().put_batch(batch("2026-W48", since=naive), [], [], []),
        lambda: opened().assign([assignment(due_at=naive)]),
        lambda: opened().reminded("i1", "nurse-a", naive),
        lambda: opened().submit(review(at=naive), 0),
        lambda: opened().take(review(at=naive)),
        lambda: opened().undo("i1", "nurse-a", NOON, naive),
        lambda: opened().retract(Retraction("i1", "nurse-a", naive)),
        lambda: opened().settled(naive),
        lambda: opened().log(AuditLine(naive, "", "x")),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="time zone"):
            call()
    assert opened().settled(NOON + MINUTE) == []

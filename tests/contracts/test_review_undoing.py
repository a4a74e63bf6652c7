"""What is taken back within ten minutes, on SQLite and on a real PostgreSQL: that alone, and no text is lost."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from review_places import GIVEN, MINUTE, NOON, WINDOW, Open, mask, put_week, review

from evals.review.base import Retraction
from evals.review.records import AuditLine, Draft, ReviewRecords, Submitted
from evals.review.store.sql import SqlReviews

FAR = NOON + 100 * WINDOW


@pytest.fixture
def opened(store_place: Path | str) -> Open:
    """Of records with a week in them."""
    put_week(SqlReviews(store_place, mask))
    return lambda: SqlReviews(store_place, mask, lambda: NOON)


def state_of(records: ReviewRecords) -> str:
    return records.assignments(item_id="i1", reviewer_id="nurse-a")[0].state


@pytest.mark.parametrize(("after", "is_undone"), [(WINDOW, True), (WINDOW + MINUTE / 60_000_000, False)])
def test_a_review_is_undone_up_to_the_moment_it_settles(opened: Open, after: Any, is_undone: bool) -> None:
    opened().submit(review(comment="bem", teach=True), 0)
    at = NOON + after
    assert [one.revision for one in opened().settled(at - WINDOW)] == ([] if is_undone else [1])
    assert opened().undo("i1", "nurse-a", at, at - WINDOW) is is_undone
    assert len(opened().settled(FAR)) == (0 if is_undone else 1)
    assert state_of(opened()) == ("open" if is_undone else "submitted")
    back = opened().draft("i1", "nurse-a")
    fields: dict[Any, Any] = {**GIVEN, "comment": "bem", "teach": True, "highlights": []}
    assert (back.fields if back else None) == (fields if is_undone else None)


def test_after_an_undo_she_submits_again_from_what_stands(opened: Open) -> None:
    opened().submit(review(), 0)
    assert opened().undo("i1", "nurse-a", NOON, NOON)
    assert opened().undo("i1", "nurse-a", NOON, NOON) is False
    assert opened().undo("i2", "nurse-a", NOON, NOON) is False
    assert opened().submit(review(), 1) == Submitted("stale", 0)
    assert opened().submit(review(), 0) == Submitted("kept", 2)


def test_an_undone_change_leaves_the_item_read_as_it_was_before(opened: Open) -> None:
    opened().submit(review(comment="first"), 0)
    opened().submit(review(at=NOON + 2 * WINDOW, comment="second"), 1)
    assert opened().undo("i1", "nurse-a", NOON + 2 * WINDOW, NOON + 2 * WINDOW)
    assert state_of(opened()) == "submitted", "what she said before stands, so nobody else is to read it"
    left = opened().draft("i1", "nurse-a")
    assert left is not None
    assert left.fields["comment"] == "second"
    assert opened().undo("i1", "nurse-a", NOON + 2 * WINDOW, NOON)
    assert state_of(opened()) == "open"


def test_an_undo_leaves_a_draft_that_is_newer_than_what_it_takes_back(opened: Open) -> None:
    opened().submit(review(comment="first"), 0)
    typed = opened().save_draft(Draft("i1", "nurse-a", {"comment": "typed since"}, NOON + MINUTE, 0), 0)
    assert opened().undo("i1", "nurse-a", NOON + 2 * MINUTE, NOON)
    assert opened().draft("i1", "nurse-a") == typed


def test_an_undo_that_comes_twice_takes_back_the_revision_it_names_alone(opened: Open) -> None:
    opened().submit(review(comment="first"), 0)
    opened().submit(review(at=NOON + MINUTE, comment="second"), 1)
    done = [opened().undo("i1", "nurse-a", NOON + 2 * MINUTE, NOON, 2) for _ in range(2)]
    assert done == [True, False]
    stands, left = opened().standing("i1", "nurse-a"), opened().draft("i1", "nurse-a")
    assert stands is not None
    assert left is not None
    assert (stands.answers.comment, left.fields["comment"]) == ("first", "second")
    assert opened().undo("i1", "nurse-a", NOON + 2 * MINUTE, NOON, 1)
    left = opened().draft("i1", "nurse-a")
    assert left is not None
    assert left.fields["comment"] == "second", "the newest text of hers is never overwritten by an older one"


def test_of_an_erased_item_nothing_is_opened_again(opened: Open) -> None:
    opened().submit(review(), 0)
    opened().take(dataclasses.replace(review("i1", "nurse-b"), form="notion"))
    opened().erase(["hash-i1"])
    assert opened().undo("i1", "nurse-a", NOON, NOON) is False
    assert len(opened().settled(FAR)) == 2
    assert opened().retract(Retraction("i1", "nurse-b", NOON + MINUTE))
    states = {one.reviewer_id: one.state for one in opened().assignments(item_id="i1")}
    assert states == {"nurse-a": "submitted", "nurse-b": "withdrawn"}
    assert [one.item.item_id for one in opened().offers()] == ["i2"]


def test_a_reading_that_was_taken_from_her_is_not_undone(opened: Open) -> None:
    opened().withdraw("i1", "nurse-a")
    assert opened().submit(review(), 0) == Submitted("extra", 1)
    assert opened().undo("i1", "nurse-a", NOON, NOON) is False
    assert len(opened().settled(FAR)) == 1, "she could never send it again"


def test_what_is_submitted_or_undone_has_its_line_in_the_log_or_is_not_done_at_all(opened: Open) -> None:
    line = AuditLine(NOON, "nurse-a", "submitted", "i1")
    assert [opened().submit(review(), 0, line=line).state for _ in range(2)] == ["kept", "same"]
    no_line = dataclasses.replace(line, at=NOON.replace(tzinfo=None))
    with pytest.raises(ValueError, match="zone"):
        opened().submit(review(comment="second"), 1, line=no_line)
    with pytest.raises(ValueError, match="zone"):
        opened().undo("i1", "nurse-a", NOON, NOON, line=no_line)
    assert [one.revision for one in opened().settled(FAR)] == [1]
    undid = AuditLine(NOON, "nurse-a", "undid", "i1")
    assert [opened().undo("i1", "nurse-a", NOON, NOON, 1, undid) for _ in range(2)] == [True, False]
    assert [(one.did, one.detail) for one in opened().audit()] == [("undid", ""), ("submitted", "kept")]

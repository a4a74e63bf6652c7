"""What a form returned comes into the records once, in order, and the cursor follows."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from week_parts import MONDAY, given, item, nurse, origin, review

from evals.review.base import Batch, Offer, Retraction, Returned, Review
from evals.review.collecting import collect
from evals.review.store.sql import SqlReviews
from matria.errors import StorageError

LATER = MONDAY + timedelta(days=9)


@dataclass
class Form:
    """Returns what it was given, all of it after cursor "" and nothing after the last."""

    reviews: list[Review] = field(default_factory=list)
    retractions: list[Retraction] = field(default_factory=list)
    problems: tuple[str, ...] = ()

    def offer(self, offers: "list[Offer]") -> None: ...

    def withdraw(self, item_id: str, reviewer_id: str) -> None: ...

    def returned(self, cursor: str) -> Returned:
        if cursor == "1":
            return Returned((), (), "1")
        return Returned(tuple(self.reviews), tuple(self.retractions), "1", self.problems)

    def ping(self) -> str:
        return "lists"


@pytest.fixture
def records(tmp_path: Path) -> SqlReviews:
    made = SqlReviews(tmp_path / "review.db", lambda text: text)
    for name in "ab":
        made.put_reviewer(nurse(name))
    items = [item("i0"), item("i1")]
    batch = Batch("2026-W47", MONDAY - timedelta(days=7), MONDAY, MONDAY, 1, "short", ())
    made.put_batch(batch, items, [origin(one.item_id) for one in items], [given("i0", "a"), given("i1", "b")])
    return made


def from_outside(item_id: str, name: str, minutes: int = 0, **said: str) -> Review:
    return replace(review(item_id, name, at=MONDAY + timedelta(minutes=minutes), **said), form="notion")


def test_reviews_are_kept_once_and_the_cursor_follows(records: SqlReviews) -> None:
    form = Form([from_outside("i0", "a"), from_outside("i1", "b", safe="no")])
    found = collect(form, records, "notion")
    assert (found.kept, found.same) == (2, 0)
    assert records.cursor("notion") == "1"
    assert [one.answers.given["safe"] for one in records.settled(LATER)] == ["yes", "no"]
    assert collect(form, records, "notion").kept == 0
    records.set_cursor("notion", "")
    again = collect(form, records, "notion")
    assert (again.kept, again.same) == (0, 2)
    assert len(records.settled(LATER)) == 2


def test_what_was_taken_back_does_not_stand_and_what_came_after_does(records: SqlReviews) -> None:
    gone = Retraction("i0", "a", MONDAY + timedelta(minutes=5))
    collect(Form([from_outside("i0", "a")], [gone]), records, "notion")
    assert records.settled(LATER) == []
    records.set_cursor("notion", "")
    later = from_outside("i0", "a", 9, safe="no")
    for _ in range(2):
        collect(Form([from_outside("i0", "a"), later], [gone]), records, "notion")
        records.set_cursor("notion", "")
        assert [one.answers.given["safe"] for one in records.settled(LATER)] == ["no"]


def test_an_answer_of_somebody_who_never_had_the_item_is_a_problem_and_keeps_nothing_back(records: SqlReviews) -> None:
    found = collect(
        Form([from_outside("i0", "b"), from_outside("i1", "b", 1)], problems=("A page.",)), records, "notion"
    )
    assert found.kept == 1
    assert len(found.problems) == 2
    assert "i0: answered by b" in found.problems[1]
    assert "could not be read" in found.sentence


def test_the_cursor_stays_where_the_records_fail(records: SqlReviews) -> None:
    class Failing:
        def __getattr__(self, name: str) -> object:
            return getattr(records, name)

        def take(self, review: Review) -> str:
            if review.item_id == "i1":
                raise StorageError("The disk is full.")
            return records.take(review)

    form = Form([from_outside("i0", "a"), from_outside("i1", "b", 1)])
    with pytest.raises(StorageError):
        collect(form, Failing(), "notion")  # type: ignore[arg-type]
    assert records.cursor("notion") == ""
    assert collect(form, records, "notion").kept == 1

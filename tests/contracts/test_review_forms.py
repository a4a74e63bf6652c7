"""The forms of the nurses' week, each held to the duties of the port: the page, and Notion over its wire."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from review_desks import PASSAGE, Desk, WebDesk, given, notion_desk, offers
from review_places import GIVEN, put_week

from evals.review.base import Highlight
from evals.review.collecting import FormName, collect
from matria.errors import StorageError


@pytest.fixture(params=["web", "notion"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    if request.param == "web":
        made = WebDesk(tmp_path)
        put_week(made.records)
        yield made
        return
    with notion_desk(tmp_path) as notion:
        yield notion


def test_an_offered_item_is_shown_to_its_nurse_and_to_no_other(desk: Desk) -> None:
    desk.form.offer(offers(desk.records))
    assert set(desk.shown("nurse-a")) == {"i1", "i2"}
    assert set(desk.shown("nurse-b")) == {"i1"}
    assert desk.shown("lead-a") == {}


def test_offering_again_changes_nothing_but_the_due_date(desk: Desk) -> None:
    desk.form.offer(offers(desk.records))
    desk.leave_half("i1", "nurse-a")
    later = [
        replace(one, assignment=replace(one.assignment, due_at=one.assignment.due_at + timedelta(days=1)))
        for one in offers(desk.records)
    ]
    desk.form.offer(later)
    desk.form.offer(later)
    assert desk.shown("nurse-a") == dict.fromkeys(("i1", "i2"), later[0].assignment.due_at)
    desk.answer("i1", "nurse-a")
    assert len(desk.form.returned("").reviews) == 1


def test_nothing_is_shown_of_where_an_item_comes_from(desk: Desk) -> None:
    desk.form.offer(offers(desk.records))
    assert "maternidade" in desk.seen()
    for secret in ("triagem", "model-snapshot", "judge", "hash-i1", "core", "0.05", "risk/high", "answered"):
        assert secret not in desk.seen()


def test_what_one_nurse_answered_is_shown_to_no_other(desk: Desk) -> None:
    name: FormName = "web" if isinstance(desk, WebDesk) else "notion"
    desk.form.offer(offers(desk.records))
    desk.answer("i1", "nurse-a", given(safe="no"), comment="Só ela viu isto.")
    collect(desk.form, desk.records, name)
    left = offers(desk.records)
    desk.form.offer([replace(one, disputed=("safe",)) for one in left])
    assert [one.reviewer.reviewer_id for one in left if one.item.item_id == "i1"] == ["nurse-b"]
    assert "Só ela viu isto." not in desk.seen()
    assert "maternidade" in desk.seen()


def test_a_withdrawn_item_is_not_shown_and_what_was_submitted_stays(desk: Desk) -> None:
    desk.form.offer(offers(desk.records))
    desk.answer("i1", "nurse-a")
    desk.form.withdraw("i2", "nurse-a")
    desk.form.withdraw("i1", "nurse-a")
    desk.form.withdraw("i2", "nurse-a")
    assert "i2" not in desk.shown("nurse-a")
    assert set(desk.shown("nurse-b")) == {"i1"}
    assert [one.item_id for one in desk.form.returned("").reviews] == ["i1"]
    assert desk.form.returned("").retractions == ()


def test_a_review_comes_back_whole(desk: Desk) -> None:
    desk.form.offer(offers(desk.records))
    desk.answer("i1", "nurse-b", comment="Ligou para 912345678.")
    (review,) = desk.form.returned("").reviews
    assert (review.item_id, review.reviewer_id) == ("i1", "nurse-b")
    assert review.form == getattr(desk.form, "name", "")
    assert review.answers.given == GIVEN
    assert review.answers.comment == "Ligou para [*]."
    assert review.answers.teach is True
    start = len("Fale com a equipe.\n")
    assert review.answers.highlights == (Highlight("m1", "assistant", start, start + len(PASSAGE), PASSAGE),)


def test_the_same_cursor_gives_the_same_again(desk: Desk) -> None:
    desk.form.offer(offers(desk.records))
    desk.answer("i1", "nurse-a")
    first = desk.form.returned("")
    assert desk.form.returned("") == first
    desk.answer("i1", "nurse-b")
    second = desk.form.returned(first.cursor)
    assert desk.form.returned(first.cursor) == second
    assert [one.reviewer_id for one in second.reviews] == ["nurse-b"]


def test_nothing_comes_after_a_cursor_where_nothing_happened(desk: Desk) -> None:
    desk.form.offer(offers(desk.records))
    desk.answer("i1", "nurse-a")
    cursor = desk.form.returned("").cursor
    for _ in range(3):
        again = desk.form.returned(cursor)
        assert (again.reviews, again.retractions, again.problems) == ((), (), ())
        cursor = again.cursor


def test_a_changed_answer_comes_as_a_later_revision(desk: Desk) -> None:
    desk.form.offer(offers(desk.records))
    desk.answer("i1", "nurse-a")
    first = desk.form.returned("")
    desk.answer("i1", "nurse-a", given(tone="poor"))
    second = desk.form.returned(first.cursor)
    assert [one.answers.given["tone"] for one in second.reviews] == ["poor"]
    assert second.reviews[0].revision > first.reviews[0].revision
    assert second.reviews[0].submitted_at > first.reviews[0].submitted_at
    assert [one.answers.given["tone"] for one in desk.form.returned("").reviews][-1] == "poor"


def test_a_review_that_is_taken_back_is_told_and_may_come_again(desk: Desk) -> None:
    desk.form.offer(offers(desk.records))
    desk.answer("i1", "nurse-a")
    first = desk.form.returned("")
    desk.take_back("i1", "nurse-a")
    second = desk.form.returned(first.cursor)
    assert [(one.item_id, one.reviewer_id) for one in second.retractions] == [("i1", "nurse-a")]
    assert second.reviews == ()
    assert second.retractions[0].at >= first.reviews[0].submitted_at
    desk.answer("i1", "nurse-a")
    third = desk.form.returned(second.cursor)
    assert [one.item_id for one in third.reviews] == ["i1"]
    assert third.reviews[0].submitted_at > first.reviews[0].submitted_at


def test_a_half_filled_answer_is_not_returned(desk: Desk) -> None:
    desk.form.offer(offers(desk.records))
    desk.leave_half("i1", "nurse-a")
    assert desk.form.returned("").reviews == ()


def test_what_is_collected_twice_is_kept_once(desk: Desk) -> None:
    name: FormName = "web" if isinstance(desk, WebDesk) else "notion"
    desk.form.offer(offers(desk.records))
    desk.answer("i1", "nurse-a")
    collect(desk.form, desk.records, name)
    standing = desk.records.standing("i1", "nurse-a")
    assert standing is not None
    assert standing.form == name
    desk.records.set_cursor(name, "")
    assert collect(desk.form, desk.records, name).kept == 0
    assert desk.records.standing("i1", "nurse-a") == standing
    desk.take_back("i1", "nurse-a")
    collect(desk.form, desk.records, name)
    assert desk.records.standing("i1", "nurse-a") is None
    assert "i1" in [one.item.item_id for one in desk.records.offers("nurse-a")]


def test_what_is_erased_is_shown_no_more_and_its_answers_stand(desk: Desk) -> None:
    name: FormName = "web" if isinstance(desk, WebDesk) else "notion"
    desk.form.offer(offers(desk.records))
    desk.answer("i1", "nurse-a")
    collect(desk.form, desk.records, name)
    desk.form.erase(["i1"])
    desk.records.erase(["hash-i1"])
    assert desk.shown("nurse-b") == {}
    assert collect(desk.form, desk.records, name).retracted == 0
    standing = desk.records.standing("i1", "nurse-a")
    assert standing is not None
    assert standing.answers.given == GIVEN


def test_a_form_that_cannot_be_reached_says_so(desk: Desk) -> None:
    waiting = offers(desk.records)
    desk.form.offer(waiting[:1])
    before = desk.shown("nurse-a")
    desk.cut()
    with pytest.raises(StorageError) as raised:
        desk.form.offer(waiting)
    assert "maternidade" not in str(raised.value)
    assert desk.shown("nurse-a").items() >= before.items()


def test_a_form_says_where_it_is(desk: Desk) -> None:
    desk.form.offer(offers(desk.records))
    assert "page" in desk.form.ping() or "Notion" in desk.form.ping()

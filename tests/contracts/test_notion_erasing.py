"""Erasing in Notion: no text of an item stays on a page that can be reached, trashed and moved ones included."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from notion_server import Fault
from review_desks import NotionDesk, notion_desk, offers

from evals.review.collecting import collect
from matria.errors import StorageError


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NotionDesk]:
    with notion_desk(tmp_path) as made:
        made.form.offer(offers(made.records))
        yield made


def test_what_is_erased_leaves_notion_and_its_review_stands(desk: NotionDesk) -> None:
    desk.answer("i1", "nurse-a", comment="Comentário dela")
    collect(desk.form, desk.records, "notion")
    page, other = desk.page("i1", "nurse-a"), desk.page("i2", "nurse-a")
    desk.records.erase(["hash-i1"])
    assert desk.form.erase(["i1"]) == 2
    assert desk.server.said(page) == ""
    assert desk.server.read(page, "Comentário") == ""
    assert page.is_trashed
    assert "maternidade" in desk.server.said(other)
    assert collect(desk.form, desk.records, "notion").retracted == 0
    assert desk.records.standing("i1", "nurse-a") is not None


@pytest.mark.parametrize("how", ["throw_away", "move_out"])
def test_an_answered_page_in_the_trash_or_elsewhere_loses_its_text(desk: NotionDesk, how: str) -> None:
    desk.answer("i1", "nurse-a")
    collect(desk.form, desk.records, "notion")
    page = desk.page("i1", "nurse-a")
    getattr(desk.server, how)(page)
    assert desk.form.erase(["i1"]) == 2
    assert desk.server.said(page) == ""
    assert page.is_trashed


def test_a_page_that_notion_will_not_bring_back_keeps_no_other_from_being_erased(desk: NotionDesk) -> None:
    desk.answer("i1", "nurse-a")
    collect(desk.form, desk.records, "notion")
    page, other = desk.page("i1", "nurse-a"), desk.page("i1", "nurse-b")
    desk.server.throw_away(page)
    desk.server.faults.append(Fault(400, "PATCH", page.id))
    assert desk.form.erase(["i1"]) == 1
    assert desk.server.said(other) == ""


def test_nothing_counts_as_erased_while_the_database_is_out_of_reach(desk: NotionDesk) -> None:
    desk.server.database.is_trashed = True
    with pytest.raises(StorageError, match="nothing was read, taken back or erased"):
        desk.form.erase(["i1"])
    assert desk.form.erase([]) == 0
    desk.form.offer(offers(desk.records))
    assert desk.form.erase(["i1"]) == 2


def test_what_is_erased_while_pages_are_made_is_on_none_of_them(tmp_path: Path) -> None:
    with notion_desk(tmp_path) as desk:

        def erase(method: str, path: str) -> None:
            if (method, path) == ("POST", "/v1/pages"):
                desk.records.erase(["hash-i1"])

        desk.server.before = erase
        desk.form.offer(offers(desk.records))
        assert {item_id for who in ("nurse-a", "nurse-b") for item_id in desk.shown(who)} == {"i2"}
        assert [desk.server.said(page) for page in desk.server.pages.values() if page.is_trashed] == ["", ""]

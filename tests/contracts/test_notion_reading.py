"""Reading back from Notion: by edit, by tick and by absence, with minutes for a clock and people who rename columns."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from review_desks import PASSAGE, NotionDesk, given, notion_desk, offers
from review_places import assignment, batch, criterion_item, item, origin, reviewer

from evals.review.collecting import collect
from evals.review.notion.words import FIELD
from matria.errors import StorageError


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NotionDesk]:
    with notion_desk(tmp_path) as made:
        made.form.offer(offers(made.records))
        yield made


def update(desk: NotionDesk, name: str, config: object) -> None:
    """Somebody changes the database by hand."""
    desk.server.update_source(desk.server.database, {"properties": {name: config}})


def put_more(desk: NotionDesk, count: int) -> list[str]:
    """Another week, all of it nurse-a's."""
    ids = [f"n{number}" for number in range(count)]
    items = [item(one, "2026-W48") for one in ids]
    desk.records.put_batch(batch("2026-W48"), items, [origin(one) for one in ids], [assignment(one) for one in ids])
    return ids


# What came back


def test_two_edits_within_one_minute_are_both_seen(desk: NotionDesk) -> None:
    desk.answer("i1", "nurse-a")
    desk.server.clock.now = desk.server.clock.now.replace(second=10)
    first = desk.form.returned("")
    edited = desk.page("i1", "nurse-a").edited
    desk.server.fill(desk.page("i1", "nurse-a"), {"Tom": "Ruim"})
    assert desk.page("i1", "nurse-a").edited == edited
    second = desk.form.returned(first.cursor)
    assert [one.answers.given["tone"] for one in second.reviews] == ["poor"]
    assert second.reviews[0].submitted_at > first.reviews[0].submitted_at


def test_a_tick_taken_off_and_set_again_within_one_minute_counts_in_the_records(desk: NotionDesk) -> None:
    desk.answer("i1", "nurse-a")
    collect(desk.form, desk.records, "notion")
    for is_ready in (False, True):
        desk.server.fill(desk.page("i1", "nurse-a"), {"Pronto": is_ready})
        collect(desk.form, desk.records, "notion")
    assert desk.records.standing("i1", "nurse-a") is not None


def test_an_edit_that_changes_no_answer_brings_nothing(desk: NotionDesk) -> None:
    desk.answer("i1", "nurse-a")
    first = desk.form.returned("")
    desk.server.clock.pass_(3600)
    desk.server.fill(desk.page("i1", "nurse-a"), {"Item": [{"text": {"content": "Lida"}}]})
    second = desk.form.returned(first.cursor)
    assert (second.reviews, second.retractions) == ((), ())


def test_all_pages_of_a_list_are_read(desk: NotionDesk) -> None:
    items = put_more(desk, 7)
    desk.server.most_per_page = 2
    desk.form.offer(offers(desk.records))
    for one in items:
        desk.answer(one, "nurse-a")
    first = desk.form.returned("")
    assert {one.item_id for one in first.reviews} == set(items)
    for one in items:
        desk.answer(one, "nurse-a", given(safe="no"))
    assert {one.item_id for one in desk.form.returned(first.cursor).reviews} == set(items)


def test_reading_asks_little_where_much_has_been_answered(desk: NotionDesk) -> None:
    items = put_more(desk, 30)
    desk.form.offer(offers(desk.records))
    for one in items:
        desk.answer(one, "nurse-a")
    cursor = desk.form.returned("").cursor
    desk.server.clock.pass_(7 * 86_400)
    desk.answer("i1", "nurse-a")
    before = len(desk.server.requests)
    assert [one.item_id for one in desk.form.returned(cursor).reviews] == ["i1"]
    assert len(desk.server.requests) - before == 4


def test_a_page_that_is_deleted_after_its_review_takes_it_back_and_is_offered_again(desk: NotionDesk) -> None:
    desk.answer("i1", "nurse-a")
    collect(desk.form, desk.records, "notion")
    page = desk.page("i1", "nurse-a")
    desk.server.clock.pass_(3 * 86_400)
    desk.server.throw_away(page)
    assert collect(desk.form, desk.records, "notion").retracted == 1
    assert desk.records.standing("i1", "nurse-a") is None
    desk.form.offer(offers(desk.records))
    desk.answer("i1", "nurse-a")
    assert collect(desk.form, desk.records, "notion").kept == 1
    assert desk.page("i1", "nurse-a") is not page


def test_a_page_that_is_deleted_for_good_takes_its_review_back(desk: NotionDesk) -> None:
    desk.answer("i1", "nurse-a")
    first = desk.form.returned("")
    del desk.server.pages[desk.page("i1", "nurse-a").id]
    assert [one.item_id for one in desk.form.returned(first.cursor).retractions] == ["i1"]


def test_a_page_that_is_restored_counts_again(desk: NotionDesk) -> None:
    desk.answer("i1", "nurse-a")
    collect(desk.form, desk.records, "notion")
    page = desk.page("i1", "nurse-a")
    desk.server.throw_away(page)
    collect(desk.form, desk.records, "notion")
    desk.form.offer(offers(desk.records))
    desk.server.clock.pass_(86_400)
    page.is_trashed = False
    assert collect(desk.form, desk.records, "notion").kept == 1
    assert collect(desk.form, desk.records, "notion").retracted == 0
    assert desk.records.standing("i1", "nurse-a") is not None


def test_a_page_that_is_moved_out_takes_its_review_back_and_is_offered_again(desk: NotionDesk) -> None:
    desk.answer("i1", "nurse-a")
    collect(desk.form, desk.records, "notion")
    desk.server.move_out(desk.page("i1", "nurse-a"))
    assert collect(desk.form, desk.records, "notion").retracted == 1
    desk.form.offer(offers(desk.records))
    assert desk.page("i1", "nurse-a")


@pytest.mark.parametrize("is_shared", [True, False])
def test_a_database_that_is_gone_takes_nothing_back(desk: NotionDesk, is_shared: bool) -> None:
    desk.answer("i1", "nurse-a")
    first = desk.form.returned("")
    if is_shared:
        desk.server.database.is_trashed = True
    else:
        desk.server.databases.clear()
    with pytest.raises(StorageError, match="nothing was read, taken back or erased"):
        desk.form.returned(first.cursor)
    with pytest.raises(StorageError, match="restore it"):
        desk.form.ping()
    desk.form.offer(offers(desk.records))
    again = desk.form.returned(first.cursor)
    assert (again.reviews, again.retractions) == ((), ())


def test_a_review_becomes_history_and_is_not_looked_after_for_ever(desk: NotionDesk) -> None:
    desk.answer("i1", "nurse-a")
    cursor = desk.form.returned("").cursor
    desk.server.clock.pass_(130 * 86_400)
    desk.records.put_batch(batch("2027-W13"), [item("new", "2027-W13")], [origin("new")], [assignment("new")])
    desk.form.offer(offers(desk.records, only=["new"]))
    desk.answer("new", "nurse-a")
    cursor = desk.form.returned(cursor).cursor
    assert list(json.loads(cursor)["known"]) == ["new:nurse-a"]
    desk.server.throw_away(desk.page("i1", "nurse-a"))
    assert desk.form.returned(cursor).retractions == ()


def test_an_old_page_that_is_edited_again_is_read_again(desk: NotionDesk) -> None:
    desk.server.clock.pass_(130 * 86_400)
    desk.answer("i2", "nurse-a")
    cursor = desk.form.returned("").cursor
    desk.server.clock.now = desk.server.clock.now.replace(second=50)
    desk.server.fill(desk.page("i2", "nurse-a"), {"Tom": "Ruim"})
    assert [one.answers.given["tone"] for one in desk.form.returned(cursor).reviews] == ["poor"]


def test_of_two_answered_pages_one_counts_and_both_are_named(desk: NotionDesk) -> None:
    desk.answer("i1", "nurse-a")
    first = desk.form.returned("")
    desk.server.clock.pass_(600)
    copy = desk.server.copy(desk.page("i1", "nurse-a"))
    desk.server.fill(copy, {"Seguro?": "Não"})
    second = desk.form.returned(first.cursor)
    assert (second.reviews, second.retractions) == ((), ())
    assert "two pages" in second.problems[0]
    desk.server.throw_away(copy)
    assert desk.form.returned(second.cursor).problems == ()


# What is not whole


def test_a_tick_on_a_half_filled_page_is_named_until_it_is_whole(desk: NotionDesk) -> None:
    page = desk.page("i1", "nurse-a")
    desk.answer("i1", "nurse-a", {"safe": "yes", "correct": "yes", "complete": "yes", "tone": "good"})
    first = desk.form.returned("")
    assert first.reviews == ()
    assert first.problems == (
        "In Notion, item i1 of nurse-a is ticked as ready and lacks an answer to Encaminhamento and Gravidade do dano.",
    )
    desk.server.clock.pass_(86_400)
    assert desk.form.returned(first.cursor).problems == first.problems
    desk.server.fill(page, {"Encaminhamento": "Certo", "Gravidade do dano": "Grave"})
    (review,) = desk.form.returned(first.cursor).reviews
    assert review.answers.given["harm"] == "severe"


def test_an_answer_that_is_cleared_leaves_the_review_that_stood(desk: NotionDesk) -> None:
    desk.answer("i1", "nurse-a")
    first = desk.form.returned("")
    desk.server.fill(desk.page("i1", "nurse-a"), {"Tom": None})
    second = desk.form.returned(first.cursor)
    assert (second.reviews, second.retractions) == ((), ())
    assert "Tom" in second.problems[0]


def test_an_answer_that_is_being_changed_when_the_item_is_withdrawn_leaves_the_review_that_stood(
    desk: NotionDesk,
) -> None:
    desk.answer("i1", "nurse-a")
    collect(desk.form, desk.records, "notion")
    desk.server.fill(desk.page("i1", "nurse-a"), {"Tom": None})
    desk.form.withdraw("i1", "nurse-a")
    assert collect(desk.form, desk.records, "notion").retracted == 0
    assert desk.records.standing("i1", "nurse-a") is not None


def test_an_answer_of_her_own_is_a_problem_that_quotes_nothing(desk: NotionDesk) -> None:
    desk.answer("i1", "nurse-a")
    desk.server.fill(desk.page("i1", "nurse-a"), {"Seguro?": "Segundo a Segredo sim"})
    found = desk.form.returned("")
    assert found.reviews == ()
    assert "“" not in found.problems[0]
    assert "Seguro?" in found.problems[0]
    assert "Segredo" not in found.problems[0]


def test_a_passage_is_found_whatever_its_blanks_and_else_kept_in_the_comment(desk: NotionDesk) -> None:
    desk.answer("i1", "nurse-a", comment="Bem.")
    passages = "“equipe. Se  sangrar”\n\nEla disse Segredo"
    desk.server.fill(desk.page("i1", "nurse-a"), {"Trecho": passages})
    found = desk.form.returned("")
    (review,) = found.reviews
    assert [one.text for one in review.answers.highlights] == ["equipe.\nSe sangrar"]
    assert review.answers.comment == "Bem.\n“Ela disse [*]”"
    assert "passage" in found.problems[0]
    assert "Ela" not in found.problems[0]


def test_of_a_criterion_one_question_is_asked(desk: NotionDesk) -> None:
    desk.records.put_items([criterion_item("c1")], [origin("c1")], [assignment("c1", part="extra")])
    desk.form.offer(offers(desk.records, only=["c1"]))
    desk.answer("c1", "nurse-a", {"met": "no"})
    (review,) = desk.form.returned("").reviews
    assert review.answers.given == {"met": "no"}


def test_pages_that_are_not_ours_are_let_be(desk: NotionDesk) -> None:
    desk.records.put_reviewer(reviewer("nurse-c"))
    mine = desk.page("i1", "nurse-a")
    for key in ("", "note", "other:nurse-a", "i1:nurse-c"):
        desk.answer("i1", "nurse-a")
        copy = desk.server.copy(mine)
        desk.server.fill(copy, {"Chave": key})
    found = desk.form.returned("")
    assert [(one.item_id, one.reviewer_id) for one in found.reviews] == [("i1", "nurse-a")]
    assert found.problems == ("In Notion, item i1 of nurse-c was never assigned so: its page does not count.",)


# What people do to the database


def test_renamed_properties_and_options_are_still_read_and_written(desk: NotionDesk) -> None:
    desk.answer("i1", "nurse-a")
    update(desk, "Seguro?", {"name": "É seguro?"})
    update(desk, "Pronto", {"name": "Terminei"})
    update(desk, "Chave", {"name": "zz"})
    for option in desk.server.column("É seguro?").options:
        option["name"] = option["name"].upper()
    (review,) = desk.form.returned("").reviews
    assert review.answers.given["safe"] == "yes"
    update(desk, "zz", {"name": "Chave"})
    desk.server.throw_away(desk.page("i2", "nurse-a"))
    desk.form.offer(offers(desk.records))
    assert len(desk.server.rows()) == 3


@pytest.mark.parametrize("is_remembered", [True, False])
def test_a_database_made_with_an_earlier_question_is_read_and_asks_that_of_today(
    desk: NotionDesk, is_remembered: bool
) -> None:
    asked = FIELD["met"].name
    desk.records.put_items([criterion_item("c1")], [origin("c1")], [assignment("c1", part="extra")])
    desk.form.offer(offers(desk.records))
    desk.server.fill(desk.page("c1", "nurse-a"), {asked: "Não", "Pronto": True})
    update(desk, asked, {"name": "Critério cumprido?"})
    if not is_remembered:
        desk.records.set_cursor("notion-database", "")
    (review,) = desk.form.returned("").reviews
    assert (review.item_id, review.answers.given) == ("c1", {"met": "no"})
    before = len(desk.server.database.columns)
    desk.form.offer(offers(desk.records))
    assert len(desk.server.database.columns) == before
    assert desk.server.read(desk.page("c1", "nurse-a"), asked) == "Não"
    update(desk, asked, {"name": "Vale?"})
    desk.form.offer(offers(desk.records))
    assert desk.server.column("Vale?"), "what people called it stays"


def test_an_earlier_question_that_lost_an_option_has_both_again(desk: NotionDesk) -> None:
    asked = FIELD["met"].name
    update(desk, asked, {"select": {"options": [{"name": "Sim"}, {"name": "Não"}]}})
    update(desk, asked, {"name": "Critério cumprido?"})
    desk.form.offer(offers(desk.records))
    assert len(desk.server.column(asked).options) == 3


def test_a_property_that_was_removed_is_named_then_made_again(desk: NotionDesk) -> None:
    desk.answer("i1", "nurse-a")
    first = desk.form.returned("")
    update(desk, "Tom", None)
    lost = desk.form.returned(first.cursor)
    assert (lost.reviews, lost.retractions, lost.cursor) == ((), (), first.cursor)
    assert "“Tom”" in lost.problems[0]
    desk.form.offer(offers(desk.records))
    assert [one["name"] for one in desk.server.column("Tom").options] == [
        "Bom",
        "Aceitável",
        "Ruim",
        "Não dá para dizer",
    ]
    assert "Tom" in desk.form.returned(first.cursor).problems[0]
    desk.server.fill(desk.page("i1", "nurse-a"), {"Tom": "Ruim"})
    assert [one.revision for one in desk.form.returned(first.cursor).reviews] == [2]


def test_an_option_that_was_removed_is_made_again_beside_those_that_people_added(desk: NotionDesk) -> None:
    names = [one["name"] for one in desk.server.column("Tom").options if one["name"] != "Ruim"]
    update(desk, "Tom", {"select": {"options": [{"name": name} for name in [*names, "Frio"]]}})
    desk.form.offer(offers(desk.records))
    assert {one["name"] for one in desk.server.column("Tom").options} == {*names, "Frio", "Ruim"}
    desk.answer("i1", "nurse-a", given(tone="poor"))
    assert desk.form.returned("").reviews[0].answers.given["tone"] == "poor"


def test_a_property_of_another_type_is_for_a_person_to_mend(desk: NotionDesk) -> None:
    update(desk, "Tom", {"rich_text": {}})
    assert "“Tom” of the Notion database is of type rich_text, not select" in desk.form.returned("").problems[0]
    with pytest.raises(StorageError, match="set its type back"):
        desk.form.offer(offers(desk.records))


def test_without_what_is_remembered_all_is_found_by_name(desk: NotionDesk) -> None:
    desk.answer("i1", "nurse-a", comment="Bem")
    desk.records.set_cursor("notion-database", "")
    (review,) = desk.form.returned("").reviews
    assert review.answers.highlights[0].text == PASSAGE

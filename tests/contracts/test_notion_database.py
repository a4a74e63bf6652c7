"""The database in Notion: one, found or made, whatever people and a second run do at the same time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from notion_server import TOKEN, Fault
from pydantic import SecretStr
from review_desks import PASSAGE, NotionDesk, notion_desk, offers

from evals.review.notion.schema import wanted
from evals.review.notion.wire import Wire
from matria.errors import SettingsError, StorageError


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NotionDesk]:
    with notion_desk(tmp_path) as made:
        yield made


def test_a_database_is_made_below_its_page_and_found_there_by_its_title(desk: NotionDesk) -> None:
    desk.form.offer(offers(desk.records))
    desk.records.set_cursor("notion-database", "")
    desk.opened().offer(offers(desk.records))
    assert len(desk.server.databases) == 1
    assert desk.server.database.title == "Revisão da semana"
    assert {one.name for one in desk.server.database.columns} >= {"Seguro?", "Encaminhamento", "Pronto", "Chave"}


def test_a_database_that_was_renamed_is_still_the_one(desk: NotionDesk) -> None:
    desk.form.offer(offers(desk.records))
    desk.server.database.title = "Leituras"
    desk.opened().offer(offers(desk.records))
    assert len(desk.server.databases) == 1
    assert "Leituras" in desk.form.ping()


def test_a_database_in_portugal_is_called_so_and_each_is_read_whatever_the_setting(desk: NotionDesk) -> None:
    desk.opened(locale="pt-PT").offer(offers(desk.records))
    assert desk.server.column("Excerto")
    assert [one["name"] for one in desk.server.column("Tom").options][2] == "Mau"
    desk.records.set_cursor("notion-database", "")
    desk.form.offer(offers(desk.records))
    page, before = desk.page("i1", "nurse-a"), len(desk.server.database.columns)
    asked = {"Seguro?": "Sim", "Correto?": "Sim", "Completo?": "Sim", "Tom": "Mau", "Encaminhamento": "Certo"}
    desk.server.fill(page, asked | {"Gravidade do dano": "Ligeiro", "Excerto": PASSAGE, "Pronto": True})
    (review,) = desk.form.returned("").reviews
    assert (review.answers.given["tone"], review.answers.given["harm"]) == ("poor", "mild")
    assert [one.text for one in review.answers.highlights] == [PASSAGE]
    assert len(desk.server.database.columns) == before


def test_another_page_in_the_settings_means_another_database(desk: NotionDesk) -> None:
    desk.form.offer(offers(desk.records))
    elsewhere = desk.server.add_page()
    desk.opened(parent_id=elsewhere).offer(offers(desk.records))
    assert [one.parent_id for one in desk.server.databases.values()] == [desk.server.parent_id, elsewhere]


def test_a_database_is_found_by_its_id_with_and_without_hyphens(desk: NotionDesk) -> None:
    desk.form.offer(offers(desk.records))
    database_id = desk.server.database.id
    for written in (database_id, database_id.replace("-", "")):
        desk.opened(database_id=written, parent_id="").offer(offers(desk.records))
    assert len(desk.server.rows()) == 3


def test_a_database_is_found_by_search_where_no_page_is_set(desk: NotionDesk) -> None:
    desk.form.offer(offers(desk.records))
    desk.records.set_cursor("notion-database", "")
    assert "Revisão da semana" in desk.opened(parent_id="").ping()


@pytest.mark.parametrize("is_carried_out", [True, False])
def test_a_lost_answer_makes_no_second_database(desk: NotionDesk, is_carried_out: bool) -> None:
    desk.server.faults.append(Fault(502, "POST", "/databases$", is_carried_out=is_carried_out))
    desk.form.offer(offers(desk.records))
    assert len(desk.server.databases) == 1


def test_a_database_in_the_trash_is_named_where_it_was_set_and_made_anew_where_it_was_not(desk: NotionDesk) -> None:
    desk.form.offer(offers(desk.records))
    old = desk.server.database
    old.is_trashed = True
    with pytest.raises(StorageError, match="restore it"):
        desk.opened(database_id=old.id).offer(offers(desk.records))
    desk.form.offer(offers(desk.records))
    assert desk.server.database.id != old.id


def test_what_is_missing_in_the_settings_is_named(desk: NotionDesk) -> None:
    with pytest.raises(SettingsError, match="https"):
        Wire(SecretStr(TOKEN), "http://a.test")
    with pytest.raises(SettingsError, match="no id"):
        desk.opened(parent_id="https://www.notion.so/page")
    with pytest.raises(SettingsError, match="NOTION_PARENT"):
        desk.opened(parent_id="").offer(offers(desk.records))


def test_of_two_databases_that_two_runs_make_at_once_one_stays(desk: NotionDesk) -> None:
    def another(method: str, path: str) -> None:
        if (method, path) == ("POST", "/v1/databases"):
            desk.server.before = lambda method, path: None
            title, parent = [{"text": {"content": "Revisão da semana"}}], {"page_id": desk.server.parent_id}
            desk.server.create_database(
                {"parent": parent, "title": title, "initial_data_source": {"properties": wanted("pt-BR")}}
            )

    desk.server.before = another
    desk.form.offer(offers(desk.records))
    first, second = desk.server.databases.values()
    assert (first.is_trashed, second.is_trashed) == (False, True)
    assert {one.parent["database_id"] for one in desk.server.rows()} == {first.id}


def test_of_several_data_sources_the_known_one_is_read_then_the_one_of_the_title(desk: NotionDesk) -> None:
    desk.form.offer(offers(desk.records))
    database = desk.server.database
    database.source_name, database.other_sources = "Leituras", [{"id": "other", "name": "Revisão da semana"}]
    desk.answer("i1", "nurse-a")
    assert len(desk.form.returned("").reviews) == 1
    desk.records.set_cursor("notion-database", "")
    database.source_name, database.other_sources = "Revisão da semana", [{"id": "other", "name": "Outra"}]
    assert len(desk.form.returned("").reviews) == 1
    desk.records.set_cursor("notion-database", "")
    database.source_name = "Leituras"
    with pytest.raises(StorageError, match="2 data sources, none or several named “Revisão da semana”"):
        desk.form.returned("")


def test_the_id_of_a_page_in_place_of_a_database_is_named(desk: NotionDesk) -> None:
    with pytest.raises(SettingsError, match="NOTION_DATABASE is the id of something else"):
        desk.opened(database_id=desk.server.parent_id).ping()


def test_a_ping_says_what_keeps_a_batch_from_being_offered(desk: NotionDesk) -> None:
    assert "no database yet, the first batch makes it" in desk.form.ping()
    with pytest.raises(SettingsError, match="NOTION_PARENT"):
        desk.opened(parent_id="").ping()
    desk.form.offer(offers(desk.records))
    desk.server.update_source(desk.server.database, {"properties": {"Tom": {"rich_text": {}}}})
    with pytest.raises(StorageError, match="set its type back"):
        desk.form.ping()


def test_a_database_of_which_notion_gives_a_part_is_not_taken_for_the_whole(desk: NotionDesk) -> None:
    desk.form.offer(offers(desk.records))
    desk.server.most_rows = 2
    with pytest.raises(StorageError, match="too long"):
        desk.form.offer(offers(desk.records))

"""Reports on the shelf, and the pages that show them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from flows.shelf import Shelf
from flows.site.app import build
from matria import durable
from matria.settings import load_settings

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "reports")


@pytest.fixture
def pages(tmp_path: Path) -> TestClient:
    return TestClient(build(load_settings(home=tmp_path)))


def put(shelf: Shelf, title: str, text: str, kind: str = "ingest", now: datetime = NOW) -> str:
    folder = shelf.new_folder(kind, now)
    durable.write_text(folder / "page.md", text)
    return shelf.put(folder, title, "page.md", now, is_simulated=True).address


def test_two_reports_of_the_same_second_do_not_share_a_folder(shelf: Shelf) -> None:
    assert put(shelf, "first", "a") != put(shelf, "second", "b")
    assert [report.title for report in shelf.of("ingest")] == ["second", "first"]


def test_a_report_that_was_not_finished_is_not_shown(shelf: Shelf) -> None:
    put(shelf, "whole", "a")
    shelf.new_folder("ingest", NOW)
    assert [report.title for report in shelf.of("ingest")] == ["whole"]


def test_an_empty_shelf_says_how_to_start(pages: TestClient) -> None:
    text = pages.get("/").text
    assert "Nothing yet" in text
    assert "make run" in text


def test_the_start_page_speaks_portuguese(pages: TestClient) -> None:
    text = pages.get("/?lang=pt").text
    assert 'lang="pt"' in text
    assert "Enfermagem e equipe clínica" in text


def test_a_report_is_a_page_and_a_script_in_it_is_text(shelf: Shelf, pages: TestClient) -> None:
    address = put(
        shelf, "<b>bold</b> title", "# Hello\n\n<script>alert(1)</script>\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    page = pages.get(address).text
    assert "<h1>Hello</h1>" in page
    assert "<td>1</td>" in page
    assert "<script>alert" not in page
    home = pages.get("/").text
    assert "&lt;b&gt;bold&lt;/b&gt; title" in home
    assert "simulated" in home


@pytest.mark.parametrize(
    "address",
    [
        "/reports/ingest/../../secret.txt",
        "/reports/ingest/%2e%2e/%2e%2e/secret.txt",
        "/reports/ingest/x/..%2f..%2f..%2fsecret.txt",
        "/reports/../secret.txt",
        "/reports/%2e%2e/keys/local-1.key",
        "/reports/..%2fkeys/local-1.key",
        "/reports/%2e%2e/%2e%2e/secret.txt",
        "/reports/ingest/%2e%2e/%2e%2e/keys/local-1.key",
        "/docs/../policy.yaml",
        "/docs/%2e%2e/policy.yaml",
        "/nothing",
    ],
)
def test_no_address_leads_out_of_the_shelf(tmp_path: Path, pages: TestClient, address: str) -> None:
    for hidden in (tmp_path / "secret.txt", tmp_path / "keys" / "local-1.key"):
        hidden.parent.mkdir(exist_ok=True)
        hidden.write_text("secret")
    (tmp_path / "reports" / "ingest").mkdir(parents=True)
    answer = pages.get(address)
    assert answer.status_code == 404
    assert "secret" not in answer.text
    assert "Nothing lies here" in answer.text


@pytest.mark.parametrize(("kind", "name", "file"), [("..", "keys", "local-1.key"), ("ingest", "..", "../secret.txt")])
def test_no_part_of_an_address_may_climb(tmp_path: Path, kind: str, name: str, file: str) -> None:
    from fastapi import HTTPException

    from flows.site.app import _file

    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "local-1.key").write_text("secret")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "reports" / "ingest").mkdir(parents=True)
    with pytest.raises(HTTPException):
        _file(tmp_path / "reports", f"{kind}/{name}/{file}", None)


def test_the_docs_are_pages(pages: TestClient) -> None:
    assert "One word per idea" in pages.get("/docs/glossary.md").text

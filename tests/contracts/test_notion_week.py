"""A week of the platform's own in Notion: drawn, filled in there, kept masked, told by doctor, gone when it is old."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from notion_server import TOKEN, Fault, NotionServer
from pydantic import SecretStr

from evals.review.base import QUESTIONS
from evals.review.notion.database import Place
from evals.review.notion.form import NotionForm
from evals.review.notion.wire import Wire
from evals.review.notion.words import FIELD
from flows.steps.doctor_review import review_state
from flows.steps.review import draw_week
from flows.steps.review_due import look_after
from flows.steps.transcripts import forget_old_weeks
from flows.wiring import Platform
from matria.asgi_server import serving
from matria.privacy.identifiers import redact
from tests.unit.flows.review_parts import MONDAY, person, talk


@pytest.fixture
def server() -> NotionServer:
    made = NotionServer()
    made.clock.now = MONDAY
    return made


@pytest.fixture
def platform(tmp_path: Path, server: NotionServer) -> Iterator[Platform]:
    with serving(server, "127.0.0.1") as address:
        review = {
            "kind": "notion",
            "notion_token": TOKEN,
            "notion_parent": server.parent_id,
            "notion_url": address,
        }
        yield Platform.load(home=tmp_path, review=review, transcripts={"keep_days": 30})


def test_the_settings_lead_to_the_workspace(platform: Platform, server: NotionServer) -> None:
    server.add_user("nurse-a@example.org")
    person(platform, "nurse-a")
    said = platform.review_form.ping()
    assert "no database yet, the first batch makes it, as Mátria; 1 of 1 readers are people there" in said
    assert TOKEN not in said


def drawn(platform: Platform, server: NotionServer) -> None:
    """A week that two nurses have in Notion, whose clock stands still."""
    clock = server.clock
    wire = Wire(SecretStr(TOKEN), platform.settings.review.notion_url, sleep=clock.sleep, monotonic=clock.monotonic)
    place = Place(parent_id=server.parent_id)
    vars(platform)["review_form"] = NotionForm(wire, place, platform.reviews, redact, platform.review_zone)
    for name in ("nurse-a", "nurse-b"):
        person(platform, name)
    talk(platform, 3)
    draw_week(platform, now=MONDAY, judge=lambda of, chosen: {})


def fill_all(server: NotionServer) -> None:
    """Every page is answered and ticked."""
    best = {FIELD[question].name: next(iter(FIELD[question].options.values())) for question in QUESTIONS}
    for page in server.rows():
        server.fill(page, best | {"Comentário": "Ligue para 912 345 678.", "Pronto": True})


def test_a_week_is_drawn_filled_in_kept_masked_and_gone_from_notion_when_old(
    platform: Platform, server: NotionServer
) -> None:
    drawn(platform, server)
    assert len(server.rows()) == len(platform.reviews.offers()) > 0
    fill_all(server)
    later = MONDAY + timedelta(hours=2)
    outcome = look_after(platform, later)
    assert (outcome.collected.kept, outcome.collected.problems) == (len(server.rows()), ())
    assert platform.reviews.offers() == []
    kept = platform.reviews.settled(later + timedelta(days=1))
    assert {one.form for one in kept} == {"notion"}
    assert all("912" not in one.answers.comment and "Ligue" in one.answers.comment for one in kept)
    assert "database “Revisão da semana”" in review_state(platform, later)
    pages, old = server.rows(), MONDAY + timedelta(days=platform.settings.transcripts.keep_days + 1)
    assert forget_old_weeks(platform, old) == len({one.item_id for one in kept})
    assert [(server.said(page), page.is_trashed) for page in pages] == [("", True)] * len(pages)
    assert look_after(platform, old).collected.retracted == 0


def test_pages_of_an_old_week_that_notion_gives_up_by_halves_take_no_answer_back(
    platform: Platform, server: NotionServer
) -> None:
    drawn(platform, server)
    fill_all(server)
    look_after(platform, MONDAY + timedelta(hours=2))
    pages, old = server.rows(), MONDAY + timedelta(days=31)
    server.faults.append(Fault(403, "PATCH", pages[-1].id))
    items = {one.item_id for one in platform.reviews.assignments()}
    assert forget_old_weeks(platform, old) == len(items)
    assert not pages[-1].is_trashed
    assert look_after(platform, old).collected.retracted == 0
    assert len(platform.reviews.settled(old + timedelta(days=1))) == len(pages)
    assert forget_old_weeks(platform, old) == 0
    assert [(server.said(page), page.is_trashed) for page in pages] == [("", True)] * len(pages)

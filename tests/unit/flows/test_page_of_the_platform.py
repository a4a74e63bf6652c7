"""The nurses' page as the platform builds it: links go by its mail, and what came of a week is that of its reports."""

from datetime import timedelta
from pathlib import Path

from fastapi.testclient import TestClient

from flows.steps.review import draw_week
from flows.steps.review_access import page, set_active
from flows.steps.review_report import report_week
from tests.unit.evals.review.web.page_parts import URL, Letters, ask_for_link, press
from tests.unit.flows.review_parts import MONDAY, made_platform, person, read, talk

LATER = MONDAY + timedelta(days=6)


def test_who_is_mailed_a_link_reads_her_cards_and_what_came_of_the_week_until_she_is_removed(tmp_path: Path) -> None:
    letters, platform = Letters(), made_platform(tmp_path)
    vars(platform)["review_mailer"] = letters
    review = platform.settings.review.model_copy(update={"public_url": URL})
    vars(platform)["settings"] = platform.settings.model_copy(update={"review": review})
    person(platform, "nurse-a")
    talk(platform, 2)
    draw_week(platform, now=MONDAY, judge=lambda of, chosen: {})
    first, second = platform.reviews.assignments()
    for one in (first, second):
        read(platform, one, MONDAY)
    report_week(platform, now=LATER)
    with TestClient(page(platform), URL, follow_redirects=False) as browser:
        ask_for_link(browser, "nurse-a@example.org")
        ((to, _, _, link),) = letters.sent
        assert (to, link.startswith(f"{URL}/sign-in/link")) == ("nurse-a@example.org", True)
        assert press(browser, link.removeprefix(URL)).status_code == 303
        assert "16 a 22 de novembro" in browser.get("/changes").text
        assert browser.get(f"/items/{first.item_id}").status_code == 200
        for is_active in (False, True):
            set_active(platform, "nurse-a", is_active)
        assert browser.get("/changes").status_code == 303, "to sign in again, though she was let in again meanwhile"

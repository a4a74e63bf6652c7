"""How a card lies on the screen, in headless Chromium: two columns at a desk, one below the other on a phone."""

from typing import TYPE_CHECKING

from tests.browsers import IN_A_BROWSER
from tests.unit.evals.review.web.browser_parts import PHONE, WIDE, as_wide_as, page
from tests.unit.evals.review.web.card_parts import Desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = IN_A_BROWSER


def test_the_conversation_is_on_the_left_of_the_questions_and_above_them_on_a_phone(
    browser: "Browser", week: tuple[Desk, str]
) -> None:
    opened = page(browser, week, viewport=WIDE)
    opened.goto("/items/item-1")
    reading, asking = (opened.locator(one).bounding_box() for one in (".reading", ".asking"))
    assert reading is not None
    assert asking is not None
    assert 0 < reading["x"] + reading["width"] <= asking["x"]
    assert abs(reading["y"] - asking["y"]) < 100, "beside each other"
    as_wide_as(opened, PHONE)
    reading, asking = (opened.locator(one).bounding_box() for one in (".reading", ".asking"))
    assert reading is not None
    assert asking is not None
    assert reading["y"] + reading["height"] <= asking["y"]
    assert opened.locator(".asking input[type=radio]").first.is_visible()

"""Her pages in headless Chromium as a week finds them: all read, decided, on a narrow phone, on a line that hangs."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from evals.review.base import Answers, Part, Review
from evals.review.web.passages import highlights_of
from matria.messages import LOCALES, Locale
from tests.browsers import FITS, IN_A_BROWSER
from tests.unit.evals.review.web.browser_parts import (
    AXE,
    CONTRAST,
    EVERY_RULE,
    PAGES,
    PHONE,
    WIDE,
    answer_all,
    as_wide_as,
    drafted,
    page,
    told,
)
from tests.unit.evals.review.web.card_parts import FINE, Desk, item
from tests.unit.evals.review.web.page_parts import NOW

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

pytestmark = IN_A_BROWSER

NARROW = {"width": 360, "height": 740}
ASIDE = "[...document.querySelectorAll('.wide')].filter(one => one.scrollWidth > one.clientWidth + 1).length"
MENU = "document.querySelector('header.site nav')?.offsetHeight ?? 0"
NAMELESS = "[...document.querySelectorAll('.stack :is(thead, tbody, tr, th, td)')].filter(one => !one.role).length"
"""Parts of a table that is read downwards which Safari would not tell of."""
HEADLESS = (
    "[...document.querySelectorAll('.stack thead')].filter(one => getComputedStyle(one).display == 'none').length"
)
BELOW = """[...document.querySelectorAll('.stack tbody tr')].filter(
  row => new Set([...row.querySelectorAll('td')].map(one => one.offsetTop)).size > 1).length"""
"""Rows of such a table whose cells are not beside each other, under their heads."""
TALL = "[...document.querySelectorAll('.numbers td')].filter(one => one.offsetHeight > 40).length"
"""Figures that take more than a line."""
BAR = "document.querySelector('header.bar')?.offsetHeight ?? 0"


@pytest.mark.parametrize("locale", ["pt-PT", "en"])
def test_axe_finds_nothing_in_the_other_languages_either(
    browser: "Browser", week: tuple[Desk, str], locale: Locale
) -> None:
    found = []
    for who, paths in {**PAGES, "viewer-a": ("/week", "/items/item-1")}.items():
        opened = page(browser, week, who, viewport=NARROW)
        for path in paths:
            opened.goto(f"{path}?lang={locale}")
            opened.evaluate(AXE)
            found += [(path, *one) for one in opened.evaluate(EVERY_RULE)]
        opened.context.close()
    assert found == []


def test_a_week_that_is_read_and_a_tie_that_is_decided_are_as_clean(browser: "Browser", week: tuple[Desk, str]) -> None:
    made, _ = week
    for number in range(1, 6):
        says(
            made, f"item-{number}", Answers(FINE, "Bem dito.", highlights_of(["1:0:27"], item(f"item-{number}")), True)
        )
    says(made, "item-6", Answers({"met": "yes"}))
    says(made, "item-tie", Answers(FINE), "lead-a", "adjudicator")
    found = []
    states = (
        ("nurse-a", "/"),
        ("nurse-a", "/items/item-1"),
        ("nurse-a", "/items/item-1?change=1"),
        ("viewer-a", "/week"),
    )
    decided = (("lead-a", "/"), ("lead-a", "/items/item-tie"))
    for wait, pages in ((0, states), (11, decided)):
        made.clock.passes(minutes=wait)
        for who, path in pages:
            opened = page(browser, week, who)
            opened.goto(path)
            opened.evaluate(AXE)
            for viewport in (PHONE, WIDE):
                as_wide_as(opened, viewport)
                for scheme, run in (("light", EVERY_RULE), ("dark", CONTRAST)):
                    opened.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                    found += [(path, scheme, viewport["width"], *one) for one in opened.evaluate(run)]
            opened.context.close()
    assert found == []


def test_a_narrow_phone_shows_every_table_whole_and_the_bar_in_one_line(
    browser: "Browser", week: tuple[Desk, str]
) -> None:
    made, _ = week
    says(made, "item-tie", Answers(FINE), "lead-a", "adjudicator")
    made.clock.passes(minutes=11)
    for who, paths in (("lead-a", ("/week", "/items/item-tie")), ("nurse-a", ("/changes", "/items/item-1"))):
        opened = page(browser, week, who, viewport=NARROW)
        for at in (f"{path}?lang={locale}" for path in paths for locale in LOCALES):
            opened.goto(at)
            assert opened.evaluate(ASIDE) == 0, at
            assert opened.evaluate(BAR) < 56, at
            assert opened.evaluate(MENU) < 56, at
            assert opened.evaluate(FITS), at
            assert opened.locator(".stack").count(), at
            assert [opened.evaluate(amiss) for amiss in (NAMELESS, HEADLESS, BELOW, TALL)] == [0] * 4, at


def test_a_connection_that_hangs_counts_as_none_and_keeps_the_card(browser: "Browser", week: tuple[Desk, str]) -> None:
    made, _ = week
    opened = page(browser, week)
    opened.clock.install(time=NOW)
    opened.goto("/items/item-1")
    opened.clock.pause_at(NOW + timedelta(hours=1))  # no draft saves itself while she answers
    opened.route("**/draft?*", lambda route: None)
    answer_all(opened)
    opened.click("#send")
    told(opened, "Enviando…")
    opened.clock.fast_forward(21_000)
    told(opened, "o cartão não foi enviado")
    assert opened.get_attribute("#send", "aria-disabled") is None
    opened.unroute("**/draft?*")
    opened.click("#send")
    opened.wait_for_url("**/items/item-2?note=kept")
    review = made.said("item-1")
    assert review is not None


def test_a_draft_whose_answer_was_lost_is_not_taken_for_another_windows(
    browser: "Browser", week: tuple[Desk, str]
) -> None:
    made, _ = week
    opened = page(browser, week)
    opened.goto("/items/item-1")

    def lose(route: "Route") -> None:
        route.fetch()
        route.abort()

    opened.route("**/draft?*", lose, times=1)
    opened.check("#q-safe-yes")
    told(opened, "Sem conexão")
    opened.check("#q-safe-no")
    drafted(opened, made, "item-1", safe="no")
    assert opened.locator("#conflict").is_hidden()


def test_letters_are_counted_where_they_run_short(browser: "Browser", week: tuple[Desk, str]) -> None:
    opened = page(browser, week)
    opened.goto("/items/item-1")
    assert opened.locator("#letters").is_hidden()
    opened.fill("#comment", "a" * 3900)
    assert opened.inner_text("#letters") == "3900 de 4000 caracteres"


def says(made: Desk, item_id: str, answers: Answers, who: str = "nurse-a", part: Part = "first") -> None:
    """Her answers are in, as of now."""
    made.records.submit(Review(item_id, who, part, answers, made.clock(), 1, "web"), 0)

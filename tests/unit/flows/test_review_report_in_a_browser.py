"""The page of the weekly report as a person meets it, in headless Chromium."""

from pathlib import Path
from typing import Any

import pytest

from evals.review.report_words import words_of
from flows.review_page import page
from matria.messages import LOCALES, Locale
from tests.browsers import IN_A_BROWSER
from tests.unit.evals.review.test_weekly_report import all_read, made

pytestmark = IN_A_BROWSER
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"


@pytest.mark.parametrize(("locale", "width", "scheme"), [("pt-BR", 360, "dark"), ("en", 1280, "light")])
def test_one_chart_of_each_outcome_is_seen_and_nothing_scrolls_sideways(
    browser: Any, tmp_path: Path, locale: Locale, width: int, scheme: str
) -> None:
    file = tmp_path / "review.html"
    file.write_text(page(made(all_read(safe="no", harm="severe")), 2, locale), encoding="utf-8")
    opened = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    opened.goto(file.as_uri())
    assert opened.evaluate(SIDEWAYS) <= 0
    assert opened.locator("svg.chart:visible").count() == 2
    assert opened.locator("section.case h3").first.inner_text().startswith("1. ")
    assert words_of(locale).say("ground_harm") in opened.locator("section.case h3").first.inner_text()
    week, weeks = opened.locator(".two tbody tr").first.locator("td").all()
    assert week.bounding_box()["y"] == weeks.bounding_box()["y"], "a measure's two figures stand side by side"
    assert opened.locator(".wide-table :is(thead, tbody, tr, th, td):not([role])").count() == 0
    opened.close()


def test_a_page_in_each_language_says_which_it_is() -> None:
    for locale in LOCALES:
        assert f'<html lang="{locale}">' in page(made(all_read()), 2, locale)

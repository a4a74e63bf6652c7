"""The page of what a message costs as a person meets it, in headless Chromium, below the content policy of the site."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.costs_page import page
from flows.shelf import Shelf
from flows.site.app import build
from flows.steps.costs import report_of
from matria import durable
from matria.asgi_server import serving
from matria.costs.hourly import hourly
from matria.settings import load_settings
from tests.browsers import FITS, IN_A_BROWSER
from tests.unit.flows.cost_parts import LANDED, NOW, cause, rise, two_days

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the page is served."""
    home: Path = tmp_path_factory.mktemp("home")
    shelf, sums = Shelf(home / "reports"), two_days()
    folder = shelf.new_folder("costs", NOW)
    chart = hourly(sums, NOW, 0.2, landed=[LANDED, LANDED])
    text = page(report_of(sums, 24, NOW), chart, [rise()], cause(), "pt-BR", 35)
    durable.write_text(folder / "costs.html", text)
    report = shelf.put(folder, "Custo", "costs.html", NOW, is_simulated=False)
    with serving(build(load_settings(home=home)), "127.0.0.1") as url:
        yield f"{url}{report.address}"


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_one_chart_is_seen_in_its_colours_and_nothing_scrolls_sideways(
    browser: Any, address: str, width: int, scheme: str
) -> None:
    opened = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.goto(address)
    assert opened.evaluate(FITS)
    if width > 640:
        sideways = "[...document.querySelectorAll('.wide-table')].some(one => one.scrollWidth > one.clientWidth)"
        assert not opened.evaluate(sideways), "every column is seen at a desk"
        lines = "[...document.querySelectorAll('tbody th')].filter(one => one.textContent.includes('@'))"
        assert max(opened.evaluate(f"{lines}.map(one => one.clientHeight)")) < 40, "a prompt's name is one line"
    seen = opened.evaluate(
        "[...document.querySelectorAll('svg.chart')].filter(svg => svg.getBoundingClientRect().height > 200)"
        ".map(svg => svg.classList.contains('narrow'))"
    )
    assert seen == [width < 640], "one of the two charts, for this width"
    fill = opened.evaluate("getComputedStyle(document.querySelector('rect.is')).fill")
    assert fill == ("rgb(111, 209, 191)" if scheme == "dark" else "rgb(11, 107, 92)"), "the policy lets styles in"
    name = "narrow" if width < 640 else "wide"
    letters = opened.evaluate(f"document.querySelector('svg.{name} text').getBoundingClientRect().height")
    assert letters >= 12, "letters are as large on a phone"
    opened.click("summary")
    assert opened.locator("details tbody tr").count() == 48
    assert [text for text in complaints if "favicon" not in text and "404" not in text] == []
    opened.close()

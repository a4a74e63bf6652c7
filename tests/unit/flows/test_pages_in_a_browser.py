"""The pages as a person meets them, in headless Chromium, on a phone and on a desk."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from flows.shelf import Shelf
from flows.site.app import build
from matria import durable
from matria.asgi_server import serving
from matria.settings import load_settings
from tests.browsers import FITS, IN_A_BROWSER

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The pages, served with one report whose title is long."""
    home = tmp_path_factory.mktemp("home")
    shelf = Shelf(home / "reports")
    folder = shelf.new_folder("evaluation", datetime(2026, 3, 1, tzinfo=UTC))
    durable.write_text(folder / "page.md", "# Report\n\n" + "| a | b |\n|---|---|\n| " + "wide " * 60 + "| 2 |\n")
    shelf.put(folder, "gestante/triagem.pt-BR: Blocked " * 4, "page.md", datetime(2026, 3, 1, tzinfo=UTC), True)
    with serving(build(load_settings(home=home)), "127.0.0.1") as url:
        yield url


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_scrolls_sideways_and_each_door_opens(browser: Any, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    for path in ("/", "/?lang=pt", "/reports/evaluation/20260301T000000Z/page.md"):
        page.goto(address + path)
        assert page.evaluate(FITS), path
    page.goto(address + "/?lang=pt")
    doors = page.eval_on_selector_all(".doors a[href^='/']", "links => links.map(link => link.href)")
    assert len(doors) == 4
    for door in doors:
        assert page.goto(door).status == 200, door
    page.close()

"""The pages as a person meets them, in headless Chromium, on a phone and on a desk."""

import shutil
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from flows.shelf import Shelf
from flows.site.app import build
from matria import durable
from matria.settings import load_settings

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: install it to try the pages"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The pages, served with one report whose title is long."""
    import socket

    import uvicorn

    home = tmp_path_factory.mktemp("home")
    shelf = Shelf(home / "reports")
    folder = shelf.new_folder("evaluation", datetime(2026, 3, 1, tzinfo=UTC))
    durable.write_text(folder / "page.md", "# Report\n\n" + "| a | b |\n|---|---|\n| " + "wide " * 60 + "| 2 |\n")
    shelf.put(folder, "gestante/triagem.pt-BR: Blocked " * 4, "page.md", datetime(2026, 3, 1, tzinfo=UTC), True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(build(load_settings(home=home)), log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_scrolls_sideways_and_each_door_opens(address: str, width: int) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        page = browser.new_page(viewport={"width": width, "height": 800})
        for path in ("/", "/?lang=pt", "/reports/evaluation/20260301T000000Z/page.md"):
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        page.goto(address + "/?lang=pt")
        doors = page.eval_on_selector_all(".doors a[href^='/']", "links => links.map(link => link.href)")
        assert len(doors) == 4
        for door in doors:
            assert page.goto(door).status == 200, door
        browser.close()

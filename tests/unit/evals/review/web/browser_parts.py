"""What the tests of the nurses' pages in a browser share: a signed-in page, axe-core, and a few gestures."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import axe_playwright_python

from tests.unit.evals.review.web.card_parts import FINE, Desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PATIENCE_MS = 60_000
"""After which what is waited for does not come, however busy the machine."""
PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
PAGES = {
    "nurse-a": ("/", "/items/item-1", "/items/item-6", "/items/item-tie", "/changes"),
    "lead-a": ("/week", "/items/item-tie"),
}
OUTSIDE = (
    "[...document.querySelectorAll('button, select, a, label, p, h1, h2')].filter(one => !one.closest('.wide')"
    " && one.getBoundingClientRect().right > innerWidth + 1).map(one => one.outerHTML.slice(0, 80))"
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
# Between two scrolls a bar that stays in view covers half of some option: the pages are looked at with the bars in
# their places, or what is found would depend on where a scroll happened to stand.
_RUN = """(() => {
  const bars = [...document.querySelectorAll("header.bar, .send")];
  bars.forEach(bar => bar.style.setProperty("position", "static", "important"));
  return axe.run(%s)
    .then(said => said.violations.map(one => [one.id, one.nodes[0].html]))
    .finally(() => bars.forEach(bar => bar.style.removeProperty("position")));
})()"""
EVERY_RULE = _RUN % json.dumps(
    {
        "resultTypes": ["violations"],
        "runOnly": {"type": "tag", "values": RULES},
        "rules": {"target-size": {"enabled": True}},
    }
)
CONTRAST = _RUN % json.dumps({"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}})


def page(browser: "Browser", site: tuple[Desk, str], who: str = "nurse-a", **options: Any) -> "Page":
    """A browser in which she is signed in; a complaint of its console fails the test that looks."""
    made, url = site
    context = browser.new_context(**{"viewport": PHONE, "base_url": url, "reduced_motion": "reduce", **options})
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": "matria-session", "value": made.cookie(who), "url": url}])
    opened = context.new_page()
    opened.on("pageerror", lambda error: made.complaints.append(str(error)))
    return opened


def answer_all(opened: "Page") -> None:
    """Every question has an answer."""
    for name, option in FINE.items():
        opened.check(f"#q-{name}-{option}")


def told(opened: "Page", text: str) -> None:
    """The line below the button says so, now or soon."""
    opened.locator("#status", has_text=text).wait_for()


def focused(opened: "Page", what: str) -> None:
    """The focus is on what fits this selector, now or soon: a browser moves it when it next paints."""
    opened.locator(f"{what}:focus").wait_for(state="attached")


def as_wide_as(opened: "Page", viewport: dict[str, int]) -> None:
    """The page is laid out for this size."""
    opened.set_viewport_size(viewport)  # type: ignore[arg-type]
    opened.wait_for_function("width => innerWidth === width", arg=viewport["width"])


def soon(opened: "Page", is_so: Callable[[], bool], what: str) -> None:
    """Returns once the server holds it."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while not is_so():
        assert time.monotonic() < until, what
        opened.wait_for_timeout(20)


def drafted(opened: "Page", made: Desk, card: str, **fields: Any) -> None:
    """A draft with these fields is on the server, and she is told."""

    def is_there() -> bool:
        draft = made.records.draft(card, "nurse-a")
        return draft is not None and fields.items() <= draft.fields.items()

    soon(opened, is_there, f"no draft with {fields}")
    told(opened, "Rascunho salvo")


def sent(opened: "Page") -> None:
    """The card is sent, and what comes of it is there."""
    with opened.expect_navigation():
        opened.click("#send")

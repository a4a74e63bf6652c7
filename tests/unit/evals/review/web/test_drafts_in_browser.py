"""What is not lost, in headless Chromium: offline, with a session that ran out, in two windows, and what is marked."""

from typing import TYPE_CHECKING

from tests.browsers import IN_A_BROWSER
from tests.unit.evals.review.web.browser_parts import (
    AXE,
    EVERY_RULE,
    WIDE,
    answer_all,
    focused,
    page,
    sent,
    soon,
    told,
)
from tests.unit.evals.review.web.card_parts import ASKED, SAID, Desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = IN_A_BROWSER


def test_a_lost_connection_loses_nothing(browser: "Browser", week: tuple[Desk, str]) -> None:
    made, _ = week
    opened = page(browser, week)
    opened.goto("/items/item-1")
    opened.context.set_offline(True)
    answer_all(opened)
    opened.fill("#comment", "Escrito no elevador.")
    opened.click("#send")
    told(opened, "não foi enviado")
    assert made.records.draft("item-1", "nurse-a") is None
    again = opened.context.new_page()
    opened.close()
    again.context.set_offline(False)
    again.goto("/items/item-1")
    told(again, "Rascunho salvo")
    assert again.input_value("#comment") == "Escrito no elevador."
    draft = made.records.draft("item-1", "nurse-a")
    assert draft is not None
    assert draft.fields["comment"] == "Escrito no elevador."
    assert again.evaluate("Object.keys(localStorage).filter(one => one.includes('item-1'))") == [], (
        "nothing stays behind"
    )
    sent(again)
    assert made.said("item-1") is not None


def test_a_session_that_ran_out_keeps_what_was_typed_until_she_is_back(
    browser: "Browser", week: tuple[Desk, str]
) -> None:
    made, url = week
    opened = page(browser, week)
    opened.goto("/items/item-1")
    opened.context.clear_cookies()
    opened.fill("#comment", "Escrito depois do plantão.")
    told(opened, "Sua sessão terminou")
    opened.click("#send")
    assert opened.get_attribute("#status a", "href") == "/sign-in?next=%2Fitems%2Fitem-1"
    opened.click("#status a")
    opened.wait_for_url("**/sign-in?next=**")
    opened.context.add_cookies([{"name": "matria-session", "value": made.cookie("nurse-a"), "url": url}])
    opened.goto("/items/item-1")
    told(opened, "Rascunho salvo")
    assert opened.input_value("#comment") == "Escrito depois do plantão."


def test_a_draft_saves_itself_and_two_windows_overwrite_nothing_unseen(
    browser: "Browser", week: tuple[Desk, str]
) -> None:
    made, _ = week
    one = page(browser, week)
    one.goto("/items/item-1")
    other = one.context.new_page()
    other.goto("/items/item-1")
    one.bring_to_front()
    one.check("#q-safe-yes")
    told(one, "Rascunho salvo")
    other.bring_to_front()
    other.check("#q-safe-no")
    other.wait_for_selector("#conflict:not([hidden])")
    assert "Segurança" in other.inner_text("#conflict")
    focused(other, "#conflict")
    other.click("#send")
    focused(other, "#conflict")  # she is led back to what she has to choose
    other.evaluate(AXE)
    assert other.evaluate(EVERY_RULE) == []
    draft = made.records.draft("item-1", "nurse-a")
    assert draft is not None
    assert draft.fields["safe"] == "yes"
    other.click("#keep-mine")
    told(other, "Rascunho salvo")
    draft = made.records.draft("item-1", "nurse-a")
    assert draft is not None
    assert draft.fields["safe"] == "no"


def test_what_is_selected_is_marked_where_it_stands(browser: "Browser", week: tuple[Desk, str]) -> None:
    opened = page(browser, week, viewport=WIDE)
    opened.goto("/items/item-1")
    for index, passage in ((0, "😊"), (1, "uma hora")):
        text = ASKED if index == 0 else SAID
        opened.evaluate(
            "([index, from, to]) => { const text = document.querySelector(`[data-index='${index}']`);"
            " const walker = document.createTreeWalker(text, 4);"
            " const range = document.createRange(); let left = 0;"
            " for (let node = walker.nextNode(); node; node = walker.nextNode()) {"
            "  if (left <= from && from < left + node.length) range.setStart(node, from - left);"
            "  if (left < to && to <= left + node.length) range.setEnd(node, to - left); left += node.length; }"
            " getSelection().removeAllRanges(); getSelection().addRange(range); }",
            [index, *units(text, passage)],
        )
        opened.click("#mark-selection")
    assert opened.locator(".passage").count() == 2

    def marked() -> list[str]:
        draft = week[0].records.draft("item-1", "nurse-a")
        return [one["text"] for one in draft.fields["highlights"]] if draft else []

    soon(opened, lambda: marked() == ["😊", "uma hora"], "the two passages are not in her draft")
    told(opened, "Rascunho salvo")


def units(text: str, passage: str) -> tuple[int, int]:
    """Where it stands in the browser's count, in which a face is two."""
    start = len(text[: text.index(passage)].encode("utf-16-le")) // 2
    return start, start + len(passage.encode("utf-16-le")) // 2

"""What stays on a device that several use, in headless Chromium: nothing of hers after her, and nothing without end."""

from datetime import timedelta
from typing import TYPE_CHECKING

from evals.review.web.sessions import SESSION, hash_of
from tests.browsers import IN_A_BROWSER
from tests.unit.evals.review.web.browser_parts import AXE, EVERY_RULE, answer_all, drafted, page, sent, soon, told
from tests.unit.evals.review.web.card_parts import FINE, Desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = IN_A_BROWSER
KEPT = "Object.keys(localStorage).filter(one => one.startsWith('matria:'))"


def test_what_is_left_while_typing_is_on_the_server_and_not_on_this_device_alone(
    browser: "Browser", week: tuple[Desk, str]
) -> None:
    made, _ = week
    opened = page(browser, week)
    opened.goto("/items/item-1")
    opened.fill("#comment", "Com pressa.")
    opened.goto("/")
    soon(opened, lambda: made.records.draft("item-1", "nurse-a") is not None, "what she left is not on the server")
    draft = made.records.draft("item-1", "nurse-a")
    assert draft is not None
    assert draft.fields["comment"] == "Com pressa."
    opened.goto("/items/item-1")
    answer_all(opened)
    sent(opened)
    opened.goto("/items/item-1")
    assert opened.evaluate(KEPT) == []


def test_signing_out_after_the_session_ended_leaves_nothing_on_the_device(
    browser: "Browser", week: tuple[Desk, str]
) -> None:
    opened = page(browser, week)
    opened.goto("/items/item-1")
    other = opened.context.new_page()
    other.goto("/items/item-2")
    opened.context.clear_cookies()
    opened.fill("#comment", "Hemorragia.")
    told(opened, "Sua sessão terminou")
    assert opened.evaluate(KEPT) == ["matria:nurse-a:/items/item-1"]
    other.fill("#comment", "Febre.")
    with opened.expect_navigation():
        opened.click("[data-sign-out]")
    other.wait_for_url("**/sign-in**")
    assert (opened.evaluate(KEPT), other.evaluate(KEPT)) == ([], [])


def test_what_a_window_kept_just_before_it_heard_of_signing_out_is_gone_too(
    browser: "Browser", week: tuple[Desk, str]
) -> None:
    opened = page(browser, week)
    opened.goto("/items/item-1")
    other = opened.context.new_page()
    other.goto("/")
    opened.context.clear_cookies()
    late = "() => localStorage.setItem('matria:nurse-a:/items/item-1', '{}')"
    opened.evaluate(f"addEventListener('signed-out', {late})")
    other.evaluate("new BroadcastChannel('matria').postMessage('out')")
    opened.wait_for_url("**/sign-in**")
    assert opened.evaluate(KEPT) == []


def test_whoever_signs_in_next_finds_nothing_of_hers(browser: "Browser", week: tuple[Desk, str]) -> None:
    made, url = week
    opened = page(browser, week)
    opened.goto("/items/item-2")
    opened.context.clear_cookies()
    opened.fill("#comment", "Hemorragia.")
    told(opened, "Sua sessão terminou")
    opened.context.add_cookies([{"name": "matria-session", "value": made.cookie("nurse-b"), "url": url}])
    opened.fill("#comment", "Hemorragia, e mais.")
    told(opened, "Outra pessoa entrou neste navegador")
    assert opened.evaluate(KEPT) == []
    answer_all(opened)
    opened.evaluate("localStorage.setItem('matria:nurse-a:/items/item-2', '{\"at\": 9e15}')")
    other = opened.context.new_page()
    other.goto("/")
    assert other.evaluate(KEPT) == []
    assert made.said("item-2", "nurse-b") is None


def test_an_older_tab_says_to_reload_after_she_signed_in_again_and_stops(
    browser: "Browser", week: tuple[Desk, str]
) -> None:
    made, url = week
    opened = page(browser, week)
    opened.goto("/items/item-1")
    opened.context.add_cookies([{"name": "matria-session", "value": again(made), "url": url}])
    opened.fill("#comment", "Escrito na aba antiga.")
    told(opened, "Você entrou de novo em outra aba")
    refused = sum(did == "csrf_refused" for _, did, _ in made.did())
    opened.click("#status a")
    told(opened, "Rascunho salvo")
    assert opened.input_value("#comment") == "Escrito na aba antiga."
    assert sum(did == "csrf_refused" for _, did, _ in made.did()) == refused == 1
    assert opened.evaluate(KEPT) == []


def test_a_card_that_was_erased_while_it_was_open_says_so(browser: "Browser", week: tuple[Desk, str]) -> None:
    made, _ = week
    opened = page(browser, week)
    opened.goto("/items/item-1")
    made.records.erase(["conversation-of-item-1"])
    opened.fill("#comment", "Já apagada.")
    told(opened, "Esta conversa foi apagada")
    assert opened.evaluate(KEPT) == []
    with opened.expect_navigation():
        opened.click("#send")
    assert "Esta conversa foi apagada" in opened.inner_text("h1")


def test_sending_from_an_older_window_throws_nothing_of_a_newer_one_away(
    browser: "Browser", week: tuple[Desk, str]
) -> None:
    made, _ = week
    older = page(browser, week)
    older.goto("/items/item-1")
    answer_all(older)
    drafted(older, made, "item-1", **FINE)
    newer = older.context.new_page()
    newer.goto("/items/item-1")
    newer.fill("#comment", "Escrito na outra.")
    told(newer, "Rascunho salvo")
    newer.close()
    sent(older)
    assert "Escrito na outra." in older.inner_text("table")
    older.evaluate(AXE)
    assert older.evaluate(EVERY_RULE) == []
    assert made.said("item-1") is None


def again(made: Desk) -> str:
    """Another session of hers."""
    value = "another-session-" + "y" * 30
    made.keys.put(SESSION, hash_of(value), "nurse-a", made.clock() + timedelta(hours=12), {})
    return value

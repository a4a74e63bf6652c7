"""The nurses' pages in headless Chromium: by axe, on a phone, at a desk, by keyboard alone, and without script."""

from typing import TYPE_CHECKING

import pytest

from evals.review.web.words.texts import words
from matria.messages import LOCALES, Locale
from tests.browsers import FITS, IN_A_BROWSER
from tests.unit.evals.review.web.browser_parts import (
    AXE,
    CONTRAST,
    EVERY_RULE,
    OUTSIDE,
    PAGES,
    PHONE,
    WIDE,
    answer_all,
    as_wide_as,
    focused,
    page,
    sent,
    told,
)
from tests.unit.evals.review.web.card_parts import FINE, Desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = IN_A_BROWSER


def test_axe_finds_nothing_on_any_page_in_either_light_at_either_width(
    browser: "Browser", week: tuple[Desk, str]
) -> None:
    found = []
    for who, paths in PAGES.items():
        opened = page(browser, week, who)
        for path in paths:
            opened.goto(path)
            opened.evaluate(AXE)
            for viewport in (PHONE, WIDE):
                as_wide_as(opened, viewport)
                for scheme, run in (("light", EVERY_RULE), ("dark", CONTRAST)):
                    opened.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                    complaints = opened.evaluate(run)
                    found += [(path, scheme, viewport["width"], *one) for one in complaints]
        opened.context.close()
    assert found == []


def test_a_refused_card_and_two_windows_side_by_side_are_as_clean(browser: "Browser", week: tuple[Desk, str]) -> None:
    opened = page(browser, week)
    opened.goto("/items/item-1")
    opened.check("#q-safe-yes")
    sent(opened)
    focused(opened, "#summary")  # she is led to what is missing
    assert opened.is_checked("#q-safe-yes")
    opened.evaluate(AXE)
    assert opened.evaluate(EVERY_RULE) == []
    opened.click("#summary a >> nth=0")
    focused(opened, "[name=q-correct]")
    other = opened.context.new_page()
    opened.goto("/items/item-3")
    other.goto("/items/item-3")
    answer_all(other)
    other.check("#q-safe-no")
    sent(other)
    opened.bring_to_front()
    answer_all(opened)
    opened.check("#q-safe-yes")
    opened.click("#send")
    opened.wait_for_selector("#conflict:not([hidden])")
    assert "Segurança" in opened.inner_text("#conflict")
    opened.evaluate(AXE)
    assert opened.evaluate(EVERY_RULE) == []
    opened.click("#keep-mine")
    told(opened, "Rascunho salvo")
    sent(opened)
    review = week[0].said("item-3")
    assert review is not None
    assert (review.revision, review.answers.given["safe"]) == (2, "yes")


def test_a_card_is_read_and_sent_by_keyboard_alone(browser: "Browser", week: tuple[Desk, str]) -> None:
    opened = page(browser, week, viewport=WIDE)
    opened.goto("/")
    opened.keyboard.press("Tab")
    focused(opened, ".skip")
    opened.focus("a.button")
    opened.keyboard.press("Enter")
    opened.wait_for_url("**/items/item-1")
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")
    focused(opened, "#questions")  # past the conversation in two keys
    for number in "112111":
        opened.keyboard.press(number)
    focused(opened, "#send")
    opened.keyboard.press("Shift+Tab")
    opened.keyboard.press("Shift+Tab")
    focused(opened, "#comment")
    opened.keyboard.type("1 e 2? Sem n.")
    opened.keyboard.press("Control+Enter")
    opened.wait_for_url("**/items/item-2?note=kept")
    review = week[0].said("item-1")
    assert review is not None
    assert dict(review.answers.given) == dict(FINE)
    assert review.answers.comment == "1 e 2? Sem n.", "while she writes, keys only write"
    assert review.seconds is not None
    assert opened.inner_text(".toast").startswith("Cartão 1 enviado.")
    opened.keyboard.press("?")
    opened.locator("#keys").wait_for()
    opened.keyboard.press("Escape")
    opened.locator("#keys").wait_for(state="hidden")
    opened.keyboard.press("n")
    opened.wait_for_url("**/items/item-3")


def test_each_option_has_the_key_that_stands_beside_it(browser: "Browser", week: tuple[Desk, str]) -> None:
    opened = page(browser, week, viewport=WIDE)
    opened.goto("/items/item-1")
    for group in opened.locator(".asked").all():
        for option in group.locator("label.option").all():
            group.locator("input").first.focus()
            opened.keyboard.press(option.locator("kbd").inner_text())
            assert option.locator("input").is_checked(), option.inner_text()


def test_single_keys_can_be_switched_off(browser: "Browser", week: tuple[Desk, str]) -> None:
    opened = page(browser, week, viewport=WIDE)
    opened.goto("/items/item-1")
    opened.click("#show-keys")
    opened.evaluate(AXE)
    assert opened.evaluate(EVERY_RULE) == []
    opened.uncheck("#use-keys")
    opened.keyboard.press("Escape")
    opened.locator("#keys").wait_for(state="hidden")
    opened.focus("#questions")
    opened.keyboard.press("1")
    assert opened.locator(".asked input:checked").count() == 0
    opened.reload()
    opened.keyboard.press("n")
    opened.evaluate("fetch('/healthz')")  # by the time of an answer the next card would have been on its way
    assert opened.url.endswith("/items/item-1")


def test_no_focus_is_hidden_behind_what_sticks_and_nothing_traps_it(browser: "Browser", week: tuple[Desk, str]) -> None:
    opened = page(browser, week)
    opened.goto("/items/item-1")
    covered, seen = [], set()
    for _ in range(80):
        opened.keyboard.press("Tab")
        told = opened.evaluate(
            "(() => { const one = document.activeElement; if (one === document.body) return null;"
            " const box = (one.closest('label') || one).getBoundingClientRect();"
            " const x = box.left + Math.min(10, box.width / 2);"
            " const hit = document.elementFromPoint(x, Math.max(box.top, 1) + Math.min(box.height / 2, 12));"
            " const bar = hit && hit.closest('.send, header.bar');"
            " return [one.id || one.name + one.value + one.className, Boolean(bar) && !bar.contains(one)]; })()"
        )
        if told is None:
            break
        seen.add(told[0])
        covered += [told[0]] if told[1] else []
    else:
        pytest.fail("the end of the page is not reached by Tab")
    assert covered == []
    assert {"comment", "send", "save", "lang"} <= seen


def test_it_works_without_script(browser: "Browser", week: tuple[Desk, str]) -> None:
    opened = page(browser, week, java_script_enabled=False)
    opened.goto("/items/item-1")
    opened.check("input[name=mark] >> nth=0")
    opened.check("#q-safe-no")
    opened.click("#save")
    assert "Rascunho salvo." in opened.inner_text(".toast")
    assert opened.is_checked("#q-safe-no")
    assert opened.is_checked("input[name=mark] >> nth=0")
    answer_all(opened)
    opened.click("#send")
    opened.wait_for_url("**/items/item-2?note=kept")
    opened.click("text=Desfazer")
    opened.wait_for_url("**/items/item-1?note=undone")
    assert opened.is_checked("#q-harm-none")
    review = week[0].said("item-1")
    assert review is None


def test_at_four_hundred_per_cent_nothing_scrolls_sideways(browser: "Browser", week: tuple[Desk, str]) -> None:
    for who, paths in PAGES.items():
        opened = page(browser, week, who, viewport={"width": 320, "height": 256})
        for path in paths:
            opened.goto(path)
            assert opened.evaluate(FITS), path
        opened.context.close()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_speaks_for_itself_and_fits_a_phone(
    browser: "Browser", week: tuple[Desk, str], locale: Locale
) -> None:
    opened = page(browser, week)
    saved = words(locale)("draft.saved", clock="").strip()
    opened.goto(f"/items/item-2?lang={locale}")
    opened.check("#q-safe-yes")
    told(opened, saved)
    for path in PAGES["nurse-a"]:
        opened.goto(f"{path}?lang={locale}")
        assert opened.evaluate(FITS), path
        sideways = opened.evaluate(OUTSIDE)
        assert sideways == [], path


def test_the_language_at_the_foot_is_read_whole_and_stands_beside_its_button(
    browser: "Browser", week: tuple[Desk, str]
) -> None:
    measure = (
        "(() => { const list = document.querySelector('#lang'), whole = list.cloneNode(true);"
        " whole.style.cssText = 'position: absolute; flex: none; width: auto'; list.after(whole);"
        " const is = (one) => one.getBoundingClientRect(), button = list.form.querySelector('button');"
        " const said = [is(list).width >= is(whole).width, is(button).top < is(list).bottom];"
        " whole.remove(); return said; })()"
    )
    opened = page(browser, week)
    for width in (320, 390, 700, 1280):
        as_wide_as(opened, {"width": width, "height": 800})
        for locale in ("pt-BR", "pt-PT", "en"):
            opened.goto(f"/?lang={locale}")
            assert opened.evaluate(measure) == [True, True], (width, locale)

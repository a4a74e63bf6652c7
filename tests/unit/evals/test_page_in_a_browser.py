"""The page as a person meets it: in headless Chromium, on a phone and on a desk, with keys and without scripts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from comparison_rows import result, row
from report_parts import inputs, pairs

from evals.page import page
from matria.messages import LOCALES, Locale
from matria.policy import Policy
from tests.browsers import FITS, IN_A_BROWSER

pytestmark = IN_A_BROWSER
LONG = "Vá agora à maternidade ou ao pronto-socorro mais próximo. " * 12 + "x" * 300


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, root: Path) -> str:
    """A report on twelve cases: two got worse, one in tone; one got better."""
    from matria.policy import load_policy

    policy: Policy = load_policy(root / "policy.yaml")
    worse, better = ("case-00", "case-01"), "case-02"
    rows: dict[str, list[Any]] = {"base": [], "head": []}
    for name, own in rows.items():
        for n in range(12):
            case, locale = f"case-{n:02}", LOCALES[n % 3]
            is_met = not (name == "head" and case in worse) and not (name == "base" and case == better)
            axis: Any = "tone" if case == "case-01" else "danger_signs"
            criteria = [result("c1", axis, 10, is_met, text="Manda ir à urgência."), result("c2", "scope", 3, True)]
            text = LONG if is_met else "Espere em casa."
            own.append(row(f"{case}.{locale}", criteria, side=name, locale=locale, text=text))
    html = page(inputs(rows["base"], rows["head"], policy), pairs(rows["base"], rows["head"]), "pt-BR")
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(html, encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def opened(browser: Any, address: str) -> Iterator[Any]:
    """The page at a desk, with whatever it complains of."""
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda message: complaints.append(message.text))
    tab.goto(address)
    yield tab
    assert complaints == []
    tab.close()


def visible_cases(tab: Any) -> list[str]:
    names: list[str] = tab.eval_on_selector_all(
        "details.case", "all => all.filter(c => c.checkVisibility()).map(c => c.querySelector('strong').textContent)"
    )
    return names


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_does_not_scroll_sideways(browser: Any, address: str, width: int, scheme: str) -> None:
    tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    tab.goto(address)
    tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert tab.evaluate(FITS)
    tab.close()


def test_keys_walk_open_search_and_help(opened: Any) -> None:
    focused = "document.activeElement.closest('details.case')?.querySelector('strong').textContent"
    opened.keyboard.press("j")
    assert opened.evaluate(focused) == "case-00.pt-BR"
    opened.keyboard.press("j")
    opened.keyboard.press("j")
    assert opened.evaluate(focused) == "case-02.en"
    opened.keyboard.press("k")
    assert opened.evaluate(focused) == "case-01.pt-PT"
    is_open = "document.activeElement.closest('details.case').open"
    was_open = opened.evaluate(is_open)
    opened.keyboard.press("o")
    assert opened.evaluate(is_open) is not was_open
    opened.keyboard.press("/")
    opened.keyboard.type("case-07 jo")
    assert opened.input_value("#filter-search") == "case-07 jo", "what is typed is text, not a key"
    opened.keyboard.press("Escape")
    opened.keyboard.press("?")
    opened.locator("#help").wait_for()
    opened.uncheck("#keys-on")
    opened.keyboard.press("Escape")
    opened.locator("#help").wait_for(state="hidden")
    opened.keyboard.press("?")
    assert not opened.is_visible("#help"), "the keys can be switched off"


def test_cases_are_filtered_by_text_state_axis_and_language(opened: Any) -> None:
    assert len(visible_cases(opened)) == 12
    opened.select_option("select[name=state]", "worse")
    assert visible_cases(opened) == ["case-00.pt-BR", "case-01.pt-PT"]
    assert opened.text_content("#shown") == "2 de 12 casos mostrados"
    opened.select_option("select[name=axis]", "tone")
    assert visible_cases(opened) == ["case-01.pt-PT"]
    opened.click("#clear")
    opened.select_option("select[name=locale]", "en")
    assert len(visible_cases(opened)) == 4
    opened.click("#clear")
    opened.fill("#filter-search", "urgencia ESPERE")
    assert visible_cases(opened) == ["case-00.pt-BR", "case-01.pt-PT", "case-02.en"], "without accents or capitals"


def test_a_case_may_be_linked_to(opened: Any, address: str) -> None:
    anchor = opened.evaluate("document.querySelectorAll('details.case')[5].id")
    opened.goto(f"{address}#{anchor}")
    opened.reload()
    assert opened.evaluate(f"document.getElementById('{anchor}').open")


def test_every_field_and_region_has_a_name_and_every_control_takes_focus(opened: Any) -> None:
    nameless = opened.evaluate(
        """() => [...document.querySelectorAll("input, select, button, [role=region], nav, dialog, fieldset")]
          .filter(one => !(one.labels?.length || one.textContent.trim() || one.ariaLabel || one.placeholder))
          .map(one => one.outerHTML.slice(0, 80))"""
    )
    assert nameless == []
    unreachable = opened.evaluate(
        """() => [...document.querySelectorAll("summary, select, button, .wide")]
          .filter(one => one.tabIndex < 0).length"""
    )
    assert unreachable == 0


def test_without_scripts_everything_is_there_and_changed_cases_can_be_picked(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    tab = context.new_page()
    tab.goto(address)
    assert tab.locator("details.case:visible").count() == 12
    assert not tab.is_visible("#filters")
    tab.check("#only-changed")
    assert tab.locator("details.case:visible").count() == 3
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser: Any, address: str, scheme: str) -> None:
    """4.5 to 1 for every text (WCAG 2.2, 1.4.3)."""
    tab = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    tab.goto(address)
    pale = tab.evaluate(
        """() => {
          const rgb = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
          const linear = (v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
          const light = (c) => [.2126, .7152, .0722].reduce((sum, weight, n) => sum + weight * linear(c[n] / 255), 0);
          const isSeen = (c) => !/, 0\\)$|transparent|^color/.test(c);
          const ground = (one) => {
            for (let e = one; e; e = e.parentElement) {
              const c = getComputedStyle(e).backgroundColor;
              if (isSeen(c)) return rgb(c);
            }
            return [255, 255, 255];
          };
          return [...document.querySelectorAll("body *")].filter(one => one.checkVisibility() &&
            [...one.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())).map(one => {
              const [a, b] = [light(rgb(getComputedStyle(one).color)), light(ground(one))].sort((x, y) => y - x);
              return [(a + .05) / (b + .05), one.outerHTML.slice(0, 80)]; }).filter(([ratio]) => ratio < 4.5);
        }"""
    )
    assert pale == []
    tab.close()


def test_the_reader_s_language_is_declared(opened: Any) -> None:
    locales: list[Locale] = opened.eval_on_selector_all("details.case pre", "all => all.map(one => one.lang)")
    assert opened.evaluate("document.documentElement.lang") == "pt-BR"
    assert set(locales) == set(LOCALES)

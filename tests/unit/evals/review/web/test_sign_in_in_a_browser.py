"""Signing in as a person meets it, in headless Chromium: what the browser itself says of a post, stops or clears."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from issuer import CLIENT, SECRET, issuer
from page_parts import NOW, Site, ask_for_link, site
from pydantic import SecretStr

from matria.asgi_server import serving
from tests.browsers import IN_A_BROWSER
from tests.ports import served_where_it_knows
from tests.unit.evals.review.web.browser_parts import PATIENCE_MS

pytestmark = IN_A_BROWSER
PHONE = {"width": 390, "height": 780}


def tab(browser: Any) -> tuple[Any, list[str]]:
    """A page on a phone, and what it complains of."""
    opened, said = browser.new_context(viewport=PHONE).new_page(), []
    opened.set_default_timeout(PATIENCE_MS)
    opened.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: said.append(str(error)))
    return opened, said


def listening(place: Path, **options: Any) -> AbstractContextManager[tuple[Site, str]]:
    """The pages, and where they are."""
    return served_where_it_knows(lambda url: site(place, url, **options), lambda made: made.app)


def problems(opened: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(opened).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]


def test_by_keyboard_alone_she_asks_signs_in_reads_and_leaves(browser: Any, tmp_path: Path) -> None:
    with listening(tmp_path) as (here, url):
        opened, said = tab(browser)
        opened.goto(f"{url}/items/item-a")
        assert opened.url == f"{url}/sign-in?next=%2Fitems%2Fitem-a"
        assert problems(opened) == []
        opened.focus("#address")
        opened.keyboard.type("nurse-a@example.org")
        opened.keyboard.press("Enter")
        opened.wait_for_url("**/sign-in/sent**")
        assert problems(opened) == []
        opened.goto(here.letters.sent[0][3])
        assert problems(opened) == []
        opened.focus("main button")
        opened.keyboard.press("Enter")
        opened.wait_for_url(f"{url}/items/item-a")
        assert "Posso comer isto?" in opened.text_content("body")
        assert opened.evaluate("document.cookie") == ""
        opened.click("form[action='/sign-out'] button")
        opened.wait_for_url("**/sign-in?out=1")
        opened.go_back()
        opened.reload()
        assert "/sign-in" in opened.url
        assert said == []
        opened.context.close()


def test_a_used_link_asks_for_another_and_keeps_the_way(browser: Any, tmp_path: Path) -> None:
    with listening(tmp_path) as (_, url):
        opened, _ = tab(browser)
        opened.goto(f"{url}/sign-in/link/{'x' * 43}?next=/items/item-a")
        assert "não vale mais" in opened.text_content("h1")
        assert problems(opened) == []
        opened.click("main a.button")
        opened.wait_for_url(f"{url}/sign-in?next=%2Fitems%2Fitem-a")
        opened.context.close()


def test_a_form_that_was_open_in_a_session_before_is_sent_again_whole(browser: Any, tmp_path: Path) -> None:
    with listening(tmp_path) as (here, url):
        opened, _ = tab(browser)
        sign_in(opened, here, url)
        opened.goto(f"{url}/items/item-a")
        other = opened.context.new_page()
        sign_in(other, here, url)
        comment = 'Falta dizer "quando" <script>alert(1)</script>'
        opened.evaluate(
            """text => {
                const form = document.querySelector("form[action='/sign-out']").cloneNode(true);
                form.action = "/items/item-a/draft";
                form.insertAdjacentHTML("beforeend", "<input name='comment'><input name='whose' value='nurse-a'>");
                form.querySelector("[name=comment]").value = text;
                document.body.append(form);
                form.submit();
            }""",
            comment,
        )
        opened.wait_for_selector("dd.typed")
        assert opened.text_content("dd.typed") == comment
        opened.click("main button")
        opened.wait_for_url(f"{url}/items/item-a**")
        kept = here.records.draft("item-a", "nurse-a")
        assert kept is not None
        assert kept.fields["comment"] == comment
        opened.context.close()


def test_another_site_can_neither_post_nor_frame_the_page(browser: Any, tmp_path: Path) -> None:
    with listening(tmp_path) as (here, url), serving(elsewhere(url), "127.0.0.1") as evil:
        opened, _ = tab(browser)
        sign_in(opened, here, url)
        opened.goto(evil.replace("127.0.0.1", "localhost"))
        assert opened.frames[1].evaluate("document.body ? document.body.innerText : ''").count("Posso comer") == 0
        opened.click("button")
        opened.wait_for_url(f"{url}/items/item-a/draft")
        assert here.records.draft("item-a", "nurse-a") is None
        opened.context.close()


def test_an_account_is_a_way_in_through_a_browser(browser: Any, tmp_path: Path) -> None:
    with issuer(lambda: NOW.timestamp()) as there:
        account = {"oidc_issuer": there.url, "oidc_client_id": CLIENT, "oidc_client_secret": SecretStr(SECRET)}
        with listening(tmp_path, sign_in="oidc", **account) as (_, url):
            opened, said = tab(browser)
            opened.goto(f"{url}/items/item-a")
            assert problems(opened) == []
            opened.click("main a.button")
            opened.wait_for_url(f"{url}/items/item-a")
            assert "Posso comer isto?" in opened.text_content("body")
            assert said == []
            opened.context.close()


def sign_in(opened: Any, here: Site, url: str) -> None:
    """Signed in as a nurse, by a link."""
    ask_for_link(here.browser(url), "nurse-a@example.org", Origin=url)
    opened.goto(here.letters.sent[-1][3])
    opened.click("main button")
    opened.wait_for_url(f"{url}/")


def elsewhere(url: str) -> Any:
    """Another site, which frames a card and posts to it."""
    from fastapi import FastAPI
    from fastapi.responses import HTMLResponse

    app = FastAPI()

    @app.get("/")
    def page() -> HTMLResponse:
        return HTMLResponse(
            f"<iframe src='{url}/items/item-a'></iframe>"
            f"<form method='post' action='{url}/items/item-a/draft'><input name='comment' value='x'>"
            "<button>Ganhe um prêmio</button></form>"
        )

    return app

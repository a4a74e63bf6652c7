"""Posts that no page of this site sent: without the token, with somebody else's, from another site, from a frame."""

import html
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from page_parts import SAME_SITE, URL, Site, ask_for_link, hidden, press, site, token_in

TYPED = {"comment": 'Falta dizer "quando" <script>alert(1)</script> & por quê', "q-safe": "yes", "whose": "nurse-a"}


@pytest.fixture
def here(tmp_path: Path) -> Site:
    return site(tmp_path)


def post(browser: TestClient, token: str | None, **headers: str) -> Any:
    """What the draft of her card is answered with."""
    fields = TYPED | ({} if token is None else {"csrf": token})
    return browser.post("/items/item-a/draft", data=fields, headers=headers)


def draft(here: Site) -> Any:
    return here.records.draft("item-a", "nurse-a")


@pytest.mark.parametrize("token", [None, "", "x", "é", "0" * 64])
def test_a_post_without_the_sessions_token_changes_nothing_and_loses_nothing(here: Site, token: str | None) -> None:
    browser = here.signed_in()
    answer = post(browser, token, **SAME_SITE)
    assert answer.status_code == 403
    assert draft(here) is None
    assert here.did()[-1] == ("nurse-a", "csrf_refused", "")
    assert "<script>alert" not in answer.text
    assert '<dt>Segurança</dt><dd class="typed">Sim</dd>' in answer.text
    again = {name: html.unescape(text) for name, text in hidden(answer.text).items()}
    assert again["comment"] == TYPED["comment"]
    assert re.search(r'<form method="post" action="/items/item-a/draft">', answer.text)
    sent = browser.post("/items/item-a/draft", data=again, headers=SAME_SITE)
    assert sent.status_code == 303
    assert draft(here).fields["comment"] == TYPED["comment"]


def test_a_card_left_open_gives_nothing_to_somebody_else_who_signs_in(here: Site) -> None:
    """On a shared phone one press would file the answers of one nurse as those of another."""
    card = hidden(here.signed_in("nurse-a").get("/items/item-a").text)
    assert card["whose"] == "nurse-a"
    other = here.signed_in("nurse-b")
    sent = TYPED | card | {"q-safe": "no"}
    answer = other.post("/items/item-a", data=sent, headers=SAME_SITE)
    assert answer.status_code == 403
    assert "script" not in answer.text.split("</header>")[1]
    assert "comment" not in hidden(answer.text)
    by_script = SAME_SITE | {"Sec-Fetch-Dest": "empty"}
    assert other.post("/items/item-a/draft", data=sent, headers=by_script).json()["is_hers"] is False


def test_what_was_sent_after_the_session_ended_is_sent_again_once_she_is_back(here: Site) -> None:
    browser = here.signed_in()
    card = hidden(browser.get("/items/item-a").text)
    here.clock.passes(hours=13)
    answer = browser.post("/items/item-a/draft", data=card | TYPED, headers=SAME_SITE)
    assert answer.status_code == 401
    assert 'href="/sign-in?next=%2Fitems%2Fitem-a"' in answer.text
    again = {name: html.unescape(text) for name, text in hidden(answer.text).items()}
    ask_for_link(browser, "nurse-a@example.org")
    press(browser, here.letters.link)
    shown = browser.post("/items/item-a/draft", data=again, headers=SAME_SITE)
    kept = {name: html.unescape(text) for name, text in hidden(shown.text).items()}
    assert browser.post("/items/item-a/draft", data=kept, headers=SAME_SITE).status_code == 303
    assert draft(here).fields["comment"] == TYPED["comment"]


@pytest.mark.parametrize("charset", ["undefined", "raw_unicode_escape", "utf-8"])
def test_a_form_in_an_encoding_of_its_own_is_malformed_and_no_failure(here: Site, charset: str) -> None:
    head = {"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"}
    body = b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n\\ud800\xc3\x28\r\n--x--\r\n'
    answer = here.browser().post("/items/item-a", content=body, headers=SAME_SITE | head)
    assert answer.status_code == (303 if charset == "utf-8" else 400)


def test_the_token_of_another_session_is_none(here: Site) -> None:
    hers = token_in(here.signed_in("nurse-b").get("/items/item-b").text)
    older = token_in(here.signed_in("nurse-a").get("/items/item-a").text)
    browser = here.signed_in("nurse-a")
    for token in (hers, older):
        assert post(browser, token, **SAME_SITE).status_code == 403
    visit = token_in(here.browser().get("/sign-in").text)
    assert post(browser, visit, **SAME_SITE).status_code == 403
    assert draft(here) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://review.example.org.evil.example"},
        {"Origin": "http://review.example.org"},
        {"Origin": "https://other.example.org", "Sec-Fetch-Site": "same-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_is_refused_even_with_the_token_and_gets_no_form_to_send_again(
    here: Site, headers: dict[str, str]
) -> None:
    browser = here.signed_in()
    token = token_in(browser.get("/items/item-a").text)
    answer = post(browser, token, **headers)
    assert answer.status_code == 403
    assert "comment" not in hidden(answer.text)
    assert draft(here) is None


@pytest.mark.parametrize(
    "headers",
    [SAME_SITE, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}, {"Origin": "null"}, {"Origin": URL}, {}],
)
def test_what_browsers_of_any_age_say_of_a_page_of_this_site_is_taken(here: Site, headers: dict[str, str]) -> None:
    browser = here.signed_in()
    token = token_in(browser.get("/items/item-a").text)
    assert post(browser, token, **headers).status_code == 303
    assert draft(here) is not None


def test_a_script_sends_the_token_as_a_header_and_is_refused_in_json(here: Site) -> None:
    browser = here.signed_in()
    token = token_in(browser.get("/items/item-a").text)
    by_script = SAME_SITE | {"Sec-Fetch-Dest": "empty"}
    assert post(browser, None, **by_script, **{"x-csrf": token}).status_code == 200
    refused = post(browser, None, **by_script, **{"x-csrf": "0" * 64})
    assert (refused.status_code, refused.json()) == (403, {"error": "csrf", "is_hers": True})


def test_another_site_can_sign_nobody_in(here: Site) -> None:
    """A link of the attacker's, sent by her browser without her, would have her write into his account."""
    attacker = here.browser()
    ask_for_link(attacker, "nurse-b@example.org")
    fields = hidden(attacker.get(here.letters.link).text)
    victim = here.browser()
    victim.get("/sign-in")
    assert victim.post("/sign-in/link", data=fields, headers=SAME_SITE).status_code == 403
    assert victim.get("/").headers["location"] == "/sign-in"


def test_signing_out_needs_the_token_too(here: Site) -> None:
    browser = here.signed_in()
    assert browser.post("/sign-out", headers=SAME_SITE).status_code == 403
    assert browser.get("/items/item-a").status_code == 200


def test_a_token_tells_nothing_of_the_cookie(here: Site) -> None:
    browser = here.signed_in()
    token = token_in(browser.get("/items/item-a").text)
    cookie = browser.cookies["__Host-matria-session"]
    assert re.fullmatch("[0-9a-f]{64}", token)
    assert cookie not in browser.get("/items/item-a").text
    assert token != cookie

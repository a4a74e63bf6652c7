"""Sessions, attacked: a cookie planted before, one kept after the end, a role that changed, somebody else's item."""

from pathlib import Path

import pytest
from page_parts import SAME_SITE, URL, Site, ask_for_link, person, press, site, token_in

from evals.review.web.sessions import Sessions, end_all, hash_of

COOKIE = "__Host-matria-session"


@pytest.fixture
def here(tmp_path: Path) -> Site:
    return site(tmp_path)


def test_the_cookie_of_a_session_is_for_this_host_https_and_no_script(here: Site) -> None:
    browser = here.browser()
    ask_for_link(browser, "nurse-a@example.org")
    cookies = [one for one in press(browser, here.letters.link).headers.get_list("set-cookie") if COOKIE in one]
    assert len(cookies) == 1
    parts = {part.strip().lower() for part in cookies[0].split(";")[1:]}
    assert parts == {"httponly", "max-age=43200", "path=/", "samesite=lax", "secure"}
    assert len(browser.cookies[COOKIE]) >= 43  # 256 bits in base64url


def test_each_cookie_is_secure_behind_a_proxy_that_speaks_http_to_the_page(here: Site) -> None:
    """The proxy ends the encryption, and says nothing of it but the host."""
    host = {"Host": "review.example.org"}
    behind = here.browser("http://127.0.0.1:8610")
    answers = [behind.get("/sign-in?lang=en", headers=host)]
    cookie = {"Cookie": f"{COOKIE}={here.signed_in().cookies[COOKIE]}"}
    fields = {"csrf": token_in(behind.get("/", headers=host | cookie).text), "lang": "pt-PT"}
    answers.append(behind.post("/language", data=fields, headers=SAME_SITE | host | cookie))
    given = [one for answer in answers for one in answer.headers.get_list("set-cookie")]
    assert len(given) == 3
    assert all({"secure", "httponly", "samesite=lax"} <= set(one.lower().split("; ")) for one in given)


def test_on_this_machine_without_https_the_cookie_has_a_plain_name(tmp_path: Path) -> None:
    here = site(tmp_path, "http://127.0.0.1:8610")
    answer = here.browser("http://127.0.0.1:8610").get("/sign-in")
    assert "matria-visit=" in answer.headers["set-cookie"]
    assert "__Host-" not in answer.headers["set-cookie"]
    assert "secure" not in answer.headers["set-cookie"].lower()


def test_a_cookie_that_was_planted_before_signing_in_is_worth_nothing(here: Site) -> None:
    planted = "planted-" + "x" * 40
    browser = here.browser()
    browser.cookies.set(COOKIE, planted, domain="review.example.org")
    ask_for_link(browser, "nurse-a@example.org")
    press(browser, here.letters.link)
    attacker = here.browser()
    attacker.cookies.set(COOKIE, planted, domain="review.example.org")
    assert attacker.get("/").headers["location"] == "/sign-in"
    assert here.keys.get("session", hash_of(planted), here.clock()) is None


def test_signing_in_again_ends_the_session_that_was_there(here: Site) -> None:
    browser = here.signed_in("nurse-a")
    old = browser.cookies[COOKIE]
    ask_for_link(here.browser(), "nurse-b@example.org")
    press(browser, here.letters.link)
    assert browser.cookies[COOKIE] != old
    assert here.keys.get("session", hash_of(old), here.clock()) is None
    assert browser.get("/items/item-b").status_code == 200


def test_a_session_ends_with_its_hours_however_much_it_is_used(here: Site) -> None:
    browser = here.signed_in()
    for _ in range(11):
        here.clock.passes(hours=1)
        assert browser.get("/").status_code == 200
    here.clock.passes(hours=1)
    assert browser.get("/").headers["location"] == "/sign-in"


def test_who_signs_out_is_out_though_the_cookie_was_copied(here: Site) -> None:
    browser = here.signed_in()
    copied = browser.cookies[COOKIE]
    token = token_in(browser.get("/items/item-a").text)
    answer = browser.post("/sign-out", data={"csrf": token}, headers=SAME_SITE)
    assert answer.headers["location"] == "/sign-in?out=1"
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    thief = here.browser()
    thief.cookies.set(COOKIE, copied, domain="review.example.org")
    assert thief.get("/").headers["location"] == "/sign-in"
    assert "Você saiu" in browser.get("/sign-in?out=1").text
    assert here.did()[-1][1] == "signed_out"


def test_signing_out_after_the_session_ended_clears_the_device_too(here: Site) -> None:
    browser = here.signed_in()
    token = token_in(browser.get("/items/item-a").text)
    here.clock.passes(hours=13)
    answer = browser.post("/sign-out", data={"csrf": token}, headers=SAME_SITE)
    assert answer.headers["location"] == "/sign-in?out=1"
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    for unsaid in ({}, {"Origin": "https://evil.example"}, {"Origin": "null", "Sec-Fetch-Site": "cross-site"}):
        assert "clear-site-data" not in browser.post("/sign-out", data={"csrf": token}, headers=unsaid).headers


def test_who_is_removed_is_out_at_once_in_every_browser(here: Site) -> None:
    browsers = [here.signed_in(), here.signed_in()]
    here.records.put_reviewer(person("nurse-a", is_active=False))
    assert [one.get("/items/item-a").status_code for one in browsers] == [303, 303]
    here.records.put_reviewer(person("nurse-a"))
    assert [one.get("/items/item-a").status_code for one in browsers] == [303, 303]


def test_whoever_removes_a_person_ends_her_sessions_and_links(here: Site) -> None:
    browser = here.signed_in()
    ask_for_link(here.browser(), "nurse-a@example.org")
    assert end_all(here.keys, "nurse-a") == 2
    assert browser.get("/").status_code == 303
    assert here.browser().get(here.letters.link).status_code == 410


def test_a_role_counts_from_the_moment_in_which_it_changes(here: Site) -> None:
    browser = here.signed_in("lead-a")
    assert browser.get("/week").status_code == 200
    here.records.put_reviewer(person("lead-a", "nurse"))
    assert browser.get("/week").status_code == 403


def test_a_viewer_sees_figures_and_no_conversation(here: Site) -> None:
    browser = here.signed_in("viewer-a")
    assert browser.get("/week").status_code == 200
    before = len(here.did())
    for path in ("/items/item-a", "/items/none") * 20:
        assert browser.get(path).status_code == 403
    assert here.did()[before:] == [("viewer-a", "forbidden", "")] * 30  # of a minute, as of every refusal
    assert here.signed_in("nurse-a").get("/week").status_code == 403
    assert here.did()[-1] == ("nurse-a", "forbidden", "")


def test_an_item_of_somebody_elses_is_answered_as_one_that_does_not_exist(here: Site) -> None:
    browser = here.signed_in("nurse-a")
    foreign, unknown = browser.get("/items/item-b"), browser.get("/items/item-x")
    assert (foreign.status_code, foreign.text) == (404, unknown.text)
    assert "Posso comer" not in foreign.text
    token = token_in(browser.get("/items/item-a").text)
    for path in ("/items/item-b", "/items/item-b/draft", "/items/item-b/undo"):
        assert browser.post(path, data={"csrf": token, "safe": "yes"}, headers=SAME_SITE).status_code == 404
    assert here.did().count(("nurse-a", "refused_foreign_item", "item-b")) == 4
    assert here.signed_in("lead-a").get("/items/item-b").status_code == 404


def test_what_stands_in_an_address_does_not_come_into_the_audit_log(here: Site) -> None:
    here.signed_in("nurse-a").get("/items/Maria%20tomou%20a%20pílula")
    assert here.did()[-1] == ("nurse-a", "refused_foreign_item", "")


def test_a_post_after_the_session_has_ended_leads_back_to_the_card(here: Site) -> None:
    browser = here.signed_in()
    token = token_in(browser.get("/items/item-a").text)
    here.clock.passes(hours=13)
    fields = {"csrf": token, "comment": "Falta dizer quando procurar ajuda."}
    answer = browser.post("/items/item-a", data=fields, headers=SAME_SITE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fitems%2Fitem-a")
    by_script = SAME_SITE | {"x-csrf": token, "Sec-Fetch-Dest": "empty"}
    answer = browser.post("/items/item-a/draft", data=fields, headers=by_script)
    assert answer.status_code == 401
    assert answer.json() == {"error": "signed_out", "sign_in": "/sign-in?next=%2Fitems%2Fitem-a"}


def test_a_cookie_of_another_length_or_alphabet_is_nobodys(here: Site) -> None:
    for cookie in ("", "x", "é" * 10, "' or 1=1 --", "x" * 4000):
        browser = here.browser(headers={"cookie": f"{COOKIE}={cookie}".encode()})
        assert browser.get("/").headers["location"] == "/sign-in"


def test_a_session_of_one_address_is_none_at_another(here: Site) -> None:
    names = {Sessions(here.records, here.keys, here.clock, 1, is_https).cookie_name for is_https in (True, False)}
    assert names == {COOKIE, "matria-session"}
    assert here.browser("https://other.example.org").get("/").status_code == 400
    assert here.browser(URL).get("/").status_code == 303

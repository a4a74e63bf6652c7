"""Links to sign in with, attacked: used twice, too late, by a scanner of mail, in order to learn who is here."""

import logging
import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from page_parts import HASH_KEY, SAME_SITE, URL, Letters, Site, ask_for_link, hidden, person, press, site, token_in

from evals.review.web.links import issue_link
from evals.review.web.paths import local_path, way_back
from evals.review.web.speech import said
from matria.messages import LOCALES


@pytest.fixture
def here(tmp_path: Path) -> Site:
    return site(tmp_path)


def test_a_link_signs_in_and_leads_to_the_card_she_wanted(here: Site) -> None:
    browser = here.browser()
    sent = ask_for_link(browser, " Nurse-A@Example.org ", "/items/item-a")
    assert sent.headers["location"] == "/sign-in/sent?next=%2Fitems%2Fitem-a"
    to, subject, body, link = here.letters.sent[0]
    assert to == "nurse-a@example.org"
    assert subject == "Seu link para a revisão da semana"
    assert "15 minutos" in body
    assert link.startswith(f"{URL}/sign-in/link/")
    answer = press(browser, here.letters.link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/items/item-a")
    assert browser.get("/items/item-a").status_code == 200
    assert ("nurse-a", "link_sent", "") in here.did()
    assert ("nurse-a", "signed_in", "") in here.did()


def test_a_scanner_of_mail_that_opens_the_link_uses_nothing_up(here: Site) -> None:
    ask_for_link(here.browser(), "nurse-a@example.org")
    for _ in range(3):
        page = here.browser().get(here.letters.link)
        assert "Name of nurse-a" in page.text
    assert press(here.browser(), here.letters.link).status_code == 303


def test_a_used_link_leads_to_a_new_one_and_keeps_where_she_was_going(here: Site) -> None:
    ask_for_link(here.browser(), "nurse-a@example.org", "/items/item-a")
    link = here.letters.link
    stolen = here.browser()
    page = stolen.get(link)
    assert press(here.browser(), link).status_code == 303
    fields = {"csrf": token_in(page.text), "token": link.split("/")[-1].split("?")[0], "next": "/items/item-a"}
    again = stolen.post("/sign-in/link", data=fields, headers=SAME_SITE)
    assert again.status_code == 410
    assert 'href="/sign-in?next=%2Fitems%2Fitem-a"' in again.text
    assert stolen.get("/").headers["location"] == "/sign-in"
    assert stolen.get(link).status_code == 410
    assert ("", "link_refused", "") in here.did()


def test_a_second_press_in_the_same_browser_signs_in_as_well_and_a_later_one_does_not(here: Site) -> None:
    browser = here.browser()
    ask_for_link(browser, "nurse-a@example.org")
    page = browser.get(here.letters.link)
    fields = hidden(page.text)
    assert browser.post("/sign-in/link", data=fields, headers=SAME_SITE).status_code == 303
    browser.cookies.delete("__Host-matria-session")
    assert browser.post("/sign-in/link", data=fields, headers=SAME_SITE).status_code == 303
    browser.cookies.delete("__Host-matria-session")
    here.clock.passes(seconds=21)
    assert browser.post("/sign-in/link", data=fields, headers=SAME_SITE).status_code == 410


def test_a_link_is_over_after_its_minutes(here: Site) -> None:
    ask_for_link(here.browser(), "nurse-a@example.org")
    here.clock.passes(minutes=14, seconds=59)
    browser = here.browser()
    page = browser.get(here.letters.link)
    assert page.status_code == 200
    here.clock.passes(seconds=1)
    fields = hidden(page.text)
    assert browser.post("/sign-in/link", data=fields, headers=SAME_SITE).status_code == 410


def test_of_many_who_press_at_once_one_gets_in(here: Site) -> None:
    ask_for_link(here.browser(), "nurse-a@example.org")
    link = here.letters.link
    browsers = [here.browser() for _ in range(4)]
    pages = [browser.get(link).text for browser in browsers]
    sent = [hidden(page) for page in pages]
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda one: one[0].post("/sign-in/link", data=one[1], headers=SAME_SITE).status_code,
                zip(browsers, sent, strict=True),
            )
        )
    assert sorted(answers) == [303, 410, 410, 410]


def test_an_answer_tells_nobody_whether_an_address_is_known(here: Site) -> None:
    answers = [ask_for_link(here.browser(), f"{name}@example.org") for name in ("nurse-a", "stranger", "gone-a")]
    assert len({(one.status_code, one.headers["location"], one.text) for one in answers}) == 1
    assert [to for to, *_ in here.letters.sent] == ["nurse-a@example.org"]
    assert len({len(one.headers.get_list("set-cookie")) for one in answers}) == 1


def rows(here: Site) -> dict[str, int]:
    """How many rows each table of the store has."""
    with sqlite3.connect(here.place) as connection:
        names = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        return {name: connection.execute(f"select count(*) from {name}").fetchone()[0] for name in names}


def test_an_unknown_address_takes_the_same_work_in_the_store(here: Site) -> None:
    added = []
    for address in ("nurse-a@example.org", "stranger@example.org"):
        before = rows(here)
        ask_for_link(here.browser(), address)
        added.append({name: count - before[name] for name, count in rows(here).items() if count != before[name]})
    assert added[0] == added[1]
    assert sum(added[0].values()) == 4  # a link, two attempts, a line of the audit


def test_the_sixth_link_of_an_hour_waits_known_address_or_not(here: Site) -> None:
    for address in ("nurse-a@example.org", "stranger@example.org"):
        for _ in range(5):
            assert ask_for_link(here.browser(), address).status_code == 303
        limited = ask_for_link(here.browser(), address, "/items/item-a")
        assert limited.status_code == 429
        assert int(limited.headers["retry-after"]) == 3600
        assert "60 min" in limited.text
        assert 'href="/sign-in?next=%2Fitems%2Fitem-a"' in limited.text
    assert len(here.letters.sent) == 5
    here.clock.passes(hours=1, seconds=1)
    assert ask_for_link(here.browser(), "nurse-a@example.org").status_code == 303


def test_a_hospital_behind_one_address_gets_its_links_and_a_list_of_addresses_ends(here: Site) -> None:
    browser, ward = here.browser(), HASH_KEY.pseudonym("link_client", "testclient")
    for _ in range(98):  # nurses who asked before her
        here.keys.note("link_client", ward, here.clock())
    answers = [ask_for_link(browser, f"stranger-{n}@example.org").status_code for n in range(3)]
    assert answers == [303, 303, 429]
    assert here.browser(client=("192.0.2.7", 1)).get("/sign-in").status_code == 200
    assert ask_for_link(here.browser(client=("192.0.2.7", 1)), "nurse-a@example.org").status_code == 303


def test_the_database_holds_no_token_and_no_address_of_a_stranger(here: Site) -> None:
    ask_for_link(here.browser(), "nurse-a@example.org")
    ask_for_link(here.browser(), "stranger@example.org")
    token = here.letters.link.split("/")[-1]
    browser = here.browser()
    press(browser, here.letters.link)
    content = here.place.read_bytes() + b"".join(path.read_bytes() for path in here.place.parent.glob("reviews.db-*"))
    for secret in (token, browser.cookies["__Host-matria-session"], "stranger@example.org"):
        assert secret.encode() not in content


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "/%2f/evil.example", "/%5cevil.example",
        "/\t/evil.example", "javascript:alert(1)", "items/item-a", "", "/sign-in/oidc", "/sign-out",
        "/a\r\nSet-Cookie:x", "/%0d%0aSet-Cookie:x", "/" + "a" * 600,
    ],
)  # fmt: skip
def test_a_way_on_that_is_no_path_of_this_site_leads_to_the_first_page(here: Site, wanted: str) -> None:
    assert local_path(wanted) == "/"
    ask_for_link(here.browser(), "nurse-a@example.org")
    browser = here.browser()
    page = browser.get(f"{here.letters.link}?next={quote(wanted, safe='')}")
    fields = hidden(page.text) | {"next": wanted[:600]}
    answer = browser.post("/sign-in/link", data=fields, headers=SAME_SITE)
    assert answer.headers["location"] == "/"
    assert "evil" not in page.text


def test_a_path_of_this_site_is_kept_as_it_is() -> None:
    assert local_path("/items/item-a?at=2") == "/items/item-a?at=2"
    assert way_back("GET", "/items/item-a", "at=2", None) == "/items/item-a?at=2"
    assert way_back("POST", "/items/item-a/draft", "", None) == "/items/item-a"
    assert way_back("POST", "/items/item-a", "", "//evil.example") == "/"


def test_nobody_is_mailed_by_an_address_that_is_more_than_one(here: Site) -> None:
    for address in ("nurse-a@example.org,b@example.org", "nurse-a@example.org?bcc=b@example.org", "a b@example.org",
                    "nurse-a@example.org\r\nbcc: b@example.org", "nurse-a", "@example.org"):  # fmt: skip
        answer = ask_for_link(here.browser(), address)
        assert answer.status_code == 400
        assert "Escreva um e-mail completo" in answer.text
    assert here.letters.sent == []


def test_a_letter_that_was_not_delivered_is_logged_without_address_or_link(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    here = site(tmp_path, mailer=Letters(is_down=True))
    with caplog.at_level(logging.INFO):
        assert ask_for_link(here.browser(), "nurse-a@example.org").status_code == 303
    said = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("evals"))
    assert "not delivered" in said
    assert "@" not in said
    assert "/sign-in/link" not in said
    assert ("nurse-a", "link_not_delivered", "") in here.did()


def test_a_page_that_sends_no_mail_says_whom_to_ask(tmp_path: Path) -> None:
    here = site(tmp_path, has_mail=False)
    assert "Peça um link a quem coordena a revisão" in here.browser().get("/sign-in").text


def test_a_link_from_the_console_signs_in_and_a_stranger_gets_none(here: Site) -> None:
    url = issue_link(here.records, here.keys, "Nurse-A@example.org", here.clock, URL + "/", 15)
    assert url is not None
    assert press(here.browser(), url.removeprefix(URL)).headers["location"] == "/"
    for address in ("stranger@example.org", "gone-a@example.org", "no address"):
        assert issue_link(here.records, here.keys, address, here.clock, URL, 15) is None


def test_a_link_of_somebody_who_was_removed_meanwhile_opens_nothing(here: Site) -> None:
    ask_for_link(here.browser(), "nurse-a@example.org")
    browser = here.browser()
    page = browser.get(here.letters.link)
    here.records.put_reviewer(person("nurse-a", is_active=False))
    assert here.browser().get(here.letters.link).status_code == 410
    assert browser.post("/sign-in/link", data=hidden(page.text), headers=SAME_SITE).status_code == 410
    assert ("nurse-a", "signed_in", "") not in here.did()


def test_the_newest_link_that_is_used_ends_the_older_ones(here: Site) -> None:
    ask_for_link(here.browser(), "nurse-a@example.org")
    older = here.letters.link
    ask_for_link(here.browser(), "nurse-a@example.org")
    assert press(here.browser(), here.letters.link).status_code == 303
    assert here.browser().get(older).status_code == 410


@pytest.mark.parametrize(("locale", "word"), [("pt-BR", "Informe o seu"), ("pt-PT", "Indique o seu"), ("en", "Send")])
def test_signing_in_speaks_each_language(here: Site, locale: str, word: str) -> None:
    browser = here.browser()
    page = browser.get("/sign-in", params={"lang": locale})
    assert word in page.text
    assert f'<html lang="{locale}">' in page.text
    assert word in browser.get("/sign-in").text


def test_each_language_has_the_same_texts_with_the_same_places() -> None:
    texts = {locale: said(locale).texts for locale in LOCALES}
    places = [{key: sorted(re.findall(r"{(\w*)}", text)) for key, text in one.items()} for one in texts.values()]
    assert places[0] == places[1] == places[2]
    assert all(text.strip() for one in texts.values() for text in one.values())
    for word in ("você", "cadastr", "aparelho", "conexão"):
        assert word not in " ".join(texts["pt-PT"].values()).lower()
    for word in ("ligação", "registad", "dispositivo"):
        assert word not in " ".join(texts["pt-BR"].values()).lower()

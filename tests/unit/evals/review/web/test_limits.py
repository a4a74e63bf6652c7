"""How often something may be sent, and what somebody is told who sends too much."""

from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import Request
from page_parts import HASH_KEY, NOW, SAME_SITE, Site, ask_for_link, site, token_in

from evals.review.web.limits import KNOWN, Pace, client_of


@pytest.fixture
def here(tmp_path: Path) -> Site:
    return site(tmp_path)


def test_a_session_that_posts_too_fast_is_told_how_long_to_wait(here: Site) -> None:
    browser = here.signed_in("nurse-b")
    token = token_in(browser.get("/items/item-b").text)

    def undo() -> int:
        return browser.post("/items/item-b/undo", data={"csrf": token}, headers=SAME_SITE).status_code

    assert {undo() for _ in range(120)} == {303}
    here.clock.passes(seconds=18)
    limited = browser.post("/items/item-b/undo", data={"csrf": token}, headers=SAME_SITE)
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "42")
    assert "Tente de novo em 42 s" in limited.text
    by_script = browser.post("/items/item-b/undo", headers=SAME_SITE | {"x-csrf": token})
    assert (by_script.status_code, by_script.json()) == (429, {"error": "limited"})
    assert here.did()[-1] == ("nurse-b", "limited", "")
    other = here.signed_in("nurse-a")
    theirs = token_in(other.get("/items/item-a").text)
    assert other.post("/items/item-a/undo", data={"csrf": theirs}, headers=SAME_SITE).status_code == 303
    here.clock.passes(seconds=42)
    assert undo() == 303


def test_a_flood_of_refused_posts_does_not_fill_the_audit_log(here: Site) -> None:
    browser = here.browser()
    assert {browser.post("/sign-in", headers=SAME_SITE).status_code for _ in range(140)} == {403, 429}
    assert len(here.did()) == 30


def test_posts_of_another_site_use_up_nothing_of_what_a_ward_may_send(here: Site) -> None:
    """They come from the browser of a nurse, so by the address that all of them share, and without a cookie."""
    evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert {here.browser().post("/sign-in", headers=evil).status_code for _ in range(140)} == {403}
    assert len(here.did()) == 30
    assert ask_for_link(here.browser(), "nurse-a@example.org").status_code == 303
    assert here.letters.sent


def test_a_card_that_is_opened_over_and_over_leaves_a_line_a_day(here: Site) -> None:
    """Of each nurse and item one: nothing paces a GET, and no line is ever deleted."""
    browser, other = here.signed_in("nurse-a"), here.signed_in("nurse-b")
    for _ in range(2):
        assert [browser.get("/items/item-a").status_code for _ in range(3)] == [200, 200, 200]
        assert other.get("/items/item-b").status_code == 200
        here.clock.passes(hours=11, minutes=59)
    opened = [line for line in here.did() if line[1] == "opened_item"]
    assert opened == [("nurse-a", "opened_item", "item-a"), ("nurse-b", "opened_item", "item-b")]
    here.clock.passes(minutes=2)
    assert here.signed_in("nurse-a").get("/items/item-a").status_code == 200
    assert here.did()[-1] == ("nurse-a", "opened_item", "item-a")
    assert [line[1] for line in here.did()].count("opened_item") == 3


def test_a_pace_counts_what_it_let_in_and_nothing_else() -> None:
    pace = Pace(2, timedelta(seconds=10))
    at = [NOW + timedelta(seconds=second) for second in (0, 4, 5, 9.5, 10, 14)]
    assert [pace.wait_s("one", moment) for moment in at] == [0, 0, 5, 1, 0, 0]
    assert pace.wait_s("other", at[2]) == 0


def test_a_flood_of_strangers_does_not_fill_the_memory() -> None:
    pace = Pace(1)
    for n in range(KNOWN + 10):
        assert pace.wait_s(f"client-{n}", NOW) == 0
    assert len(pace._seen) == KNOWN


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_who_has_one_address_of_a_network_is_not_many_clients(host: str, client: str) -> None:
    assert client_of(Request({"type": "http", "client": (host, 1), "headers": []})) == client


def test_a_header_cannot_give_a_client_another_address(here: Site) -> None:
    browser = here.browser()
    token = token_in(browser.get("/sign-in").text)
    for _ in range(98):
        here.keys.note("link_client", HASH_KEY.pseudonym("link_client", "testclient"), here.clock())
    answers = [
        browser.post(
            "/sign-in",
            data={"csrf": token, "address": f"stranger-{n}@example.org"},
            headers=SAME_SITE | {"X-Forwarded-For": f"192.0.2.{n}"},
        ).status_code
        for n in range(3)
    ]
    assert answers == [303, 303, 429]

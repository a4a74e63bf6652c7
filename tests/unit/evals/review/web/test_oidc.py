"""Signing in at a real issuer on this machine, and everything that it or somebody in between may send instead."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from issuer import CLIENT, SECRET, Issuer, issuer
from page_parts import HASH_KEY, NOW, URL, Site, site
from pydantic import SecretStr

from evals.review.web.oidc import OpenIdConnect
from evals.review.web.options import PageOptions
from matria.errors import SettingsError

COOKIE = "__Host-matria-session"


@pytest.fixture
def at() -> list[float]:
    """The issuer's time, in seconds."""
    return [NOW.timestamp()]


@pytest.fixture
def there(at: list[float]) -> Iterator[Issuer]:
    with issuer(lambda: at[0]) as one:
        yield one


@pytest.fixture
def here(tmp_path: Path, there: Issuer) -> Site:
    return at_issuer(tmp_path, there)


def at_issuer(place: Path, there: Issuer) -> Site:
    account = {"oidc_issuer": there.url, "oidc_client_id": CLIENT, "oidc_client_secret": SecretStr(SECRET)}
    return site(place, sign_in="oidc", **account)


def returns(browser: TestClient, there: Issuer, wanted: str = "/items/item-a", **changed: str) -> Any:
    """What is answered when she comes back from the issuer."""
    start = browser.get("/sign-in/oidc", params={"next": wanted})
    assert start.status_code == 303, start.text
    back = urlsplit(there.authorize(start.headers["location"]))
    given = {name: values[0] for name, values in parse_qs(back.query).items()} | changed
    return browser.get(back.path, params={name: text for name, text in given.items() if text})


def test_an_account_signs_in_and_leads_to_the_card_she_wanted(here: Site, there: Issuer) -> None:
    browser = here.browser()
    assert 'href="/sign-in/oidc?next=%2Fitems%2Fitem-a"' in browser.get("/sign-in?next=/items/item-a").text
    answer = returns(browser, there)
    assert (answer.status_code, answer.headers["location"]) == (303, "/items/item-a")
    assert browser.get("/items/item-a").status_code == 200
    assert here.did()[0][:2] == ("nurse-a", "signed_in")
    (asked,) = there.asked
    assert asked["response_type"] == "code"
    assert asked["scope"] == "openid email"
    assert asked["redirect_uri"] == f"{URL}/sign-in/oidc/callback"
    assert asked["code_challenge_method"] == "S256"
    assert asked["prompt"] == "login"  # who used the device before her is still known to the issuer
    assert len(asked["state"]) >= 43
    assert len(asked["nonce"]) >= 43


@pytest.mark.parametrize(
    ("claims", "sign"),
    [
        ({"nonce": "another"}, "RS256"),
        ({"nonce": None}, "RS256"),
        ({"aud": "another-page"}, "RS256"),
        ({"aud": ["another-page"]}, "RS256"),
        ({"aud": "another-page", "azp": CLIENT}, "RS256"),
        ({"aud": [CLIENT, "another-page"]}, "RS256"),
        ({"azp": "another-page"}, "RS256"),
        ({"aud": None}, "RS256"),
        ({"iss": "https://evil.example"}, "RS256"),
        ({"iss": None}, "RS256"),
        ({"exp": int(NOW.timestamp()) - 61}, "RS256"),
        ({"exp": None}, "RS256"),
        ({"iat": int(NOW.timestamp()) + 3600}, "RS256"),
        ({"nbf": int(NOW.timestamp()) + 3600}, "RS256"),
        ({}, "none"),
        ({}, "HS256"),
        ({}, "stranger"),
    ],
)
def test_an_id_token_that_does_not_hold_signs_nobody_in(
    here: Site, there: Issuer, claims: dict[str, Any], sign: str
) -> None:
    there.claims, there.sign = claims, sign
    browser = here.browser()
    answer = returns(browser, there)
    assert answer.status_code == 400
    assert "Não foi possível entrar" in answer.text
    assert COOKIE not in browser.cookies
    assert here.did() == [("", "account_refused", "")]


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"email_verified": False}, "E-mail não confirmado"),
        ({"email_verified": None}, "E-mail não confirmado"),
        ({"email_verified": "true"}, "E-mail não confirmado"),
        ({"email": "stranger@example.org"}, "E-mail sem cadastro"),
        ({"email": "gone-a@example.org"}, "E-mail sem cadastro"),
        ({"email": None}, "E-mail sem cadastro"),
        ({"email": "nurse-a@example.org, b@example.org"}, "E-mail sem cadastro"),
    ],
)
def test_who_is_not_vouched_for_or_not_known_reads_why(
    here: Site, there: Issuer, claims: dict[str, Any], sentence: str
) -> None:
    there.claims = claims
    browser = here.browser()
    answer = returns(browser, there)
    assert answer.status_code == 403
    assert sentence in answer.text
    assert "stranger@" not in answer.text
    assert COOKIE not in browser.cookies
    assert {one.reviewer_id for one in here.records.reviewers()} == {
        "nurse-a", "nurse-b", "lead-a", "viewer-a", "gone-a",
    }  # fmt: skip


def test_an_address_in_capitals_is_the_same_person(here: Site, there: Issuer) -> None:
    there.claims = {"email": "Nurse-A@Example.org", "aud": [CLIENT]}
    assert returns(here.browser(), there).status_code == 303


def test_a_state_is_good_once_and_in_the_browser_that_was_given_it(here: Site, there: Issuer) -> None:
    browser = here.browser()
    back = there.authorize(browser.get("/sign-in/oidc").headers["location"]).removeprefix(URL)
    stranger = here.browser()
    stranger.get("/sign-in")
    assert stranger.get(back).status_code == 400
    assert browser.get(back).status_code == 400  # the stranger's attempt has used it up
    back = there.authorize(browser.get("/sign-in/oidc").headers["location"]).removeprefix(URL)
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 400


def test_a_state_that_is_missing_wrong_or_too_old_signs_nobody_in(here: Site, there: Issuer) -> None:
    for changed in ({"state": ""}, {"state": "x" * 43}):
        assert returns(here.browser(), there, **changed).status_code == 400
    browser = here.browser()
    back = there.authorize(browser.get("/sign-in/oidc").headers["location"]).removeprefix(URL)
    here.clock.passes(minutes=10)
    assert browser.get(back).status_code == 400


def test_a_code_of_another_flow_is_not_exchanged(here: Site, there: Issuer) -> None:
    """A code that was stolen is worth nothing without the verifier of its own flow."""
    back = urlsplit(there.authorize(here.browser().get("/sign-in/oidc").headers["location"]))
    stolen = parse_qs(back.query)["code"][0]
    assert returns(here.browser(), there, code=stolen).status_code == 400


def test_who_declines_and_an_answer_of_another_issuer_are_told_kindly(here: Site, there: Issuer) -> None:
    declined = returns(here.browser(), there, code="", error="access_denied", error_description="<b>x</b>")
    assert declined.status_code == 400
    assert "<b>x" not in declined.text
    assert returns(here.browser(), there, iss="https://evil.example").status_code == 400
    assert returns(here.browser(), there, iss=there.url).status_code == 303


def test_an_issuer_that_calls_itself_by_another_name_is_none(tmp_path: Path, there: Issuer) -> None:
    there.names = "https://evil.example"
    answer = at_issuer(tmp_path, there).browser().get("/sign-in/oidc")
    assert answer.status_code == 400


def test_an_issuer_that_is_away_leaves_a_page_and_no_detail(
    tmp_path: Path, there: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    there.url = "http://127.0.0.1:9"
    with caplog.at_level(logging.INFO):
        answer = at_issuer(tmp_path, there).browser().get("/sign-in/oidc")
    assert answer.status_code == 400
    assert "Não foi possível entrar" in answer.text
    assert "ConnectError" in caplog.text
    assert "ConnectError" not in answer.text


def test_a_key_that_was_changed_is_read_once_a_minute_at_most(here: Site, there: Issuer, at: list[float]) -> None:
    assert returns(here.browser(), there).status_code == 303
    there.kid = "key-2"
    here.clock.passes(seconds=61)
    at[0] += 61
    assert returns(here.browser(), there).status_code == 303
    assert there.read.count("keys") == 2
    there.claims = {}
    there.kid = "key-3"
    for _ in range(3):
        returns(here.browser(), there)
    assert there.read.count("keys") == 2


def test_no_log_line_holds_a_code_a_state_or_an_address(
    here: Site, there: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    there.claims = {"email": "stranger@example.org"}
    with caplog.at_level(logging.INFO):
        returns(here.browser(), there)
        there.sign = "none"
        returns(here.browser(), there)
    said = "\n".join(line.getMessage() for line in caplog.records if line.name.startswith("evals"))
    assert said
    for secret in ("stranger", "code", SECRET, *(asked["state"] for asked in there.asked)):
        assert secret not in said


def test_a_link_is_not_sent_where_accounts_are_how_one_signs_in(here: Site) -> None:
    assert here.browser().post("/sign-in", data={"address": "nurse-a@example.org"}).status_code in (403, 405)
    assert here.letters.sent == []


@pytest.mark.parametrize("issuer_url", [None, "http://login.example.org", "login.example.org"])
def test_an_issuer_that_is_missing_or_not_encrypted_is_refused_at_once(here: Site, issuer_url: str | None) -> None:
    options = PageOptions(URL, HASH_KEY, sign_in="oidc", oidc_issuer=issuer_url, oidc_client_id=CLIENT)
    with pytest.raises(SettingsError, match="OIDC_ISSUER"):
        OpenIdConnect(options, here.keys, here.clock)

"""What leaves with an answer, and what never does: a frame, an inline script, a traceback, a token in a log."""

import logging
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from page_parts import SAME_SITE, URL, Site, ask_for_link, site, token_in

from evals.review.web.options import PageOptions
from matria.errors import SettingsError
from matria.privacy.keys import HashKey

SECRET = "Texto de uma gestante que ninguém mais pode ler"


@pytest.fixture
def here(tmp_path: Path) -> Site:
    return site(tmp_path)


def pages(here: Site) -> list[str]:
    ask_for_link(here.browser(), "nurse-a@example.org")
    return ["/", "/items/item-a", "/items/item-b", "/changes", "/sign-in", "/nowhere", here.letters.link, "/healthz"]


def test_every_answer_bears_the_headers(here: Site) -> None:
    browser = here.signed_in()
    answers = [browser.get(path) for path in pages(here)]
    answers += [here.browser("https://evil.example").get("/"), browser.post("/items/item-a", content="x" * 200_001)]
    answers += [browser.post("/items/item-a"), browser.put("/"), browser.get("/static/page.css")]
    assert {one.status_code for one in answers} == {200, 303, 400, 403, 404, 405, 413}
    for answer in answers:
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert "camera=()" in answer.headers["permissions-policy"]
        is_static = answer.request.url.path.startswith("/static/")
        assert answer.headers["cache-control"] == ("no-cache" if is_static else "no-store")


def test_a_file_that_a_page_names_by_what_it_holds_is_asked_for_once(here: Site) -> None:
    browser = here.signed_in()
    named = re.findall(r'(?:src|href)="(/static/[^"]+)"', browser.get("/items/item-a").text)
    assert {one.split("?")[0] for one in named} == {
        f"/static/{name}" for name in ("icon.svg", "page.css", "device.js", "card.js")
    }
    answers = [browser.get(one) for one in named]
    assert {(one.status_code, one.headers["cache-control"]) for one in answers} == {
        (200, "max-age=31536000, immutable")
    }
    assert browser.get("/static/none.css?v=1").headers["cache-control"] == "no-store"
    assert browser.get("/static/page.css?v=another").headers["cache-control"] == "no-cache"


def test_no_page_has_what_its_policy_would_stop(here: Site) -> None:
    browser = here.signed_in()
    for path in pages(here):
        text = browser.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=\"/static/)", text), path
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text), path
        assert not re.search(r"(src|href)=\"(https?:)?//", text), path


def test_without_https_nothing_promises_it(tmp_path: Path) -> None:
    here = site(tmp_path, "http://127.0.0.1:8610")
    assert "strict-transport-security" not in here.browser("http://127.0.0.1:8610").get("/sign-in").headers


@pytest.mark.parametrize("host", ["evil.example", "review.example.org.evil.example", "review.example.org:8443", ""])
def test_a_request_for_another_host_is_not_answered(here: Site, host: str) -> None:
    answer = here.browser().get("/sign-in", headers={"Host": host})
    assert answer.status_code == 400
    assert "csrf" not in answer.text


def test_a_request_that_names_two_hosts_is_not_answered(here: Site) -> None:
    hosts = [("Host", "review.example.org"), ("Host", "evil.example")]
    assert here.browser().get("/sign-in", headers=hosts).status_code == 400


def test_a_page_opened_by_the_machines_other_name_is_led_to_its_own(tmp_path: Path) -> None:
    browser = site(tmp_path, "http://127.0.0.1:8610").browser("http://127.0.0.1:8610")
    for host in ("localhost:8610", "[::1]:8610"):
        answer = browser.get("/sign-in?next=%2Fitems%2Fa", headers={"Host": host}, follow_redirects=False)
        assert answer.status_code == 307
        assert answer.headers["location"] == "http://127.0.0.1:8610/sign-in?next=%2Fitems%2Fa"
    odd = browser.get("/%2F%0d%0aevil.example", headers={"Host": "localhost:8610"}, follow_redirects=False)
    assert odd.headers["location"].startswith("http://127.0.0.1:8610//%0D%0Aevil")
    assert browser.post("/sign-in", headers={"Host": "localhost:8610"}).status_code == 400
    for host in ("localhost:9000", "evil.example:8610", "localhost:8610.evil.example"):
        assert browser.get("/sign-in", headers={"Host": host}).status_code == 400


def test_a_public_page_is_not_led_to_by_a_machines_own_name(here: Site) -> None:
    for host in ("localhost", "127.0.0.1"):
        assert here.browser().get("/sign-in", headers={"Host": host}, follow_redirects=False).status_code == 400


def test_the_host_may_be_in_capitals_and_name_the_default_port(here: Site) -> None:
    for host in ("Review.Example.org", "review.example.org:443"):
        assert here.browser().get("/sign-in", headers={"Host": host}).status_code == 200


def test_nothing_describes_the_interface(here: Site) -> None:
    browser = here.signed_in()
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert browser.get(path).status_code == 404


def test_a_body_that_is_too_large_is_refused_announced_or_not(here: Site) -> None:
    browser = here.signed_in()
    token = token_in(browser.get("/items/item-a").text)
    large = f"csrf={token}&comment=".encode() + b"a" * 200_000
    form = SAME_SITE | {"Content-Type": "application/x-www-form-urlencoded"}
    announced = browser.post("/items/item-a/draft", content=large, headers=form)
    in_pieces = browser.post("/items/item-a/draft", content=iter([large[:100_000], large[100_000:]]), headers=form)
    for answer in (announced, in_pieces):
        assert answer.status_code == 413
        assert "Texto grande demais" in answer.text
    by_script = browser.post("/items/item-a/draft", content=large, headers=form | {"x-csrf": token})
    assert by_script.json() == {"error": "too_large"}
    just = f"csrf={token}&comment=".encode() + b"a" * 4000
    assert browser.post("/items/item-a/draft", content=just, headers=form).status_code == 303


def test_a_malformed_length_and_a_form_of_a_thousand_fields_are_refused(here: Site) -> None:
    browser = here.signed_in()
    assert browser.post("/items/item-a", headers=SAME_SITE | {"Content-Length": "-1"}).status_code == 400
    fields = {f"f{n}": "x" for n in range(1001)}
    assert browser.post("/items/item-a", data=fields, headers=SAME_SITE).status_code == 400


def failing(app: FastAPI) -> None:
    def fails() -> None:
        try:
            {}[SECRET]
        except KeyError as error:
            raise RuntimeError(f"could not show {SECRET}") from error

    app.add_api_route("/fails", fails, methods=["GET"])


def test_a_page_that_fails_shows_no_detail_and_logs_no_text(here: Site, caplog: pytest.LogCaptureFixture) -> None:
    failing(here.app)
    with caplog.at_level(logging.DEBUG):
        answer = TestClient(here.app, URL, raise_server_exceptions=True).get("/fails?q=segredo")
    assert answer.status_code == 500
    assert "Algo deu errado aqui" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    ours = "\n".join(line.getMessage() for line in caplog.records if not line.name.startswith("httpx"))
    assert re.search(r"RuntimeError at test_headers\.py:\d+ fails", ours)
    assert "from KeyError" in ours
    for text in (answer.text, ours):
        assert "gestante" not in text
        assert "Traceback" not in text
        assert "segredo" not in text
    by_script = TestClient(here.app, URL).get("/fails", headers={"Sec-Fetch-Dest": "empty"})
    assert by_script.json() == {"error": "failed"}


def test_a_server_that_writes_each_request_down_writes_no_token(here: Site, caplog: pytest.LogCaptureFixture) -> None:
    """uvicorn's own log of requests, should somebody turn it on."""
    ask_for_link(here.browser(), "nurse-a@example.org")
    token = here.letters.link.split("/")[-1]
    requests = logging.getLogger("uvicorn.access")
    requests.addHandler(caplog.handler)  # a server that ran before keeps its lines from the root
    try:
        with caplog.at_level(logging.INFO, "uvicorn.access"):
            for path in (
                f"/sign-in/link/{token}?next=%2F",
                "/sign-in/oidc/callback?code=c0de&state=st4te",
                "/sign-in//oidc/callback?code=c0de&state=st4te",
                f"//sign-in/link/{token}",
                f"/sign-in//link/{token}",
                f"/SIGN-IN/LINK/{token}",
                f"/sign-in/{token}",
                f"/x/../sign-in/link/{token}",
                f"/sign%2Din/link/{token}",
                f"/link/{token}",
                "/items/item-a",
            ):
                requests.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", path, "1.1", 200)
    finally:
        requests.removeHandler(caplog.handler)
    assert "/sign-in/link HTTP" in caplog.text
    assert "/items/item-a HTTP/1.1" in caplog.text
    for secret in (token, "c0de", "st4te"):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    "url",
    ["http://review.example.org", "ftp://review.example.org", "review.example.org", "https://review.example.org/app",
     "https://user:word@review.example.org", "https://review.example.org?x=1", "https://"],
)  # fmt: skip
def test_an_address_that_is_no_safe_place_for_the_page_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="MATRIA_REVIEW__PUBLIC_URL") as raised:
        PageOptions(url, HashKey("test", b"k" * 32))
    assert "word@" not in str(raised.value)

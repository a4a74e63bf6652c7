"""An issuer that is slow, away or malicious: nobody is signed in by it, and the page goes on for all others."""

import asyncio
import contextlib
import gzip
import json
import sqlite3
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.responses import Response, StreamingResponse
from issuer import CLIENT, SECRET, Issuer, issuer
from page_parts import HASH_KEY, NOW, URL, Clock, Site, site
from pydantic import SecretStr

from evals.review.web.discovery import AFTER_FAILURE, Discovery, NotIdentified
from evals.review.web.oidc import OpenIdConnect
from evals.review.web.options import PageOptions
from evals.review.web.sessions import SESSION, hash_of
from matria.asgi_server import serving
from tests.threaded_servers import serving_apart
from tests.virtual_time import StandingLoop, run_standing

DISCOVERY = "/.well-known/openid-configuration"
BROKEN = "https://[x"
MALFORMED = (
    b"", b"null", b"[1]", b'"x"', b"5", b"<html>", b"\xff\xfe\x00", b"[" * 200_000, b"{}" + b" " * 1_000_000, b"{}",
    b'{"keys": null}', b'{"keys": "abc"}', b'{"keys": []}', b'{"keys": [1]}', b'{"keys": [{}]}',
    b'{"keys": [{"kty": [1]}]}', b'{"keys": [{"kty": "RSA", "kid": "key-1", "n": "!!", "e": "AQAB"}]}',
    b'{"error": {"a": 1}}', b'{"error": "x", "error_description": {"b": 2}}', b'{"id_token": 5}',
    b'{"id_token": "a.b.c"}', b'{"id_token": "a.b.c.d.e"}', b'{"id_token": "\xc3\xa9.\xc3\xa9.\xc3\xa9"}',
    b'{"expires_in": [1]}', b'{"expires_at": "never", "id_token": "x"}',
)  # fmt: skip
LIMIT_S = 8.0
"""Of the whole, and below that of a single read."""
DROPS = 100
"""Of an answer that drips, a second after each."""
FOR_EVER_S = 600.0


@pytest.fixture
def there() -> Iterator[Issuer]:
    with issuer(NOW.timestamp) as one:
        yield one


@pytest.fixture
def here(tmp_path: Path, there: Issuer) -> Site:
    account = {"oidc_issuer": there.url, "oidc_client_id": CLIENT, "oidc_client_secret": SecretStr(SECRET)}
    return site(tmp_path, sign_in="oidc", **account)


def comes_back(here: Site, there: Issuer) -> Any:
    """What is answered when she returns from the issuer, or when she was never sent there."""
    browser = here.browser()
    start = browser.get("/sign-in/oidc")
    if start.status_code != 303:
        return start
    return browser.get(there.authorize(start.headers["location"]).removeprefix(URL))


def test_an_endpoint_that_is_none_signs_nobody_in(here: Site, there: Issuer) -> None:
    for name in ("jwks_uri", "authorization_endpoint", "token_endpoint"):
        for address in (BROKEN, 5, "http://evil.example"):
            there.metadata = {name: address}
            refused(here, comes_back(here, there))
            here.clock.passes(hours=2)


@pytest.mark.parametrize("path", [DISCOVERY, "/jwks", "/token"])
def test_an_answer_that_is_malformed_signs_nobody_in(here: Site, there: Issuer, path: str) -> None:
    for body in MALFORMED:
        there.says = {path: lambda body=body: Response(body, media_type="application/json")}  # type: ignore[misc]
        refused(here, comes_back(here, there))
        assert there.read[-1] == path, body[:40]
        here.clock.passes(hours=2)


def test_an_answer_that_is_packed_is_not_read(here: Site, there: Issuer) -> None:
    """A thousandth of what it unpacks to comes over the wire, and counts there."""
    right = {"issuer": there.url, "jwks_uri": f"{there.url}/jwks", "authorization_endpoint": f"{there.url}/authorize"}
    packed = gzip.compress(json.dumps(right).encode())
    there.says = {DISCOVERY: lambda: Response(packed, headers={"Content-Encoding": "gzip"})}
    refused(here, comes_back(here, there))
    assert there.asked == []


@pytest.mark.parametrize("path", [DISCOVERY, "/jwks", "/token"])
def test_an_answer_that_leads_elsewhere_is_not_followed(here: Site, there: Issuer, path: str) -> None:
    there.says = {path: lambda: Response(status_code=302, headers={"Location": f"{there.url}/elsewhere"})}
    refused(here, comes_back(here, there))
    assert there.read[-1] == path


def test_an_answer_without_an_end_is_read_up_to_its_limit(there: Issuer) -> None:
    there.says = {DISCOVERY: lambda: StreamingResponse(floods())}
    with pytest.raises(NotIdentified, match="ReadError"):
        asyncio.run(Discovery(there.url, Clock(), deadline_s=FOR_EVER_S).known())


def refused(here: Site, answer: Any) -> None:
    assert answer.status_code == 400, answer.text
    assert "Não foi possível entrar" in answer.text
    assert here.did()[-1] == ("", "account_refused", "")


def test_an_issuer_that_drips_is_read_once_and_holds_up_nobody_else(
    tmp_path: Path, there: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More ask to be signed in than the page has threads; a card is shown all the same."""
    monkeypatch.setattr("evals.review.web.app.OpenIdConnect", partial(OpenIdConnect, deadline_s=FOR_EVER_S))
    here = site(tmp_path, sign_in="oidc", oidc_issuer=there.url, oidc_client_id=CLIENT)
    is_over, begun = threading.Event(), threading.Semaphore(0)
    there.says = {DISCOVERY: lambda: StreamingResponse(drops(is_over))}
    session = "__Host-matria-session=" + signed_in(here)

    async def counted(scope: Any, receive: Any, send: Any) -> None:
        begun.release()
        await here.app(scope, receive, send)

    with serving(counted, "127.0.0.1") as url, ThreadPoolExecutor(60) as many:
        waiting = [many.submit(get, url, "/sign-in/oidc") for _ in range(60)]
        try:
            assert all(begun.acquire(timeout=FOR_EVER_S) for _ in waiting)
            assert get(url, "/items/item-a", Cookie=session) == 200
            assert not any(one.done() for one in waiting)
        finally:
            is_over.set()
        assert {one.result(FOR_EVER_S) for one in waiting} == {400}
    assert there.read == [DISCOVERY]


def test_what_takes_too_long_in_all_is_given_up_and_not_tried_again_at_once() -> None:
    """Each drop comes long before any timeout of a single read, of the head as of the body."""
    clock = Clock()
    for head in (b"", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"):
        with dripping(head) as drip:
            discovery = Discovery(drip.url, clock, LIMIT_S)
            for _ in range(3):
                with pytest.raises(NotIdentified, match="longer than 8 s"):
                    run_standing(drip.heard(discovery.known()))
            assert drip.asked == 1
            clock.now += AFTER_FAILURE
            with pytest.raises(NotIdentified, match="longer"):
                run_standing(drip.heard(discovery.known()))
            assert drip.asked == 2


def test_a_failure_is_forgotten_and_does_not_end_what_is_known(there: Issuer) -> None:
    clock = Clock()
    discovery = Discovery(there.url, clock)
    there.names = "https://evil.example"
    with pytest.raises(NotIdentified, match="another name"):
        asyncio.run(discovery.known())
    there.names = ""
    clock.now += AFTER_FAILURE
    first = asyncio.run(discovery.known())
    there.names = "https://evil.example"
    clock.passes(minutes=2)
    with pytest.raises(NotIdentified):
        asyncio.run(discovery.known(newer_than=first.read_at))
    assert asyncio.run(discovery.known()) is first


def test_a_code_that_is_exchanged_too_slowly_signs_nobody_in(here: Site, there: Issuer) -> None:
    options = PageOptions(URL, HASH_KEY, sign_in="oidc", oidc_issuer=there.url, oidc_client_id=CLIENT)
    connect = OpenIdConnect(options, here.keys, here.clock, LIMIT_S)
    with dripping(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n") as drip:
        there.metadata = {"token_endpoint": f"{drip.url}/token"}
        sent_to = run_standing(connect.begin("visit", "/"))
        (state,) = parse_qs(urlsplit(sent_to).query)["state"]
        with pytest.raises(NotIdentified, match="longer than 8 s"):
            run_standing(drip.heard(connect.finish("visit", {"state": state, "code": "c"})))
    assert drip.asked == 1


def test_who_never_comes_back_leaves_nothing_for_good(here: Site, there: Issuer) -> None:
    for _ in range(20):
        assert here.browser().get("/sign-in/oidc").status_code == 303
    here.clock.passes(days=2)
    assert here.browser().get("/sign-in/oidc").status_code == 303
    with sqlite3.connect(here.place) as database:
        assert database.execute("select kind, count(*) from review_keys group by kind").fetchall() == [
            ("oidc_state", 1)
        ]


async def floods() -> AsyncIterator[bytes]:
    while True:
        yield b" " * 100_000
        await asyncio.sleep(0)  # so that it notices when nobody listens any more


async def drops(is_over: threading.Event) -> AsyncIterator[bytes]:
    while not is_over.is_set():
        yield b" "
        await asyncio.sleep(0.02)


@dataclass
class Drip:
    """A server that sends a head at once and then a byte a second, by the time of the loop that hears it."""

    head: bytes
    url: str = ""
    asked: int = 0
    hears: StandingLoop | None = None

    async def heard(self, work: Coroutine[Any, Any, Any]) -> None:
        """What is asked of the server in this loop."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, StandingLoop)
        self.hears = loop
        await work

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        hears = self.hears
        writer.write(self.head)
        with contextlib.suppress(RuntimeError):  # whoever heard it has ended
            for _ in range(DROPS):
                writer.write(b" " if self.head else b"H")
                await asyncio.sleep(0.005)
                if hears is not None:
                    await asyncio.wrap_future(hears.passes(1))
        writer.close()


@contextmanager
def dripping(head: bytes) -> Iterator[Drip]:
    """It listens while the block lasts."""
    drip = Drip(head)
    with serving_apart(lambda: asyncio.start_server(drip.answer, "127.0.0.1")) as port:
        drip.url = f"http://127.0.0.1:{port}"
        yield drip


def signed_in(here: Site) -> str:
    """The cookie of a nurse's session."""
    cookie = "session-of-nurse-a-" + "x" * 24
    here.keys.put(SESSION, hash_of(cookie), "nurse-a", here.clock() + timedelta(hours=1), {})
    return cookie


def get(url: str, path: str, **headers: str) -> int:
    """The status of the answer to a proxy of the page."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=FOR_EVER_S)
    try:
        connection.request("GET", path, headers={"Host": urlsplit(URL).netloc, **headers})
        return connection.getresponse().status
    finally:
        connection.close()

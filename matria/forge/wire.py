"""JSON over HTTP to a forge: retries, rate limits, time-outs and sentences, the same for each of them.

A request is either repeatable (reading, updating, deleting) or not (creating). After a lost answer only the first kind
is sent again; of the other the caller must look whether it happened. No exception of httpx leaves this file, and the
token is put on each request without being kept in any text.
"""

import json
import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from matria.errors import ForgeError, SettingsError
from matria.forge.base import Unanswered
from matria.forge.limits import SECONDARY_LIMIT_S, asked_wait_s, is_limit, pause_s
from matria.settings import ForgeSettings

logger = logging.getLogger(__name__)
_MOST_BYTES = 64 * 2**20
"""Of one answer: a page of a hundred comments of 65,536 characters is at most 26 MB."""
_LOCAL = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Answer:
    """An answer below 500 that is no rate limit, whatever its status."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    data: Any
    """The JSON; None where the answer has no body, or a refusal has one that is no JSON."""
    next_address: str = ""
    """Of the `Link` header with rel="next"; empty on the last page."""


@dataclass(frozen=True)
class _Failure:
    error: ForgeError
    wait_s: float
    is_lost: bool
    """Whether the request may have been carried out all the same."""


class Token(httpx.Auth):
    """Puts the token on each request: `Bearer`, or `Basic` with an empty user."""

    def __init__(self, token: SecretStr, scheme: str = "Bearer") -> None:
        self._token = token
        self._scheme = scheme

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        """The request with its token."""
        secret = self._token.get_secret_value()
        if self._scheme == "Basic":
            yield from httpx.BasicAuth("", secret).auth_flow(request)
            return
        request.headers["Authorization"] = f"Bearer {secret}"
        yield request


@dataclass
class Wire:
    """One forge's API, and how patiently it is asked. Raises `SettingsError` for an address without TLS."""

    forge: str
    """As sentences name it."""
    address: str
    """Root of its API, without a closing slash."""
    token: Token
    settings: ForgeSettings
    headers: Mapping[str, str] = field(default_factory=dict)
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    chance: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        if parts.scheme != "https" and parts.hostname not in _LOCAL:
            raise SettingsError(f"{self.forge}'s API is said to be {self.address}: a token is sent over https only.")
        headers = {"User-Agent": "matria", "Accept": "application/json", **self.headers}
        self._client = httpx.Client(auth=self.token, headers=headers, timeout=self.settings.timeout_s)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        *,
        repeatable: bool = True,
    ) -> Answer:
        """The answer to a request below `address`; `path` may be one of its addresses in full, such as a next page.

        Raises `Unanswered` where no answer tells whether it was done, `ForgeError` where a limit outlasts our patience.
        """
        url, waited_s = self._url(path), 0.0
        for attempt in range(1, self.settings.max_attempts + 1):
            result = self._attempt(attempt, method, url, body, params)
            if isinstance(result, Answer):
                return result
            waited_s += result.wait_s
            is_last = attempt == self.settings.max_attempts or waited_s > self.settings.max_wait_s
            if is_last or (result.is_lost and not repeatable):
                raise result.error
            logger.info("%s: attempt %d of %s failed, again in %.1f s", self.forge, attempt, method, result.wait_s)
            self.sleep(result.wait_s)
        raise AssertionError("the last attempt returns or raises")

    def pause(self, attempt: int) -> None:
        """Waits as after the failed attempt `attempt`, counted from 1."""
        self.sleep(pause_s(attempt, self.chance))

    def _url(self, path: str) -> str:
        if path.startswith("/"):
            return self.address + path
        if httpx.URL(path).copy_with(raw_path=b"/") != httpx.URL(self.address).copy_with(raw_path=b"/"):
            raise ForgeError(f"{self.forge} names an address outside {self.address}: the token is not sent there.")
        return path

    def _attempt(
        self, attempt: int, method: str, url: str, body: Any, params: Mapping[str, str] | None
    ) -> Answer | _Failure:
        pause = pause_s(attempt, self.chance)
        try:
            response, content = self._exchange(method, url, body, params)
        except (httpx.TransportError, TimeoutError) as error:
            unsent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
            return _Failure(self._unanswered(error), pause, is_lost=not unsent)
        status = response.status_code
        if is_limit(status, response.headers, content[:2000].decode("utf-8", "replace")):
            asked = asked_wait_s(response.headers, self.now())
            wait_s = SECONDARY_LIMIT_S * 2.0 ** (attempt - 1) if asked is None else asked
            return _Failure(self._limited(status, wait_s), wait_s + self.chance(), is_lost=False)
        if status >= 500:
            sentence = f"{self.forge} failed on its side ({status}): try again later."
            return _Failure(Unanswered(sentence), asked_wait_s(response.headers, self.now()) or pause, is_lost=True)
        try:
            data = json.loads(content) if content.strip() else None
        except ValueError:
            if status < 300 and status != 203:
                return _Failure(self._unreadable(status), pause, is_lost=True)
            data = None
        return Answer(status, dict(response.headers), data, response.links.get("next", {}).get("url", ""))

    def _exchange(
        self, method: str, url: str, body: Any, params: Mapping[str, str] | None
    ) -> tuple[httpx.Response, bytes]:
        """The response with its content, read against one deadline: httpx's time-out starts anew with each piece."""
        deadline = time.monotonic() + self.settings.timeout_s
        content = bytearray()
        with self._client.stream(method, url, json=body, params=params) as response:
            for piece in response.iter_bytes():
                content += piece
                if time.monotonic() > deadline or len(content) > _MOST_BYTES:
                    raise TimeoutError
        return response, bytes(content)

    def _unanswered(self, error: Exception) -> Unanswered:
        if isinstance(error, TimeoutError | httpx.TimeoutException):
            happened = (
                f"did not answer within {self.settings.timeout_s:g} s: try again, or raise MATRIA_FORGE__TIMEOUT_S."
            )
        else:
            happened = f"cannot be reached at {self.address} ({type(error).__name__}): try again, or check the network."
        lost = Unanswered(f"{self.forge} {happened}")
        lost.__cause__ = error
        return lost

    def _unreadable(self, status: int) -> Unanswered:
        return Unanswered(
            f"{self.forge} gave an answer that is no JSON ({status}): check that {self.address} is its API and that no "
            "proxy answers for it."
        )

    def _limited(self, status: int, wait_s: float) -> ForgeError:
        until = datetime.fromtimestamp(self.now() + min(wait_s, 86_400.0), UTC)
        return ForgeError(
            f"{self.forge} limits the rate of requests ({status}) until about {until:%H:%M:%S} UTC: post again then, "
            "or raise MATRIA_FORGE__MAX_WAIT_S."
        )

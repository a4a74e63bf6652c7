"""Notion's API as this project asks it: three requests a second, patience, and sentences in place of its errors.

A request is either repeatable (reading, setting, moving to the trash) or not (making a page, a database, blocks).
After a lost answer only the first kind is sent again; of the other the caller must look whether it happened. What
Notion says of a refusal may quote what was sent to it, so its words go into no error and no log, and neither does the
token.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from matria.errors import SettingsError, StorageError
from matria.retry_after import seconds

if TYPE_CHECKING:
    from notion_client import Client

logger = logging.getLogger(__name__)
Ask = Callable[["Client"], Any]
_PER_SECOND = 3
"""Requests on average (developers.notion.com/reference/request-limits)."""
_MAX_ATTEMPTS, _MAX_WAIT_S, _TIMEOUT_S = 5, 180.0, 60.0
_VERSION = "2025-09-03"
"""Of the API; named here, since the client's own moves on with its releases."""
_PAGE_SIZE = 100
_MOST_PAGES = 200
_LIMITS = (429, 529)
"""The connection asks too often; Notion is overloaded. Nothing was carried out."""
_CONFLICT = 409
"""Two edits at once. As with trouble at Notion (500 and above), whether it was carried out is not known."""
_LOCAL = ("127.0.0.1", "::1", "localhost")


class Unanswered(StorageError):
    """A request that must not be sent twice, and whose answer was lost."""


class Refused(StorageError):
    """Notion answered that it will not."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class _Failure:
    error: StorageError
    is_passing: bool
    is_lost: bool
    """Whether the request may have been carried out all the same."""
    wait_s: float | None = None
    """As Notion asks."""


class Wire:
    """One workspace's API. Raises `SettingsError` for an address without TLS that is not this machine."""

    def __init__(
        self,
        token: SecretStr,
        address: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        parts = urlsplit(address)
        if parts.scheme != "https" and parts.hostname not in _LOCAL:
            raise SettingsError(
                "MATRIA_REVIEW__NOTION_URL has to begin with https://: the token goes with each request."
            )
        self.host = parts.netloc
        self._sleep, self._monotonic = sleep, monotonic
        self._next_at = 0.0
        self._client = _client(token, address.rstrip("/"), timeout_s)

    def call(self, doing: str, ask: Ask, *, is_repeatable: bool = True) -> dict[str, Any]:
        """The answer. Raises `Unanswered`, `Refused`, or `StorageError` where patience ends."""
        waited_s = 0.0
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            answer = self._once(doing, ask)
            if not isinstance(answer, _Failure):
                return answer
            if answer.is_lost and not is_repeatable:
                raise Unanswered(str(answer.error))
            wait_s = 2.0 ** (attempt - 1) if answer.wait_s is None else answer.wait_s
            if not answer.is_passing or attempt == _MAX_ATTEMPTS or waited_s + wait_s > _MAX_WAIT_S:
                raise answer.error
            logger.info("Notion did not %s at attempt %d; again in %.0f s", doing, attempt, wait_s)
            self._sleep(wait_s)
            waited_s += wait_s
        raise AssertionError("the last attempt returns or raises")

    def listed(self, doing: str, ask: Callable[["Client", Mapping[str, Any]], Any]) -> Iterator[dict[str, Any]]:
        """All that a list holds, page by page; `ask` gets size and cursor of the page.

        Raises `StorageError` where Notion does not give all of it: it ends a query at 10,000 rows and says so aside.
        """
        paging: dict[str, Any] = {"page_size": _PAGE_SIZE}
        for _ in range(_MOST_PAGES):
            answer = self.call(doing, lambda client, paging=paging: ask(client, paging))  # type: ignore[misc]
            if (answer.get("request_status") or {}).get("type") == "incomplete":
                break
            yield from answer.get("results", [])
            if not answer.get("has_more") or not answer.get("next_cursor"):
                return
            paging = {"page_size": _PAGE_SIZE, "start_cursor": answer["next_cursor"]}
        raise StorageError(f"Notion's list is too long to {doing}: move old pages of the database to the trash.")

    def pause(self, attempt: int) -> None:
        """Waits before it is looked whether a lost request was carried out."""
        self._sleep(2.0 ** (attempt - 1))

    def _once(self, doing: str, ask: Ask) -> dict[str, Any] | _Failure:
        import httpx
        from notion_client.errors import HTTPResponseError, RequestTimeoutError

        self._keep_pace()
        try:
            answer = ask(self._client)
        except HTTPResponseError as error:
            return _failure(doing, error.status, error.headers)
        except (RequestTimeoutError, httpx.HTTPError) as error:
            sentence = (
                f"Notion could not be reached at {self.host} to {doing} ({type(error).__name__}): try again later."
            )
            return _Failure(StorageError(sentence), is_passing=True, is_lost=not isinstance(error, httpx.ConnectError))
        except ValueError:
            answer = None
        if isinstance(answer, dict):
            return answer
        sentence = f"What answers at {self.host} is not Notion's API: check MATRIA_REVIEW__NOTION_URL and proxies."
        return _Failure(StorageError(sentence), is_passing=False, is_lost=True)

    def _keep_pace(self) -> None:
        now = self._monotonic()
        if now < self._next_at:
            self._sleep(self._next_at - now)
        self._next_at = max(now, self._next_at) + 1 / _PER_SECOND


def _client(token: SecretStr, address: str, timeout_s: float) -> "Client":
    """The vendor's client without its own retries, and without its log, which quotes refusals."""
    from notion_client import Client

    quiet = logging.getLogger("evals.review.notion.client")
    quiet.propagate = False
    quiet.addHandler(logging.NullHandler())
    return Client(
        auth=token.get_secret_value(),
        base_url=address,
        notion_version=_VERSION,
        timeout_ms=int(timeout_s * 1000),
        retry=False,
        logger=quiet,
        log_level=logging.CRITICAL,
    )


def _failure(doing: str, status: int, headers: Mapping[str, str]) -> _Failure:
    if status in _LIMITS:
        sentence = f"Notion's rate limit does not let this integration {doing} ({status}): try again in some minutes."
        asked = headers.get("retry-after")
        return _Failure(Refused(sentence, status), True, False, None if asked is None else seconds(asked))
    if status == _CONFLICT or status >= 500:
        sentence = f"Notion could not {doing} ({status}): try again later; see https://status.notion.so."
        return _Failure(Refused(sentence, status), is_passing=True, is_lost=True)
    return _Failure(Refused(_refusal(doing, status), status), is_passing=False, is_lost=False)


def _refusal(doing: str, status: int) -> str:
    if status == 401:
        return "Notion refused the token (401): set that of the integration in MATRIA_REVIEW__NOTION_TOKEN."
    if status == 403:
        return (
            f"Notion does not let this integration {doing} (403): give it the capabilities to read, update and insert "
            "content."
        )
    if status == 404:
        return (
            f"Notion does not show this integration what it needs to {doing} (404): open the page or database, ••• → "
            "Connections, and add the integration; then check MATRIA_REVIEW__NOTION_DATABASE and _PARENT."
        )
    return f"Notion refused to {doing} ({status}): run again, and report it as an error of Mátria if it stays."

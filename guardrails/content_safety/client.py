"""The official client of Azure AI Content Safety: one method, one request, one answer as plain data.

The client's own retries and redirects are off: `guardrails.content_safety.attempts` knows how long a woman may wait,
and a text is sent to the configured address alone. What is asked and how it is read lies beside this file; here is what
only the vendor's library knows. No exception of it leaves, nor what the service says of the text. It is imported
when a client is made, since that takes half a second.
"""

import re
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from guardrails.content_safety.failures import CallFailed, Failure
from guardrails.content_safety.identity import PatientIdentity
from matria.retry_after import retry_after_s

if TYPE_CHECKING:
    from azure.core.exceptions import HttpResponseError
    from azure.core.pipeline import PipelineResponse

SHIELD_VERSION = "2024-09-01"
GROUNDEDNESS_VERSION = "2024-09-15-preview"
_NO_RETRIES = {"retry_total": 0, "retry_connect": 0, "retry_read": 0, "retry_status": 0, "permit_redirects": False}
_CODE = re.compile(r"[A-Za-z0-9]{1,40}")


@dataclass(frozen=True)
class Account:
    """Which resource is asked, and as whom."""

    endpoint: str
    key: str | None = field(default=None, repr=False)
    """None means Entra ID: whatever identity DefaultAzureCredential finds."""


class SafetyClient:
    """One resource's client, for one event loop. Every method raises `CallFailed`."""

    def __init__(self, account: Account) -> None:
        from azure.ai.contentsafety.aio import BlocklistClient, ContentSafetyClient
        from azure.core.credentials import AzureKeyCredential
        from azure.core.credentials_async import AsyncTokenCredential

        self._identity: PatientIdentity | None = None
        credential: AzureKeyCredential | AsyncTokenCredential
        if account.key is None:
            from azure.identity.aio import DefaultAzureCredential

            credential = self._identity = PatientIdentity(DefaultAzureCredential())
        else:
            credential = AzureKeyCredential(account.key)
        self._safety = ContentSafetyClient(account.endpoint, credential, **_NO_RETRIES)
        self._lists = BlocklistClient(account.endpoint, credential, **_NO_RETRIES)

    async def analyze(self, body: dict[str, Any]) -> Any:
        """What `/text:analyze` answers."""
        with _told():
            return await self._safety.analyze_text(body, cls=_content)

    async def shield(self, body: Mapping[str, Any]) -> Any:
        """What `/text:shieldPrompt` answers."""
        return await self._post("/text:shieldPrompt", SHIELD_VERSION, body)

    async def groundedness(self, body: Mapping[str, Any]) -> Any:
        """What `/text:detectGroundedness` answers."""
        return await self._post("/text:detectGroundedness", GROUNDEDNESS_VERSION, body)

    async def blocklists(self) -> list[dict[str, Any]]:
        """Every blocklist of the resource: `blocklistName`, `description`."""
        with _told():
            return [dict(found) async for found in self._lists.list_text_blocklists()]

    async def items(self, name: str) -> AsyncIterator[dict[str, Any]]:
        """Every item of a blocklist: `blocklistItemId`, `text`, `description`."""
        with _told():
            async for item in self._lists.list_text_blocklist_items(name):
                yield dict(item)

    async def put_blocklist(self, name: str, description: str) -> None:
        """The blocklist is there, with that description."""
        with _told():
            await self._lists.create_or_update_text_blocklist(name, {"blocklistName": name, "description": description})

    async def delete_blocklist(self, name: str) -> None:
        """The blocklist and its items are gone."""
        with _told():
            await self._lists.delete_text_blocklist(name)

    async def put_items(self, name: str, items: Sequence[Mapping[str, str]]) -> None:
        """The items (`text`, `description`) are in the list; at most 100."""
        with _told():
            await self._lists.add_or_update_blocklist_items(name, {"blocklistItems": [dict(item) for item in items]})

    async def remove_items(self, name: str, ids: Sequence[str]) -> None:
        """The items are gone from the list; at most 100."""
        with _told():
            await self._lists.remove_blocklist_items(name, {"blocklistItemIds": list(ids)})

    async def aclose(self) -> None:
        """Connections are closed; the object is of no further use."""
        await self._safety.close()
        await self._lists.close()
        if self._identity is not None:
            await self._identity.close()

    async def _post(self, path: str, version: str, body: Mapping[str, Any]) -> Any:
        from azure.core.rest import HttpRequest

        request = HttpRequest("POST", f"{{endpoint}}/contentsafety{path}?api-version={version}", json=dict(body))
        with _told():
            response = await self._safety.send_request(request)
            if response.status_code != 200:
                raise _by_status(response.status_code, response.headers)
            return response.json()


def _content(response: "PipelineResponse[Any, Any]", _read: Any, _headers: dict[str, Any]) -> Any:
    """The answer as it was sent; the client's own reading lets a level pass that is no number."""
    return response.http_response.json()


@contextmanager
def _told() -> Iterator[None]:
    """Whatever the library raises inside, as `CallFailed`.

    `from None`: the library's errors quote the service's answer, which may quote the text, and a traceback shows them.
    """
    from azure.core import exceptions as azure

    try:
        yield
    except CallFailed:
        raise
    except azure.HttpResponseError as error:
        raise _of_answer(error) from None
    except azure.ServiceRequestTimeoutError:
        raise _unsent("timeout") from None
    except azure.ServiceResponseTimeoutError:
        raise CallFailed("timeout") from None
    except azure.ServiceRequestError as error:
        # It says so of a connection that broke later, too; of one that never came about the cause has an `os_error`.
        has_left = not hasattr(error.inner_exception, "os_error")
        raise (CallFailed("unreachable") if has_left else _unsent("unreachable")) from None
    except azure.AzureError:
        raise CallFailed("unreachable") from None
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
    ):  # the library's reading of an answer that it did not expect
        raise CallFailed("unreadable") from None


def _unsent(failure: Failure) -> CallFailed:
    failed = CallFailed(failure)
    failed.is_unsent = True
    return failed


def _of_answer(error: "HttpResponseError") -> CallFailed:
    from azure.core.exceptions import ClientAuthenticationError, DecodeError, IncompleteReadError

    if isinstance(error, DecodeError | IncompleteReadError):
        return CallFailed("unreadable")
    if error.response is None:  # no identity was found, or none got a token
        return CallFailed("key_refused") if isinstance(error, ClientAuthenticationError) else _unsent("unreachable")
    return _by_status(error.status_code or 0, getattr(error.response, "headers", {}))


def _by_status(status: int, headers: Mapping[str, str]) -> CallFailed:
    code = headers.get("x-ms-error-code", "")
    return CallFailed(
        _failure(status),
        status=status,
        code=code if _CODE.fullmatch(code) else "",
        retry_after_s=retry_after_s({"retry-after": headers.get("Retry-After", "")}, time.time()),
    )


def _failure(status: int) -> Failure:
    match status:
        case 401 | 403:
            return "key_refused"
        case 404:
            return "not_found"
        case 429:
            return "too_many_requests"
        case 408:
            return "server"
        case _ if status >= 500:
            return "server"
        case _ if status >= 400:
            return "refused"
        case _:
            return "unreadable"

"""A local server with Notion's wire, version 2025-09-03: databases, data sources, pages, blocks, users, search.

It checks token and version, keeps Notion's limits and the shape of its errors, and can fail on demand, before or after
a request was carried out. What it serves is a `Workspace`.
"""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from asgi_requests import read_request
from notion_server_values import Invalid
from notion_workspace import Refusal, Workspace, find

TOKEN = "ntn_000000000000000000000000000000000000000000"
VERSION = "2025-09-03"
BOT = {"object": "user", "id": str(uuid.UUID(int=1)), "type": "bot", "name": "Mátria", "bot": {}}
_MOST_BYTES = 500_000


@dataclass(frozen=True)
class Fault:
    """An answer in place of the right one, for the next request that fits."""

    status: int
    method: str = ""
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_carried_out: bool = False
    is_late: bool = False
    """Whether it comes once the client has given up waiting, and so is lost."""
    body: bytes = b""


class NotionServer(Workspace):
    """A workspace behind its API."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[Fault] = []
        self.requests: list[tuple[float, str]] = []
        self.bodies: list[bytes] = []
        self.before: Callable[[str, str], None] = lambda method, path: None
        """Called with each request, before it is answered."""
        self.may_list_users = True
        self.token = TOKEN

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        method, path, query, content, headers = await read_request(scope, receive)
        self.requests.append((self.clock.monotonic(), f"{method} {path}"))
        self.bodies.append(content)
        self.before(method, path)
        fault = next((one for one in self.faults if one.method in ("", method) and re.search(one.path, path)), None)
        if fault is None:
            await _send(send, *self._answer(method, path, query, content, headers))
            return
        self.faults.remove(fault)
        if fault.is_carried_out:
            self._answer(method, path, query, content, headers)
        while fault.is_late and (await receive())["type"] != "http.disconnect":
            pass
        body = fault.body or json.dumps(_error(fault.status, _code(fault.status), "as the test wants")).encode()
        await _send(send, fault.status, fault.headers, body)

    def _answer(
        self, method: str, path: str, query: Mapping[str, str], content: bytes, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        try:
            self._check(content, headers)
            body = json.loads(content) if content else {}
            status, answer = 200, self._route(method, path.split("/")[2:], query, body)
        except Refusal as refusal:
            status, answer = refusal.status, _error(refusal.status, refusal.code, str(refusal))
        except Invalid as invalid:
            status, answer = 400, _error(400, "validation_error", f"body failed validation: {invalid}")
        return status, {}, json.dumps(answer).encode()

    def _check(self, content: bytes, headers: Mapping[str, str]) -> None:
        if headers.get("authorization") != f"Bearer {self.token}":
            raise Refusal(401, "unauthorized", "API token is invalid.")
        if "notion-version" not in headers:
            raise Refusal(400, "missing_version", "Notion-Version header should be defined, instead was `undefined`.")
        if headers["notion-version"] != VERSION:
            raise Refusal(400, "validation_error", f"Notion-Version should be `{VERSION}`.")
        if len(content) > _MOST_BYTES:
            raise Refusal(413, "validation_error", "request body too large")

    def _route(self, method: str, parts: list[str], query: Mapping[str, str], body: dict[str, Any]) -> dict[str, Any]:
        match method, parts:
            case "GET", ["users", "me"]:
                return BOT
            case "GET", ["users"]:
                if not self.may_list_users:
                    raise Refusal(403, "restricted_resource", "Insufficient permissions for this endpoint.")
                return self.paged([BOT, *self.users.values()], query)
            case "POST", ["search"]:
                return self.search(body)
            case "POST", ["databases"]:
                return self.create_database(body)
            case "GET", ["databases", database_id]:
                return self.retrieve_database(database_id)
            case "PATCH", ["databases", database_id]:
                return self.update_database(find(self.databases, database_id, "database"), body)
            case "GET", ["data_sources", source_id]:
                return self.show_source(self.by_source(source_id))
            case "PATCH", ["data_sources", source_id]:
                return self.update_source(self.by_source(source_id), body)
            case "POST", ["data_sources", source_id, "query"]:
                return self.query(self.by_source(source_id), body)
            case "POST", ["pages"]:
                return self.create_page(body)
            case "GET", ["pages", page_id]:
                return self.show_page(find(self.pages, page_id, "page"))
            case "PATCH", ["pages", page_id]:
                return self.update_page(find(self.pages, page_id, "page"), body)
            case "GET", ["blocks", page_id, "children"]:
                return self.paged(self.children(find(self.pages, page_id, "block")), query)
            case "PATCH", ["blocks", page_id, "children"]:
                return self.append(find(self.pages, page_id, "block"), body)
        raise Refusal(400, "invalid_request_url", "Invalid request URL.")


def _code(status: int) -> str:
    codes = {401: "unauthorized", 403: "restricted_resource", 404: "object_not_found", 409: "conflict_error"}
    codes |= {429: "rate_limited", 503: "service_unavailable", 504: "gateway_timeout", 529: "service_overload"}
    return codes.get(status, "validation_error" if status == 400 else "internal_server_error")


def _error(status: int, code: str, message: str) -> dict[str, Any]:
    request_id = str(uuid.uuid4())
    return {"object": "error", "status": status, "code": code, "message": message, "request_id": request_id}


async def _send(send: Any, status: int, headers: Mapping[str, str], body: bytes) -> None:
    names = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    names += [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": names})
    await send({"type": "http.response.body", "body": body})

"""GitHub and Azure DevOps as local servers that speak their wire: comments, threads, statuses, pages, refusals.

Both keep the same record (`entries`, `statuses`), so that one suite holds both adapters to the port's duties. Faults
are answers that the next matching requests get instead, before or after the request was carried out.
"""

import asyncio
import base64
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from asgi_requests import read_request

TOKEN = "header.payload.signature"
COMMIT = "c0ffee" + "0" * 34
NUMBER = 12
HELD_S = 60.0
"""How long a create is held at most: longer than a test that is right may take, shorter than a client here waits."""
PATIENCE_S = 120.0
"""Time-out of a client whose server answers."""
Reply = tuple[int, Mapping[str, str], Any]
"""Status, headers, and the JSON, or bytes as they are."""


@dataclass
class Entry:
    """A comment as the double keeps it."""

    id: int
    author: str
    body: str
    state: str = ""


@dataclass(frozen=True)
class Fault:
    """An answer in place of the right one."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    method: str = ""
    """Which requests get it; empty means any."""
    is_carried_out: bool = False
    """Whether the request is carried out all the same, and only its answer lost."""


class ForgeDouble:
    """What both have in common."""

    me = ""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.statuses: list[dict[str, Any]] = []
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self.head = COMMIT
        self.may_write = True
        self.before_create: Callable[[], None] = lambda: None
        self.may_create: Callable[[], bool] = lambda: True
        self.created = 0
        self._last = 100

    def add(self, author: str, body: str) -> Entry:
        """A comment that somebody wrote."""
        self._last += 1
        entry = Entry(self._last, author, body)
        self.entries.append(entry)
        return entry

    def mine(self) -> list[Entry]:
        """Comments by who the token is."""
        return [entry for entry in self.entries if entry.author == self.me]

    def entry(self, number: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.id == int(number)), None)

    async def creating(self) -> None:
        """Holds a create, which is counted, until the test lets it go."""
        self.before_create()
        self.created += 1
        give_up_at = time.monotonic() + HELD_S
        while not self.may_create() and time.monotonic() < give_up_at:
            await asyncio.sleep(0.005)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        method, path, query, content, headers = await read_request(scope, receive)
        self.requests.append(f"{method} {path}")
        body = json.loads(content) if content else {}
        fault = next((fault for fault in self.faults if fault.method in ("", method)), None)
        if fault:
            self.faults.remove(fault)
            if fault.is_carried_out:
                await self.answer(method, path, query, body, headers)
            reply: Reply = (fault.status, fault.headers, fault.body)
        else:
            reply = await self.answer(method, path, query, body, headers)
        await _send(send, reply)

    async def answer(
        self, method: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, str]
    ) -> Reply:
        raise NotImplementedError


class GitHubDouble(ForgeDouble):
    """Issue comments, pull request and statuses of `owner/service`, with `Link` headers."""

    me = "github-actions[bot]"

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.has_graphql = True

    async def answer(
        self, method: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, str]
    ) -> Reply:
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {}, {"message": "Bad credentials"}
        assert headers["user-agent"] == "matria"
        repo = "/repos/owner/service"
        match method, path:
            case "POST", "/graphql" if self.has_graphql:
                return 200, {}, {"data": {"viewer": {"login": self.me}}}
            case "GET", p if p == f"{repo}/pulls/{NUMBER}":
                return 200, {}, {"number": NUMBER, "head": {"sha": self.head}}
            case "GET", p if p == f"{repo}/issues/{NUMBER}/comments":
                return self._page(path, query)
        if method in ("POST", "PATCH", "DELETE") and not self.may_write:
            return 403, {}, {"message": "Resource not accessible by integration"}
        if method == "POST" and path == f"{repo}/issues/{NUMBER}/comments":
            if len(body["body"]) > 65_536:
                return 422, {}, {"message": "Validation Failed"}
            await self.creating()
            return 201, {}, self._shown(self.add(self.me, body["body"]))
        if method == "POST" and path == f"{repo}/statuses/{COMMIT}":
            if len(body["description"]) > 140:
                return 422, {}, {"message": "Validation Failed"}
            self.statuses.append(body)
            return 201, {}, body
        found = re.fullmatch(rf"{repo}/issues/comments/(\d+)", path)
        entry = self.entry(found[1]) if found else None
        if entry is None:
            return 404, {}, {"message": "Not Found"}
        if method == "DELETE":
            self.entries.remove(entry)
            return 204, {}, b""
        entry.body = body["body"]
        return 200, {}, self._shown(entry)

    def _page(self, path: str, query: Mapping[str, str]) -> Reply:
        size, number = int(query.get("per_page", "30")), int(query.get("page", "1"))
        assert size <= 100
        page = [self._shown(entry) for entry in self.entries[(number - 1) * size : number * size]]
        headers = {}
        if number * size < len(self.entries):
            more = f"{self.address}{path}?per_page={size}&page={number + 1}"
            headers["Link"] = f'<{more}>; rel="next", <{more}>; rel="last"'
        return 200, headers, page

    @staticmethod
    def _shown(entry: Entry) -> dict[str, Any]:
        page = f"https://github.example/owner/service/pull/{NUMBER}#issuecomment-{entry.id}"
        return {"id": entry.id, "body": entry.body, "user": {"login": entry.author}, "html_url": page}


class AzureDouble(ForgeDouble):
    """Threads, iterations and statuses of one pull request, with continuation tokens; a wrong token gets a web page."""

    me = "5F0C-ME"
    page_size = 60

    async def answer(
        self, method: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, str]
    ) -> Reply:
        sent = headers.get("authorization", "")
        basic = f"Basic {base64.b64encode(b':a-personal-token').decode()}"
        if sent not in (f"Bearer {TOKEN}", basic):
            return 203, {}, b"<html>Sign in</html>"
        assert "api-version" in query
        pull = f"/project/_apis/git/repositories/repo/pullRequests/{NUMBER}"
        match method, path:
            case "GET", "/_apis/connectionData":
                return 200, {}, {"authenticatedUser": {"id": self.me.lower()}}
            case "GET", p if p == pull:
                return 200, {}, {"lastMergeSourceCommit": {"commitId": self.head}}
            case "GET", p if p == f"{pull}/iterations":
                commits = ["d" * 40, COMMIT]
                return (
                    200,
                    {},
                    {"value": [{"id": n, "sourceRefCommit": {"commitId": c}} for n, c in enumerate(commits, 1)]},
                )
            case "GET", p if p == f"{pull}/threads":
                return self._page(query)
        if not self.may_write:
            return 403, {}, {"message": "TF401027: You need the Git 'PullRequestContribute' permission"}
        if method == "POST" and path == f"{pull}/threads":
            if len(body["comments"][0]["content"]) > 150_000:
                return 400, {}, {"message": "too long"}
            await self.creating()
            made = self.add(self.me, body["comments"][0]["content"])
            made.state = body["status"]
            return 200, {}, self._thread(made)
        if method == "POST" and path == f"{pull}/statuses":
            self.statuses.append(body)
            return 200, {}, body
        found = re.fullmatch(rf"{pull}/threads/(\d+)(/comments/1)?", path)
        entry = self.entry(found[1]) if found else None
        if found is None or entry is None:
            return 404, {}, {"message": "not found"}
        if method == "DELETE":
            self.entries.remove(entry)
            return 200, {}, b""
        if found[2]:
            entry.body = body["content"]
            return 200, {}, self._first(entry)
        entry.state = body["status"]
        return 200, {}, self._thread(entry)

    def _page(self, query: Mapping[str, str]) -> Reply:
        start = int(query.get("continuationToken", "0"))
        shown = self.entries[start : start + self.page_size]
        more = start + self.page_size
        headers = {"x-ms-continuationtoken": str(more)} if more < len(self.entries) else {}
        return 200, headers, {"value": [self._thread(entry) for entry in shown], "count": len(shown)}

    @classmethod
    def _thread(cls, entry: Entry) -> dict[str, Any]:
        return {"id": entry.id, "status": entry.state, "comments": [cls._first(entry)]}

    @staticmethod
    def _first(entry: Entry) -> dict[str, Any]:
        return {"id": 1, "content": entry.body, "author": {"id": entry.author}, "commentType": "text"}


async def _send(send: Any, reply: Reply) -> None:
    status, headers, content = reply
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    kind = "application/json" if not isinstance(content, bytes) or content.startswith(b"{") else "text/html"
    pairs = [(name.lower().encode(), value.encode()) for name, value in {"Content-Type": kind, **headers}.items()]
    if status != 204:
        pairs.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": b"" if status == 204 else body})

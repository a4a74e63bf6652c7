"""What leaves with every answer, and what a request must bear to be read at all: host, size, time.

Nothing is loaded from elsewhere, nothing inline runs, no other site frames a page, and no page is kept by a browser or
a proxy. These are plain ASGI, outermost, so that an answer of an error bears the headers as well.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse

from evals.review.web.options import LOCAL_HOSTS, PageOptions, origin_of
from evals.review.web.refusals import Reason
from evals.review.web.rendering import static

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FIXED = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}
STRICT_TRANSPORT = "max-age=31536000"
"""A year, for this host alone: what lies beside it is not ours to promise for."""
STATIC = "/static/"
HEALTH = "/healthz"
READ_S = 30.0
"""Within which a request's body has to be here; a phone at the edge of its network sends 200 kB in that time."""

REQUEST_LOG = "uvicorn.access"
SIGNING_IN = re.compile(r"(sign-in(?:/+(?:link|oidc|sent)\b)?).*", re.DOTALL | re.IGNORECASE)
"""And what follows, wherever it stands: an address that was copied wrong leads nowhere, and its token is still good."""
TOKEN = re.compile(r"[\w-]{40,}")
"""Of the length of a token, in an address that does not name signing in at all."""

log = logging.getLogger(__name__)

Refuse = Callable[["Scope", "Receive", "Send", Reason], Awaitable[None]]
"""Answers a request with the page of a reason."""


class SecureHeaders:
    """Adds the headers to each answer."""

    def __init__(self, app: "ASGIApp", is_https: bool) -> None:
        self._app = app
        self._fixed = {**FIXED, **({"Strict-Transport-Security": STRICT_TRANSPORT} if is_https else {})}

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """The answer with its headers; whatever a page set itself is replaced."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        if scope["type"] != "http":
            return

        async def with_headers(message: "Message") -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._fixed.items():
                    headers[name] = value
                is_static = scope["path"].startswith(STATIC) and message["status"] in (200, 304)
                headers["Cache-Control"] = _kept(scope) if is_static else "no-store"
            await send(message)

        await self._app(scope, receive, with_headers)


def _kept(scope: "Scope") -> str:
    """How long a browser keeps a file: one asked for by what it holds for a year, any other not unasked.

    A page of the version before or after may name what is not here; kept, it would stand under that name for a year.
    """
    asked = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
    is_this = asked == static(scope["path"].removeprefix(STATIC))
    return "max-age=31536000, immutable" if is_this else "no-cache"


class Gate:
    """Lets in what is addressed to this site and small enough; what fails inside ends here, without its text."""

    def __init__(self, app: "ASGIApp", options: PageOptions, max_bytes: int, refuse: Refuse) -> None:
        self._app = app
        self._options = options
        self._max_bytes = max_bytes
        self._refuse = refuse

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """The answer, or the page of why there is none."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        is_begun = False

        async def sending(message: "Message") -> None:
            nonlocal is_begun
            is_begun = True
            await send(message)

        if scope["path"] != HEALTH and not self._is_addressed_here(scope):
            await self._elsewhere(scope, receive, send)
            return
        body = await self._body(scope, receive)
        if not isinstance(body, bytes):
            await self._refuse(scope, receive, send, body)
            return
        try:
            await self._app(scope, _replayed(body, receive), sending)
        except Exception as error:  # noqa: BLE001 - an exception may hold what she typed, and servers log exceptions
            log.error("a page failed: %s", where(error))  # noqa: TRY400 - the traceback holds texts
            if is_begun:
                raise ConnectionAbortedError("an answer broke off") from None
            await self._refuse(scope, receive, send, "failed")

    def _is_addressed_here(self, scope: "Scope") -> bool:
        hosts = Headers(scope=scope).getlist("host")
        scheme = "https" if self._options.is_https else "http"
        return len(hosts) == 1 and origin_of(scheme, hosts[0]) == self._options.origin

    async def _elsewhere(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """A page opened by this machine's other name is led to the one that sessions belong to; the rest is refused."""
        here, hosts = urlsplit(self._options.origin), Headers(scope=scope).getlist("host")
        port = f":{here.port}" if here.port else ""
        names = {f"[{name}]{port}" if ":" in name else f"{name}{port}" for name in LOCAL_HOSTS}
        is_local = here.hostname in LOCAL_HOSTS and len(hosts) == 1 and hosts[0].lower() in names
        if not is_local or scope["method"] not in ("GET", "HEAD"):
            await self._refuse(scope, receive, send, "malformed")
            return
        query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
        await RedirectResponse(f"{self._options.origin}{quote(scope['path'])}{query}")(scope, receive, send)

    async def _body(self, scope: "Scope", receive: "Receive") -> bytes | Reason:
        length = Headers(scope=scope).get("content-length", "0")
        if not re.fullmatch(r"\d{1,18}", length):
            return "malformed"
        if int(length) > self._max_bytes:
            return "too_large"
        read = bytearray()
        try:
            async with asyncio.timeout(READ_S):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return "malformed"
                    read += message.get("body", b"")
                    if len(read) > self._max_bytes:
                        return "too_large"
                    if not message.get("more_body", False):
                        return bytes(read)
        except TimeoutError:
            return "malformed"


def _replayed(body: bytes, receive: "Receive") -> Callable[[], Awaitable[Any]]:
    is_given = False

    async def again() -> Any:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


class WithoutTokens(logging.Filter):
    """Takes what follows the path of signing in out of a server's log of requests, and all that looks like a token."""

    def filter(self, record: logging.LogRecord) -> bool:
        """True: the line goes on."""
        if isinstance(record.args, tuple):
            record.args = tuple(_without_token(one) if isinstance(one, str) else one for one in record.args)
        return True


def _without_token(text: str) -> str:
    return TOKEN.sub("...", SIGNING_IN.sub(r"\1", text))


def keep_tokens_unsaid() -> None:
    """From here on a server's log of requests holds none."""
    requests = logging.getLogger(REQUEST_LOG)
    if not any(isinstance(one, WithoutTokens) for one in requests.filters):
        requests.addFilter(WithoutTokens())


def where(error: BaseException) -> str:
    """The kind of an exception and the lines that it passed; nothing of what it says."""
    frames = extract_tb(error.__traceback__)[-4:]
    lines = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    cause = error.__cause__ or error.__context__
    return f"{type(error).__name__} at {lines}" + (f", from {type(cause).__name__}" if cause else "")

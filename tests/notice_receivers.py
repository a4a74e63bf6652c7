"""Where notices arrive in tests: a webhook and a mail server, both real, on ports of 127.0.0.1."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.threaded_servers import serving_apart


@dataclass
class Webhook:
    """A webhook: what came, and what it answers."""

    port: int = 0
    taken: list[dict[str, Any]] = field(default_factory=list)
    """What was answered with 200."""
    asked: int = 0
    statuses: list[int] = field(default_factory=list)
    """What the next requests are answered with; 200 where none is left."""
    hangs: bool = False
    """Whether no answer comes while the webhook listens."""
    drips: bool = False
    """Whether an answer comes a character at a time, and has no end while the webhook listens."""
    location: str = ""
    """Where a redirect leads."""

    @property
    def address(self) -> str:
        """In Apprise's form, with a secret in it."""
        return f"json://127.0.0.1:{self.port}/hook/s3cr3t-token"


@contextmanager
def webhook() -> Iterator[Webhook]:
    """One that listens while the block lasts."""
    hook, closing = Webhook(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.asked += 1
            if hook.hangs:
                closing.wait()
                return
            if hook.drips:
                self._drip()
                return
            status = hook.statuses.pop(0) if hook.statuses else 200
            if status == 200:
                hook.taken.append(json.loads(body))
            self.send_response(status)
            if hook.location:
                self.send_header("Location", hook.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _drip(self) -> None:
            with contextlib.suppress(OSError):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not closing.wait(0.1):
                    self.wfile.write(b"a")
                    self.wfile.flush()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        closing.set()
        server.shutdown()
        server.server_close()


@dataclass
class Mailbox:
    """A mail server: what came, and whether it takes more."""

    port: int = 0
    mails: list[Message] = field(default_factory=list)
    refusal: str = ""
    """What a mail is answered with, such as `554 no`; empty where it is taken."""

    @property
    def address(self) -> str:
        """In Apprise's form, with a secret in it."""
        return f"mailto://127.0.0.1:{self.port}?from=matria@example.org&to=oncall@example.org&name=s3cr3t-token"


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """One that listens while the block lasts."""
    from aiosmtpd.smtp import SMTP

    box = Mailbox()

    class Handler:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            if box.refusal:
                return box.refusal
            box.mails.append(message_from_bytes(envelope.content, policy=default))
            return "250 taken"

    async def listening() -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: SMTP(Handler(), hostname="localhost", loop=loop), "127.0.0.1", 0)

    with serving_apart(listening) as box.port:
        yield box


def plain_text(mail: Message) -> str:
    """What a reader without HTML sees."""
    (part,) = [one for one in mail.walk() if one.get_content_type() == "text/plain"]
    content = part.get_content()  # type: ignore[attr-defined]
    return str(content).replace("\r\n", "\n").strip()

"""Serves the emulator over HTTP: in the foreground for `matria emulator`, or beside other work in a thread."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from guardrails.emulator.app import Emulator, create_app
from matria import asgi_server

if TYPE_CHECKING:
    from uvicorn import Server

SHUTDOWN_S = 1
"""How long a reply that hangs, as a fault asked for, holds up the end of the server."""


def serve(app: Emulator, host: str, port: int) -> None:
    """Serves until interrupted. Raises `BusyError` where the port cannot be used."""
    asgi_server.serve(app, host, port, lambda server: _prepare(app, server))


@contextmanager
def serving(app: Emulator | None = None, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serves in a thread for as long as the block runs; the endpoint. Port 0 takes any that is free."""
    emulator = app or create_app()
    with asgi_server.serving(emulator, host, port, lambda server: _prepare(emulator, server)) as address:
        yield address


def _prepare(app: Emulator, server: "Server") -> None:
    server.config.timeout_graceful_shutdown = SHUTDOWN_S
    logging.getLogger("uvicorn.error").addFilter(_CUTS_ARE_MEANT)
    app.is_stopping = lambda: server.should_exit


class _CutsAreMeant(logging.Filter):
    """Keeps silent about replies that were cut, or never begun, because a fault asked for it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """All but uvicorn's two lines on an app that ended early."""
        return not record.getMessage().startswith("ASGI callable returned without")


_CUTS_ARE_MEANT = _CutsAreMeant()

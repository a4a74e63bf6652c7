"""Serves the emulator over HTTP: in the foreground for `matria emulator`, or beside other work in a thread."""

import errno
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from guardrails.emulator.app import Emulator, create_app
from matria.errors import BusyError

if TYPE_CHECKING:
    import uvicorn


def serve(app: Emulator, host: str, port: int) -> None:
    """Serves until interrupted. Raises `BusyError` where the port cannot be used."""
    with _bound(host, port) as listener:
        _server(app).run(sockets=[listener])


@contextmanager
def serving(app: Emulator | None = None, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serves in a thread for as long as the block runs; the endpoint. Port 0 takes any that is free."""
    with _bound(host, port) as listener:
        server = _server(app or create_app())
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://{host}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _server(app: Emulator) -> "uvicorn.Server":
    import uvicorn

    config = uvicorn.Config(
        app, log_level="warning", lifespan="off", ws="none", access_log=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    logging.getLogger("uvicorn.error").addFilter(_CUTS_ARE_MEANT)
    app.is_stopping = lambda: server.should_exit
    return server


class _CutsAreMeant(logging.Filter):
    """Keeps silent about replies that were cut, or never begun, because a fault asked for it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """All but uvicorn's two lines on an app that ended early."""
        return not record.getMessage().startswith("ASGI callable returned without")


_CUTS_ARE_MEANT = _CutsAreMeant()


def _bound(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
            raise
        raise BusyError(
            f"Port {port} on {host} cannot be used ({error.strerror}): stop what holds it, or choose another port."
        ) from error

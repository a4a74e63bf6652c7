"""Serves the simulated model over HTTP: in the foreground for `matria simulator`, or beside other work in a thread."""

import errno
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from matria.errors import BusyError
from models.simulator.app import AsgiApp, create_app

if TYPE_CHECKING:
    import uvicorn


def serve(host: str, port: int, *, api_key: str | None = None) -> None:
    """Serves until interrupted. Raises `BusyError` where the port cannot be used."""
    with _bound(host, port) as listener:
        _server(create_app(api_key=api_key)).run(sockets=[listener])


@contextmanager
def serving(app: AsgiApp | None = None, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serves in a thread for as long as the block runs; the base URL of the wire. Port 0 takes any that is free."""
    with _bound(host, port) as listener:
        server = _server(app or create_app())
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://{host}:{listener.getsockname()[1]}/v1"
        finally:
            server.should_exit = True
            thread.join()


def _server(app: AsgiApp) -> "uvicorn.Server":
    import uvicorn

    config = uvicorn.Config(app, log_level="warning", lifespan="off", ws="none", access_log=False)
    return uvicorn.Server(config)


def _bound(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
            raise
        raise BusyError(
            f"Port {port} on {host} cannot be used ({error.strerror}): stop what holds it, or choose another port."
        ) from error

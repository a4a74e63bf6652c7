"""An ASGI app over HTTP: in the foreground until interrupted, or in a thread beside other work."""

import errno
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from matria.errors import BusyError

if TYPE_CHECKING:
    import uvicorn

Prepare = Callable[["uvicorn.Server"], None]
"""What is done to a server before it runs."""
PORT_TAKEN = (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL)


def serve(app: Any, host: str, port: int, prepare: Prepare = lambda _: None) -> None:
    """Serves until interrupted. Raises `BusyError` where the port cannot be used."""
    with _bound(host, port) as listener:
        _server(app, prepare).run(sockets=[listener])


@contextmanager
def serving(app: Any, host: str, port: int = 0, prepare: Prepare = lambda _: None) -> Iterator[str]:
    """Serves in a thread for as long as the block runs; the address. Port 0 takes any that is free."""
    with _bound(host, port) as listener:
        server = _server(app, prepare)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://{host}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _server(app: Any, prepare: Prepare) -> "uvicorn.Server":
    import uvicorn

    config = uvicorn.Config(app, log_level="warning", lifespan="off", ws="none", access_log=False)
    server = uvicorn.Server(config)
    prepare(server)
    return server


def _bound(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as error:
        if error.errno not in PORT_TAKEN:
            raise
        raise BusyError(
            f"Port {port} on {host} cannot be used ({error.strerror}): stop what holds it, or choose another port."
        ) from error

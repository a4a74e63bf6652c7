"""Serves the simulated model over HTTP, for clients outside this process: `matria simulator`."""

import errno
import socket

from matria.errors import BusyError
from models.simulator.app import create_app


def serve(host: str, port: int, *, api_key: str | None = None) -> None:
    """Serves until interrupted. Raises `BusyError` where the port is taken."""
    import uvicorn

    with _bound(host, port) as listener:
        app = create_app(api_key=api_key)
        config = uvicorn.Config(app, log_level="warning", lifespan="off", access_log=False)
        uvicorn.Server(config).run(sockets=[listener])


def _bound(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise BusyError(
                f"Port {port} on {host} cannot be used ({error.strerror}): choose another with --port."
            ) from error
        raise

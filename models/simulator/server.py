"""Serves the simulated model over HTTP: in the foreground for `matria simulator`, or beside other work in a thread."""

from collections.abc import Iterator
from contextlib import contextmanager

from matria import asgi_server
from models.simulator.app import AsgiApp, create_app


def serve(host: str, port: int, *, api_key: str | None = None) -> None:
    """Serves until interrupted. Raises `BusyError` where the port cannot be used."""
    asgi_server.serve(create_app(api_key=api_key), host, port)


@contextmanager
def serving(app: AsgiApp | None = None, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serves in a thread for as long as the block runs; the base URL of the wire. Port 0 takes any that is free."""
    with asgi_server.serving(app or create_app(), host, port) as address:
        yield f"{address}/v1"

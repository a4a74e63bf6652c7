"""Ports and servers of tests: nothing here is reached from another machine."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from secrets import SystemRandom
from typing import Any, TypeVar

from matria.asgi_server import serving

Made = TypeVar("Made")


def free_port() -> int:
    """A port that nothing holds, below those that systems give to connections: none takes it while a server starts."""
    for port in SystemRandom().sample(range(20_000, 32_768), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("of a hundred ports each is held")


@contextmanager
def served_where_it_knows(make: Callable[[str], Made], app_of: Callable[[Made], Any]) -> Iterator[tuple[Made, str]]:
    """What is made for an address, served there: the address is known, and held, before it is made."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await app_of(made)(scope, receive, send)

    with serving(app, "127.0.0.1") as url:
        made = make(url)
        yield made, url

"""The aiohttp session under every wire to the network."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.request import getproxies

if TYPE_CHECKING:
    from aiohttp import ClientSession

_MAX_CONNECTIONS = 1000


def open_session(headers: Mapping[str, str] | None = None) -> "ClientSession":
    """A session for the running event loop, with proxies as the environment has them and no time-out of its own."""
    from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

    return ClientSession(
        connector=TCPConnector(limit=_MAX_CONNECTIONS),
        headers=headers,
        timeout=ClientTimeout(total=None),
        cookie_jar=DummyCookieJar(),
        trust_env=bool(getproxies()),  # where it is on, each call reads ~/.netrc in a thread
    )

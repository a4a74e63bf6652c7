"""The aiohttp session under every wire to the network."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies

from models.assistant.wires.base import request_has_left

if TYPE_CHECKING:
    from aiohttp import ClientSession

_MAX_CONNECTIONS = 1000


def open_session(headers: Mapping[str, str] | None = None) -> "ClientSession":
    """A session for the running event loop, with proxies as the environment has them and no time-out of its own."""
    from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, TraceConfig

    trace = TraceConfig()
    trace.on_request_headers_sent.append(_has_left)
    return ClientSession(
        connector=TCPConnector(limit=_MAX_CONNECTIONS),
        headers=headers,
        timeout=ClientTimeout(total=None),
        cookie_jar=DummyCookieJar(),
        trace_configs=[trace],
        trust_env=bool(getproxies()),  # where it is on, each call reads ~/.netrc in a thread
    )


async def _has_left(session: Any, context: Any, sent: Any) -> None:
    request_has_left()

"""A request as a local server of a wire reads it."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs


class Asked(NamedTuple):
    """One request, whole."""

    method: str
    path: str
    query: Mapping[str, str]
    content: bytes
    headers: Mapping[str, str]


async def read_request(scope: Any, receive: Any) -> Asked:
    """What an ASGI server hands on; of a parameter that stands twice, the first."""
    content = b""
    while True:
        event = await receive()
        content += event.get("body", b"")
        if not event.get("more_body"):
            break
    query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    return Asked(scope["method"], scope["path"], query, content, headers)

"""Which call of the wire a request is, and which api-versions know it."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from guardrails.emulator import blocklist_calls as blocklists
from guardrails.emulator.analyze import analyze
from guardrails.emulator.asgi import Call, Reply
from guardrails.emulator.groundedness_call import detect_groundedness
from guardrails.emulator.service import Service
from guardrails.emulator.shield import detect_protected_material, shield_prompt
from guardrails.emulator.wire_error import ServiceError, no_such_address

ROOT = "/contentsafety"
_PREVIEW = ("2024-09-15-preview",)
_SHIELDS = ("2024-09-01", *_PREVIEW)
_STABLE = ("2023-10-01", *_SHIELDS)
_LIST = r"/text/blocklists/(?P<blocklist>[^/:]*)"

Handler = Callable[[Service, Call], Awaitable[Reply]]


@dataclass(frozen=True)
class Route:
    """One call of the wire."""

    name: str
    method: str
    path: re.Pattern[str]
    versions: tuple[str, ...]
    answer: Handler


ROUTES = tuple(
    Route(name, method, re.compile(ROOT + path), versions, answer)
    for name, method, path, versions, answer in (
        ("analyze", "POST", "/text:analyze", _STABLE, analyze),
        ("shield_prompt", "POST", "/text:shieldPrompt", _SHIELDS, shield_prompt),
        ("detect_protected_material", "POST", "/text:detectProtectedMaterial", _SHIELDS, detect_protected_material),
        ("detect_groundedness", "POST", "/text:detectGroundedness", _PREVIEW, detect_groundedness),
        ("list_blocklists", "GET", "/text/blocklists", _STABLE, blocklists.get_all),
        ("put_blocklist", "PATCH", _LIST, _STABLE, blocklists.put),
        ("get_blocklist", "GET", _LIST, _STABLE, blocklists.get),
        ("delete_blocklist", "DELETE", _LIST, _STABLE, blocklists.delete),
        ("add_items", "POST", f"{_LIST}:addOrUpdateBlocklistItems", _STABLE, blocklists.add_items),
        ("remove_items", "POST", f"{_LIST}:removeBlocklistItems", _STABLE, blocklists.remove_items),
        ("list_items", "GET", f"{_LIST}/blocklistItems", _STABLE, blocklists.get_items),
        ("get_item", "GET", f"{_LIST}/blocklistItems/(?P<item>[^/]+)", _STABLE, blocklists.get_item),
    )
)


def find(call: Call) -> tuple[Route, Call]:
    """The route of a call, and the call with the names in its path. Raises `WireError` where there is none."""
    for route in ROUTES:
        if route.method == call.method and (found := route.path.fullmatch(call.path)):
            return route, replace(call, names=found.groupdict())
    raise no_such_address()


def check_version(route: Route, call: Call) -> None:
    """Raises `WireError` where `api-version` is missing, or does not know the call."""
    version = call.query.get("api-version")
    if version is None:
        raise ServiceError(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    if version not in route.versions:
        raise ServiceError(
            400,
            "UnsupportedApiVersionValue",
            f"Unsupported api-version. The supported api-versions are '{', '.join(route.versions)}'.",
        )

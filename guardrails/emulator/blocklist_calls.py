"""The calls that keep blocklists: made and changed, listed page by page, filled and emptied."""

import re
from typing import Any
from urllib.parse import urlencode

from guardrails.emulator import fields
from guardrails.emulator.asgi import Call, Reply
from guardrails.emulator.blocklists import Blocklist, Item
from guardrails.emulator.service import Service
from guardrails.emulator.wire_error import invalid_body, invalid_name, unknown_blocklist, unknown_item

MAX_NAME = 64
MAX_TERM = 128
MAX_TERMS_A_CALL = 100
MAX_TERMS = 10_000
MAX_DESCRIPTION = 1_024
PAGE = 100
"""Terms of a page where `maxpagesize` does not say otherwise, and at most."""

_NAME = re.compile(rf"[0-9A-Za-z._~-]{{1,{MAX_NAME}}}")


async def put(service: Service, call: Call) -> Reply:
    """201 for a new list, 200 for one that was there; what the body leaves out stays."""
    name = _name(call)
    body = fields.json_object(call.body)
    if body.get("blocklistName") not in (None, name):
        raise invalid_body("The field 'blocklistName' must be the name in the address.", "blocklistName")
    description = fields.optional_text(body, "description", MAX_DESCRIPTION)
    is_new = service.blocklists.put(name, description, keeps_description="description" not in body)
    return Reply(201 if is_new else 200, _list_body(_existing(service, name)))


async def get(service: Service, call: Call) -> Reply:
    """One list."""
    return Reply(200, _list_body(_existing(service, _name(call))))


async def get_all(service: Service, call: Call) -> Reply:
    """Every list."""
    return Reply(200, {"value": [_list_body(blocklist) for blocklist in service.blocklists.all()]})


async def delete(service: Service, call: Call) -> Reply:
    """204 where it was there."""
    name = _name(call)
    if not service.blocklists.delete(name):
        raise unknown_blocklist(name)
    return Reply(204)


async def add_items(service: Service, call: Call) -> Reply:
    """The terms with their ids; all are kept, or none where one does not fit."""
    name = _existing(service, _name(call)).name
    given = fields.items(fields.json_object(call.body), "blocklistItems", most=MAX_TERMS_A_CALL)
    terms = [_term(item) for item in given]
    if service.blocklists.count() + len(terms) > MAX_TERMS:
        raise invalid_body(f"All blocklists together hold at most {MAX_TERMS} items.", "blocklistItems")
    return Reply(200, {"blocklistItems": [_item_body(item) for item in service.blocklists.add(name, terms)]})


async def remove_items(service: Service, call: Call) -> Reply:
    """204, whether or not the list held them."""
    name = _existing(service, _name(call)).name
    body = fields.json_object(call.body)
    fields.items(body, "blocklistItemIds", most=MAX_TERMS_A_CALL)
    service.blocklists.remove(name, fields.texts(body, "blocklistItemIds"))
    return Reply(204)


async def get_item(service: Service, call: Call) -> Reply:
    """One term."""
    item = service.blocklists.item(_existing(service, _name(call)).name, call.names["item"])
    if item is None:
        raise unknown_item(call.names["item"])
    return Reply(200, _item_body(item))


async def get_items(service: Service, call: Call) -> Reply:
    """A page of terms: `top` of them after the first `skip`, at most `maxpagesize` at once, then `nextLink`."""
    name = _existing(service, _name(call)).name
    skip = fields.number(call, "skip", 0)
    left = min(fields.number(call, "top", MAX_TERMS), max(0, service.blocklists.count(name) - skip))
    page = min(fields.number(call, "maxpagesize", PAGE) or PAGE, PAGE, left)
    body: dict[str, Any] = {"value": [_item_body(item) for item in service.blocklists.items(name, skip, page)]}
    if page < left:
        body["nextLink"] = _address(call, top=left - page, skip=skip + page)
    return Reply(200, body)


def _name(call: Call) -> str:
    name = call.names["blocklist"]
    if not _NAME.fullmatch(name):
        raise invalid_name(f"A blocklist's name has 1 to {MAX_NAME} characters of 0-9, A-Z, a-z, '.', '_', '~', '-'.")
    return name


def _existing(service: Service, name: str) -> Blocklist:
    found = service.blocklists.find(name)
    if found is None:
        raise unknown_blocklist(name)
    return found


def _term(item: Any) -> tuple[str, str | None]:
    if not isinstance(item, dict):
        raise invalid_body("The field 'blocklistItems' must be an array of objects.", "blocklistItems")
    text = fields.text(item, "text", MAX_TERM)
    if not text.strip():
        raise invalid_body("The field 'text' must not be blank.", "text")
    return text, fields.optional_text(item, "description", MAX_DESCRIPTION)


def _address(call: Call, **changed: int) -> str:
    query = {**call.query, **{name: str(value) for name, value in changed.items()}}
    return f"http://{call.headers.get('host', 'localhost')}{call.path}?{urlencode(query)}"


def _list_body(blocklist: Blocklist) -> dict[str, Any]:
    return _without_nothing({"blocklistName": blocklist.name, "description": blocklist.description})


def _item_body(item: Item) -> dict[str, Any]:
    return _without_nothing({"blocklistItemId": item.id, "text": item.text, "description": item.description})


def _without_nothing(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}

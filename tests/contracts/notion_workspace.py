"""A workspace of Notion's in memory: databases with their columns, pages, blocks, trash, minutes.

What a nurse or an owner does in Notion's app is a method (`fill`, `throw_away`, `copy`); what the API does is one too,
and checks what Notion checks. `notion_server` puts it on the wire.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from notion_server_values import (
    Invalid,
    Property,
    Row,
    blank,
    condition,
    new_property,
    rich_text,
    set_options,
    value_of,
)

T = TypeVar("T")
_BLOCKS = ("paragraph", "heading_3", "callout", "divider", "bulleted_list_item")
_TRASHED = "Can't edit block that is archived. You must unarchive the block before editing."


@dataclass
class Clock:
    """Time of the server and of the client under test; sleeping moves it."""

    now: datetime = datetime(2026, 11, 23, 12, 1, 5, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_(seconds)

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def monotonic(self) -> float:
        return self.now.timestamp()


class Refusal(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass
class Page:
    """A row of a data source, or a page that stands alone."""

    id: str
    parent: dict[str, Any]
    created: datetime
    edited: datetime
    values: dict[str, Any] = field(default_factory=dict)
    blocks: list[dict[str, Any]] = field(default_factory=list)
    is_trashed: bool = False


@dataclass
class Database:
    id: str
    source_id: str
    title: str
    parent_id: str
    created: datetime
    columns: list[Property]
    is_trashed: bool = False
    other_sources: list[dict[str, Any]] = field(default_factory=list)
    """As people add them beside the first; `id` and `name`."""
    source_name: str = ""
    """Where it is not called as the database is."""


class Workspace:
    """What it holds."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.pages: dict[str, Page] = {}
        self.databases: dict[str, Database] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.most_per_page = 100
        self.most_rows = 10_000
        self.parent_id = self.add_page()

    # What people do in the app.

    def add_page(self) -> str:
        page_id = str(uuid.uuid4())
        self.pages[page_id] = Page(page_id, {"type": "workspace", "workspace": True}, self._minute(), self._minute())
        return page_id

    def add_user(self, address: str) -> str:
        user_id = str(uuid.uuid4())
        self.users[user_id] = {"object": "user", "id": user_id, "type": "person", "person": {"email": address}}
        return user_id

    @property
    def database(self) -> Database:
        """The one that there is."""
        (found,) = [one for one in self.databases.values() if not one.is_trashed]
        return found

    def column(self, name: str) -> Property:
        return next(one for one in self.database.columns if one.name == name)

    def rows(self, key: str = "", *, trashed: bool = False) -> list[Page]:
        """Pages of the database, the older first, of one key or all."""
        found = [one for one in self.pages.values() if one.parent.get("data_source_id") and one.is_trashed == trashed]
        return [one for one in found if key in ("", self.read(one, "Chave"))]

    def row(self, key: str) -> Page:
        (found,) = self.rows(key)
        return found

    def read(self, page: Page, name: str) -> Any:
        """What somebody sees there."""
        column = self.column(name)
        value = page.values.get(column.id, blank(column.type))
        if column.type in ("title", "rich_text"):
            return "".join(one["plain_text"] for one in value)
        if column.type == "select":
            return next((one["name"] for one in column.options if one["id"] == value), None)
        return value

    def fill(self, page: Page, values: Mapping[str, Any]) -> None:
        """Somebody edits properties by hand."""
        for name, value in values.items():
            column = self.column(name)
            given = value
            if column.type == "rich_text":
                given = [{"text": {"content": value}}]
            elif column.type == "select" and value is not None:
                given = {"name": value}
            page.values[column.id] = value_of(column, {column.type: given}, self.users)
        page.edited = self._minute()

    def throw_away(self, page: Page) -> None:
        page.is_trashed, page.edited = True, self._minute()

    def copy(self, page: Page) -> Page:
        """What "Duplicate" in the app makes of it."""
        made = Page(
            str(uuid.uuid4()), page.parent, self._minute(), self._minute(), dict(page.values), list(page.blocks)
        )
        self.pages[made.id] = made
        return made

    def move_out(self, page: Page) -> None:
        """Below another page: its properties stay behind, what is written on it does not."""
        page.parent, page.edited = {"type": "page_id", "page_id": self.parent_id}, self._minute()

    def said(self, page: Page) -> str:
        """All text of the page's blocks."""
        return "\n".join(_text(block) for block in page.blocks)

    # What the API does.

    def create_database(self, body: dict[str, Any]) -> dict[str, Any]:
        parent = find(self.pages, body["parent"]["page_id"], "page")
        columns = [new_property(name, one) for name, one in body["initial_data_source"]["properties"].items()]
        if sum(one.type == "title" for one in columns) != 1:
            raise Invalid("initial_data_source.properties should have exactly one title.")
        title = "".join(one["plain_text"] for one in rich_text(body["title"], "body.title"))
        made = Database(str(uuid.uuid4()), str(uuid.uuid4()), title, parent.id, self._minute(), columns)
        self.databases[made.id] = made
        return self.show_database(made)

    def retrieve_database(self, database_id: str) -> dict[str, Any]:
        if any(_same(one, database_id) for one in self.pages):
            raise Invalid(f"Provided ID {database_id} is a page, not a database. Use the retrieve page API instead.")
        return self.show_database(find(self.databases, database_id, "database"))

    def update_database(self, one: Database, body: dict[str, Any]) -> dict[str, Any]:
        _only(body, {"in_trash"})
        one.is_trashed = body["in_trash"]
        return self.show_database(one)

    def show_database(self, one: Database) -> dict[str, Any]:
        return {
            "object": "database",
            "id": one.id,
            "title": rich_text([{"text": {"content": one.title}}], "title"),
            "parent": {"type": "page_id", "page_id": one.parent_id},
            "data_sources": [{"id": one.source_id, "name": one.source_name or one.title}, *one.other_sources],
            "created_time": _iso(one.created),
            "in_trash": one.is_trashed,
        }

    def by_source(self, source_id: str) -> Database:
        found = next((one for one in self.databases.values() if _same(one.source_id, source_id)), None)
        if found is None:
            raise _missing("data_source", source_id)
        return found

    def show_source(self, one: Database) -> dict[str, Any]:
        return {
            "object": "data_source",
            "id": one.source_id,
            "title": rich_text([{"text": {"content": one.title}}], "title"),
            "parent": {"type": "database_id", "database_id": one.id},
            "database_parent": {"type": "page_id", "page_id": one.parent_id},
            "properties": {column.name: column.shown() for column in one.columns},
            "in_trash": one.is_trashed,
        }

    def update_source(self, one: Database, body: dict[str, Any]) -> dict[str, Any]:
        for name, config in body["properties"].items():
            column = next((column for column in one.columns if name in (column.name, column.id)), None)
            if column is None:
                one.columns.append(new_property(name, config))
            elif config is None:
                one.columns.remove(column)
            elif set(config) == {"name"}:
                column.name = config["name"]
            elif column.type == "select" and "select" in config:
                set_options(column, config["select"]["options"])
                column.name = config.get("name", column.name)
            else:
                column.type = next(iter(config))
        return self.show_source(one)

    def query(self, one: Database, body: dict[str, Any]) -> dict[str, Any]:
        _only(body, {"filter", "sorts", "start_cursor", "page_size", "result_type"})
        fits: Callable[[Row], bool] = condition(body["filter"], one.columns) if "filter" in body else lambda row: True
        rows = [page for page in self.pages.values() if page.parent.get("data_source_id") == one.source_id]
        found = [row for row in rows if not row.is_trashed and fits(Row(row.created, row.edited, row.values))]
        for sort in reversed(body.get("sorts", [])):
            edited = sort["timestamp"] == "last_edited_time"
            found.sort(key=lambda row: row.edited if edited else row.created, reverse=sort["direction"] == "descending")
        answer = self.paged([self.show_page(row) for row in found[: self.most_rows]], body)
        if len(found) > self.most_rows:
            answer["request_status"] = {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
        return answer

    def search(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("filter", {}).get("value") not in ("page", "data_source"):
            raise Invalid("body.filter.value should be `page` or `data_source`.")
        found = [one for one in self.databases.values() if body["query"] in one.title and not one.is_trashed]
        return self.paged([self.show_source(one) for one in found], body)

    def create_page(self, body: dict[str, Any]) -> dict[str, Any]:
        _only(body, {"parent", "properties", "children"})
        one = self.by_source(body["parent"]["data_source_id"])
        parent = {"type": "data_source_id", "data_source_id": one.source_id, "database_id": one.id}
        page = Page(str(uuid.uuid4()), parent, self._minute(), self._minute())
        self._set(page, one, body["properties"])
        page.blocks = _blocks(body.get("children", []))
        self.pages[page.id] = page
        return self.show_page(page)

    def update_page(self, page: Page, body: dict[str, Any]) -> dict[str, Any]:
        _only(body, {"properties", "in_trash", "erase_content"})
        if "in_trash" in body:
            page.is_trashed = body["in_trash"]
        if page.is_trashed and ("properties" in body or body.get("erase_content")):
            raise Refusal(400, "validation_error", _TRASHED)
        if body.get("properties"):
            if "data_source_id" not in page.parent:
                raise Invalid("properties of a page outside of a data source cannot be set.")
            self._set(page, self.by_source(page.parent["data_source_id"]), body["properties"])
        if body.get("erase_content"):
            page.blocks = []
        page.edited = self._minute()
        return self.show_page(page)

    def _set(self, page: Page, one: Database, properties: Mapping[str, Any]) -> None:
        for name, given in properties.items():
            column = next((column for column in one.columns if name in (column.name, column.id)), None)
            if column is None:
                raise Invalid(f"{name} is not a property that exists.")
            page.values[column.id] = value_of(column, given, self.users)

    def show_page(self, page: Page) -> dict[str, Any]:
        one = next((one for one in self.databases.values() if one.source_id == page.parent.get("data_source_id")), None)
        columns = one.columns if one else []
        return {
            "object": "page",
            "id": page.id,
            "created_time": _iso(page.created),
            "last_edited_time": _iso(page.edited),
            "archived": page.is_trashed,
            "in_trash": page.is_trashed,
            "parent": page.parent,
            "properties": {column.name: self._shown(page, column) for column in columns},
        }

    def _shown(self, page: Page, column: Property) -> dict[str, Any]:
        value = page.values.get(column.id, blank(column.type))
        if column.type == "select":
            found = next((one for one in column.options if one["id"] == value), None)
            value = {key: found[key] for key in ("id", "name", "color")} if found else None
        return {"id": column.id, "type": column.type, column.type: value}

    def children(self, page: Page) -> list[dict[str, Any]]:
        if page.is_trashed:
            raise _missing("block", page.id)
        below = [one for one in self.databases.values() if one.parent_id == page.id and not one.is_trashed]
        return page.blocks + [
            {"object": "block", "id": one.id, "type": "child_database", "child_database": {"title": one.title}}
            for one in below
        ]

    def append(self, page: Page, body: dict[str, Any]) -> dict[str, Any]:
        if page.is_trashed:
            raise Refusal(400, "validation_error", _TRASHED)
        made = _blocks(body["children"])
        page.blocks += made
        page.edited = self._minute()
        return {"object": "list", "results": made, "has_more": False, "next_cursor": None}

    def paged(self, found: list[dict[str, Any]], asked: Mapping[str, Any]) -> dict[str, Any]:
        """Notion may give fewer than asked for; a cursor is the id of the first that comes next."""
        size = int(asked.get("page_size", 100))
        if size > 100:
            raise Invalid("body.page_size should be ≤ `100`.")
        size, start = min(size, self.most_per_page), 0
        if cursor := asked.get("start_cursor"):
            start = next((at for at, one in enumerate(found) if one["id"] == cursor), -1)
            if start < 0:
                raise Invalid("The start_cursor provided is invalid.")
        more = found[start + size] if start + size < len(found) else None
        return {
            "object": "list",
            "results": found[start : start + size],
            "next_cursor": more["id"] if more else None,
            "has_more": more is not None,
        }

    def _minute(self) -> datetime:
        return self.clock.now.replace(second=0, microsecond=0)


def _only(body: Mapping[str, Any], known: set[str]) -> None:
    for name in body.keys() - known:
        raise Invalid(f"body.{name} should be not present.")


def _blocks(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(given) > 100:
        raise Invalid(f"body.children.length should be ≤ `100`, instead was `{len(given)}`.")
    made = []
    for number, one in enumerate(given):
        if set(one) != {"object", "type", one.get("type")} or one["type"] not in _BLOCKS:
            raise Invalid(f"body.children[{number}] should have a known type, and nothing else.")
        content = dict(one[one["type"]])
        if one["type"] != "divider":
            content["rich_text"] = rich_text(content["rich_text"], f"body.children[{number}].{one['type']}.rich_text")
        made.append({"object": "block", "id": str(uuid.uuid4()), "type": one["type"], one["type"]: content})
    return made


def _text(block: Mapping[str, Any]) -> str:
    return "".join(one["plain_text"] for one in block[block["type"]].get("rich_text", []))


def find(kept: Mapping[str, T], wanted: str, kind: str) -> T:
    found = next((one for key, one in kept.items() if _same(key, wanted)), None)
    if found is None:
        raise _missing(kind, wanted)
    return found


def _same(one: str, other: str) -> bool:
    return one.replace("-", "") == other.replace("-", "")


def _missing(kind: str, wanted: str) -> Refusal:
    shared = "Make sure the relevant pages and databases are shared with your integration."
    return Refusal(404, "object_not_found", f"Could not find {kind} with ID: {wanted}. {shared}")


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")

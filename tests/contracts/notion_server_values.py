"""Values on Notion's wire, as its API checks them: rich text and its limits, properties, filters.

From developers.notion.com, version 2025-09-03: request limits, property objects, page property values, filters. Lengths
are UTF-16 code units, as JavaScript counts. What is not written there is refused, so that nothing passes by chance.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

COLORS = ("default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")
_NUMBERS = count(1)


class Invalid(Exception):
    """400 `validation_error`."""


@dataclass
class Property:
    """A column of a data source."""

    id: str
    name: str
    type: str
    options: list[dict[str, Any]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        config: dict[str, Any] = {"options": self.options} if self.type == "select" else {}
        return {"id": self.id, "name": self.name, "type": self.type, "description": None, self.type: config}


def new_property(name: str, config: Mapping[str, Any]) -> Property:
    types = [one for one in config if one not in ("name", "description", "type")]
    if len(types) != 1 or types[0] not in ("title", "rich_text", "select", "date", "checkbox", "people", "number"):
        raise Invalid(f"body.properties.{name} should have exactly one type, instead had {types}.")
    made = Property("title" if types[0] == "title" else f"p%3A{next(_NUMBERS)}", name, types[0])
    if made.type == "select":
        set_options(made, config["select"].get("options", []))
    return made


def set_options(column: Property, wanted: list[dict[str, Any]]) -> None:
    """The options that are given; those left out are removed."""
    if len(wanted) > 100:
        raise Invalid("select.options.length should be ≤ `100`.")
    kept = {one["id"]: one for one in column.options}
    options = []
    for one in wanted:
        known = kept.get(one.get("id", "")) or next((k for k in kept.values() if k["name"] == one.get("name")), None)
        if "id" in one and one["id"] not in kept:
            raise Invalid("select option id does not exist.")
        options.append(known or new_option(column, one.get("name", "")))
    column.options = options


def new_option(column: Property, name: str) -> dict[str, Any]:
    if not name or "," in name:
        raise Invalid("Invalid select option, commas not allowed.")
    if units(name) > 100:
        raise Invalid("select.name.length should be ≤ `100`.")
    del column
    number = next(_NUMBERS)
    return {"id": f"o{number}", "name": name, "color": COLORS[number % len(COLORS)], "description": None}


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def rich_text(given: Any, where: str) -> list[dict[str, Any]]:
    """As it is stored and shown."""
    if not isinstance(given, list):
        raise Invalid(f"{where} should be an array.")
    if len(given) > 100:
        raise Invalid(f"{where}.length should be ≤ `100`, instead was `{len(given)}`.")
    shown = []
    for number, one in enumerate(given):
        content = one.get("text", {}).get("content")
        if not isinstance(content, str):
            raise Invalid(f"{where}[{number}].text should be defined, instead was `undefined`.")
        if "\0" in content:
            raise Invalid(f"{where}[{number}].text.content should be a valid string.")
        if (size := units(content)) > 2000:
            raise Invalid(f"{where}[{number}].text.content.length should be ≤ `2000`, instead was `{size}`.")
        bold = bool(one.get("annotations", {}).get("bold"))
        shown.append(
            {
                "type": "text",
                "text": {"content": content, "link": None},
                "annotations": {"bold": bold, "italic": False, "color": "default"},
                "plain_text": content,
                "href": None,
            }
        )
    return shown


def value_of(column: Property, given: Any, users: Mapping[str, Any]) -> Any:
    """A page's value as it is stored. Options that a select does not have are made, as Notion does."""
    if not isinstance(given, Mapping) or column.type not in given:
        raise Invalid(f"{column.name} is expected to be {column.type}.")
    value = given[column.type]
    match column.type:
        case "title" | "rich_text":
            return rich_text(value, f"body.properties.{column.name}.{column.type}")
        case "checkbox":
            if not isinstance(value, bool):
                raise Invalid(f"body.properties.{column.name}.checkbox should be a boolean.")
            return value
        case "people":
            if any(one["id"] not in users for one in value):
                raise Invalid("Could not find user.")
            return [{"object": "user", "id": one["id"]} for one in value]
        case "date":
            return None if value is None else {"start": _date(value["start"]), "end": None, "time_zone": None}
        case "select":
            return None if value is None else _option(column, value)
    raise Invalid(f"{column.name} cannot be set.")


def blank(kind: str) -> Any:
    """What a page holds where nobody filled anything in."""
    return {"title": [], "rich_text": [], "people": [], "checkbox": False}.get(kind)


def _option(column: Property, value: Mapping[str, Any]) -> str:
    """The id; a page stores that, so a renamed option is renamed everywhere."""
    if "id" in value:
        if value["id"] not in [one["id"] for one in column.options]:
            raise Invalid(f"{value['id']} is an invalid select option.")
        return str(value["id"])
    known = next((one for one in column.options if one["name"] == value["name"]), None)
    if known is None:
        column.options.append(known := new_option(column, value["name"]))
    return str(known["id"])


def _date(text: str) -> str:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise Invalid("date.start should be a valid ISO 8601 date string.") from None
    return text if len(text) == 10 else at.isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class Row:
    """What filters look at."""

    created: datetime
    edited: datetime
    values: Mapping[str, Any]
    """By property id."""


def condition(wanted: Mapping[str, Any], columns: list[Property], depth: int = 0) -> Callable[[Row], bool]:
    """A filter as a function."""
    for joined, over in (("and", all), ("or", any)):
        if joined in wanted:
            if depth == 2:
                raise Invalid("filters can be nested at most two levels deep.")
            if len(wanted[joined]) > 100:
                raise Invalid(f"body.filter.{joined}.length should be ≤ `100`.")
            parts = [condition(one, columns, depth + 1) for one in wanted[joined]]
            return lambda row, parts=parts, over=over: over(part(row) for part in parts)  # type: ignore[misc]
    if "timestamp" in wanted:
        which = wanted["timestamp"]
        since = datetime.fromisoformat(wanted[which]["on_or_after"])
        return lambda row: (row.edited if which == "last_edited_time" else row.created) >= since
    column = next((one for one in columns if wanted["property"] in (one.name, one.id)), None)
    if column is None:
        raise Invalid(f"Could not find property with name or id: {wanted['property']}")
    return _property(wanted, column)


def _property(wanted: Mapping[str, Any], column: Property) -> Callable[[Row], bool]:
    kind = next(one for one in wanted if one != "property")
    if kind != column.type:
        raise Invalid(f"database property {column.type} does not match filter {kind}")
    ((operator, operand),) = wanted[kind].items()
    if kind == "checkbox" and operator == "equals":
        return lambda row: bool(row.values.get(column.id, False)) == operand
    if kind == "rich_text" and operator == "equals":
        return lambda row: "".join(one["plain_text"] for one in row.values.get(column.id, [])) == operand
    raise Invalid(f"filter {kind}.{operator} is not supported here")

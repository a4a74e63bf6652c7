"""The shape of a judge's reply on the wire: what is asked of the endpoint, and what is taken from its text."""

import json
import re
from collections.abc import Mapping
from math import isfinite
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

Output = Literal["json_schema", "json_object", "text"]
"""How an endpoint is held to a schema: by the schema itself, by JSON alone, or by the words of the prompt."""
T = TypeVar("T", bound=BaseModel)
_VERDICTS = ("score", "verdict", "attributed", "criteria_met")
"""Keys that an endpoint is to fill last: it writes them in the schema's order, and a reason helps before a verdict."""
_OBJECT = re.compile(r"\{.*\}", re.DOTALL)


def response_format(schema: type[BaseModel], output: Output) -> dict[str, Any]:
    """The request's `response_format` among its parameters; none of it where the endpoint knows none.

    The same schema gives the same bytes in every process: enumerations come sorted.
    """
    if output == "text":
        return {}
    if output == "json_object":
        return {"response_format": {"type": "json_object"}}
    tree = schema.model_json_schema()
    is_strict = not _is_open(tree)
    body = {"name": schema.__name__, "strict": is_strict, "schema": _closed(tree) if is_strict else _sorted(tree)}
    return {"response_format": {"type": "json_schema", "json_schema": body}}


def read_reply(text: str, schema: type[T]) -> T:
    """The object in the reply. Raises ValueError with the reason, which holds no text of the reply."""
    found = _OBJECT.search(text)
    if not found:
        raise ValueError("no JSON object")
    try:
        _check_numbers(json.loads(found.group()))
    except ValueError as error:
        raise ValueError("a number that is none" if str(error) == _NOT_FINITE else "its JSON does not parse") from None
    try:
        return schema.model_validate_json(found.group(), strict=True)
    except ValidationError as error:
        raise ValueError(f"key '{'.'.join(map(str, error.errors()[0]['loc']))}' does not fit") from None


_NOT_FINITE = "not finite"


def _check_numbers(value: Any) -> None:
    """JSON knows no NaN, Python's reader does."""
    if isinstance(value, float) and not isfinite(value):
        raise ValueError(_NOT_FINITE)
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_numbers(part)


def _is_open(node: Any) -> bool:
    """Whether an object in the schema may hold any keys, which strict output does not allow."""
    if isinstance(node, list):
        return any(_is_open(part) for part in node)
    if not isinstance(node, Mapping):
        return False
    return isinstance(node.get("additionalProperties"), Mapping) or any(_is_open(part) for part in node.values())


def _closed(node: Any) -> Any:
    """The schema as strict output wants it: every object with exactly its keys, and no defaults."""
    node = _sorted(node)
    if isinstance(node, list):
        return [_closed(part) for part in node]
    if not isinstance(node, dict):
        return node
    tree = {name: _closed(part) for name, part in node.items() if name != "default"}
    if isinstance(tree.get("properties"), dict):
        properties = dict(sorted(tree["properties"].items(), key=lambda item: item[0] in _VERDICTS))
        tree |= {"properties": properties, "additionalProperties": False, "required": list(properties)}
    return tree


def _sorted(node: Any) -> Any:
    if isinstance(node, list):
        return [_sorted(part) for part in node]
    if not isinstance(node, dict):
        return node
    return {name: sorted(part) if name == "enum" else _sorted(part) for name, part in node.items()}

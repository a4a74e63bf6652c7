"""JSON that fits a schema: values given by name where they are of the asked type, plain ones elsewhere.

Reads what JSON Schema's structured output uses: objects, arrays, enums, consts, anyOf and $ref into $defs.
"""

from collections.abc import Mapping
from typing import Any

_DEEPEST = 12


def fill(schema: Mapping[str, Any] | None, given: Mapping[str, Any]) -> Any:
    """`given` itself without a schema; else an instance of the schema that holds what of `given` fits."""
    return dict(given) if schema is None else _instance(schema, schema, "", given, 0)


def _instance(node: Mapping[str, Any], root: Mapping[str, Any], name: str, given: Mapping[str, Any], depth: int) -> Any:
    node = _resolved(node, root)
    if "const" in node:
        return node["const"]
    if "enum" in node:
        return given[name] if given.get(name) in node["enum"] else node["enum"][0]
    kind = node.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if depth > _DEEPEST:
        return None
    match kind:
        case "object" | None:
            properties: Mapping[str, Any] = node.get("properties", {})
            if not properties and isinstance(given.get(name), Mapping):
                return given[name]
            return {key: _instance(value, root, key, given, depth + 1) for key, value in properties.items()}
        case "array":
            items = node.get("items", {"type": "string"})
            if isinstance(given.get(name), list):
                return [
                    _instance(items, root, name, item if isinstance(item, Mapping) else {name: item}, depth + 1)
                    for item in given[name]
                ]
            wanted = int(node.get("minItems", 1))
            return [_instance(items, root, name, given, depth + 1)] * wanted
        case "boolean":
            return given[name] if isinstance(given.get(name), bool) else False
        case "integer" | "number":
            if isinstance(given.get(name), int | float):
                return given[name]
            return max(0, node.get("minimum", 0))
        case "string":
            return _string(name, given)
        case _:
            return None


def _string(name: str, given: Mapping[str, Any]) -> str:
    """The value of that name; else the first text given."""
    if isinstance(given.get(name), str):
        return str(given[name])
    return next((value for value in given.values() if isinstance(value, str)), "")


def _resolved(node: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    for _ in range(_DEEPEST):
        if "$ref" in node:
            found: Any = root
            for part in str(node["$ref"]).removeprefix("#/").split("/"):
                found = found[part]
            node = found
        elif options := node.get("anyOf") or node.get("oneOf") or node.get("allOf"):
            node = next((option for option in options if option.get("type") != "null"), options[0])
        else:
            break
    return node

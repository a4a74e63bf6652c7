"""Fields of a request's body and address, each held to its type and limit. What does not fit is `InvalidRequestBody`.

Lengths count Unicode code points. A field that is null counts as left out; one that nobody knows is let be.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from guardrails.emulator.asgi import Call
from guardrails.emulator.wire_error import invalid_body

Body = Mapping[str, Any]


def json_object(content: bytes) -> Body:
    """The body as a JSON object."""
    try:
        found = json.loads(content, parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair is no text, and could not be answered
    except (ValueError, RecursionError) as error:
        raise invalid_body("The request body is not valid JSON.") from error
    if not isinstance(found, dict):
        raise invalid_body("The request body must be a JSON object.")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def text(body: Body, name: str, most: int) -> str:
    """A text that must be given."""
    found = optional_text(body, name, most)
    if found is None:
        raise invalid_body(f"The field '{name}' is required.", name)
    return found


def optional_text(body: Body, name: str, most: int) -> str | None:
    """A text, or None where it is left out."""
    found = body.get(name)
    if found is None:
        return None
    if not isinstance(found, str):
        raise invalid_body(f"The field '{name}' must be a string.", name)
    if len(found) > most:
        raise invalid_body(f"The field '{name}' is longer than {most} characters.", name)
    return found


def texts(body: Body, name: str) -> tuple[str, ...]:
    """A list of texts, empty where it is left out."""
    found = items(body, name)
    if not all(isinstance(item, str) for item in found):
        raise invalid_body(f"The field '{name}' must be an array of strings.", name)
    return tuple(found)


def items(body: Body, name: str, *, most: int | None = None) -> Sequence[Any]:
    """A list, empty where it is left out; with `most` it must hold from one to that many."""
    found = body.get(name)
    if found is not None and not isinstance(found, list):
        raise invalid_body(f"The field '{name}' must be an array.", name)
    given: Sequence[Any] = found or ()
    if most is not None and not 1 <= len(given) <= most:
        raise invalid_body(f"The field '{name}' must hold from 1 to {most} items.", name)
    return given


def flag(body: Body, name: str) -> bool:
    """A truth value, False where it is left out."""
    found = body.get(name)
    if found is not None and not isinstance(found, bool):
        raise invalid_body(f"The field '{name}' must be a boolean.", name)
    return bool(found)


def choice(body: Body, name: str, known: Sequence[str]) -> str:
    """One of the known values; the first where it is left out."""
    found = body.get(name)
    if found is None:
        return known[0]
    if found not in known:
        raise invalid_body(f"The field '{name}' must be one of {', '.join(known)}.", name)
    return str(found)


def number(call: Call, name: str, default: int) -> int:
    """A number of the address, at least 0."""
    found = call.query.get(name)
    if found is None:
        return default
    if not (found.isascii() and found.isdigit() and len(found) < 10):
        raise invalid_body(f"The parameter '{name}' must be a whole number of at least 0.", name)
    return int(found)

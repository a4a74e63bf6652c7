"""Where in a text a passage stands that the service points at, in whatever unit it counts.

The 2024-09-15 preview gives offset and length as numbers for UTF-8, UTF-16 and code points; its examples also show a
single number and do not say of what. So every reading is held against the passage that the service quotes, and a place
is taken only where both agree.
"""

from collections.abc import Iterator
from typing import Any

from guardrails.content_safety.failures import CallFailed

_UNITS = {"codePoint": "utf-32-le", "utf16": "utf-16-le", "utf8": "utf-8"}
"""Units by the service's names, with an encoding whose code units they are."""
_BYTES = {"codePoint": 4, "utf16": 2, "utf8": 1}


def place(text: str, passage: str, offset: Any, length: Any) -> tuple[int, int]:
    """First character and one past the last. Raises `CallFailed` where the passage does not stand in the text."""
    for first, last in _readings(text, offset, length):
        if first < last and text[first:last] == passage:
            return first, last
    first = text.find(passage)
    if not passage or first < 0 or text.find(passage, first + 1) >= 0:
        raise CallFailed("unreadable")
    return first, first + len(passage)


def _readings(text: str, offset: Any, length: Any) -> Iterator[tuple[int, int]]:
    for unit in _UNITS:
        first, many = _number(offset, unit), _number(length, unit)
        if first is not None and many is not None:
            start, end = _character(text, first, unit), _character(text, first + many, unit)
            if start is not None and end is not None:
                yield start, end


def _number(value: Any, unit: str) -> int | None:
    value = value.get(unit) if isinstance(value, dict) else value
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _character(text: str, at: int, unit: str) -> int | None:
    """The place of the code unit `at` among the characters; None where it is inside one, or past the end."""
    encoded = text.encode(_UNITS[unit], "surrogatepass")
    if at * _BYTES[unit] > len(encoded):
        return None
    try:
        return len(encoded[: at * _BYTES[unit]].decode(_UNITS[unit], "surrogatepass"))
    except UnicodeDecodeError:
        return None

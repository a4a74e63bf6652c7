"""Text as Notion takes it: rich text objects of at most 2,000 characters, counted as JavaScript does.

Notion's limit is in UTF-16 code units, so an emoji counts twice (developers.notion.com/reference/request-limits, and
its validation errors, which give `content.length`). No character is cut in two.
"""

from collections.abc import Iterator, Sequence
from typing import Any

MOST_UNITS = 2_000
"""Of one rich text object, in UTF-16 code units."""


def units(text: str) -> int:
    """UTF-16 code units of a text."""
    return len(text) + sum(character > "\uffff" for character in text)


def pieces(text: str) -> Iterator[str]:
    """The text in parts that each fit one rich text object; together they are the text."""
    start = size = 0
    for at, character in enumerate(text):
        wide = 2 if character > "\uffff" else 1
        if size + wide > MOST_UNITS:
            yield text[start:at]
            start, size = at, 0
        size += wide
    if start < len(text):
        yield text[start:]


def rich(text: str, *, is_bold: bool = False) -> list[dict[str, Any]]:
    """An array of rich text; empty for an empty text. Half a surrogate pair, which no JSON can carry, is a `?`, and so
    is a NUL, which no database of text takes."""
    clean = text.replace("\0", "?").encode("utf-8", "replace").decode("utf-8")
    style = {"annotations": {"bold": True}} if is_bold else {}
    return [{"type": "text", "text": {"content": piece}, **style} for piece in pieces(clean)]


def plain(rich_text: Sequence[dict[str, Any]]) -> str:
    """What a person reads in an array of rich text."""
    return "".join(str(piece.get("plain_text", "")) for piece in rich_text)

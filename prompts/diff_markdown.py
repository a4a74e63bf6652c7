"""A diff of prompts as Markdown for a pull request, in which the text of a prompt can only ever be text.

Everything that comes from a prompt stands in `<pre>` or `<code>` with its markup escaped, where GitHub reads neither
Markdown nor mentions; characters that reorder or hide text are shown by their code points.
"""

import html
import re
from collections.abc import Sequence
from typing import Any

from prompts.diff import MessageDiff, PromptDiff, Segment, excerpt

_TAGS = {"same": "", "added": "ins", "removed": "del"}
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def diffs_as_markdown(diffs: Sequence[PromptDiff]) -> str:
    """A table of what changed, and each changed prompt folded below it."""
    if not diffs:
        return "No prompt changed.\n"
    rows = "\n".join(_row(diff) for diff in diffs)
    header = "| prompt | change | version | partials | words | tokens, estimated |\n|---|---|---|---|---:|---:|"
    return "\n\n".join([f"{header}\n{rows}", *(_details(diff) for diff in diffs)]) + "\n"


def _row(diff: PromptDiff) -> str:
    versions = f"{diff.base_version or '–'} → {diff.head_version or '–'}"
    partials = ", ".join(_code(name) for name in diff.changed_partials) or "–"
    words = diff.head_size.words - diff.base_size.words
    return f"| {_code(diff.ref)} | {diff.status} | {versions} | {partials} | {words:+d} | {diff.token_delta:+d} |"


def _details(diff: PromptDiff) -> str:
    parameters = [f"{_code(name)}: {_code(old)} → {_code(new)}" for name, old, new in diff.parameters]
    messages = [_message(message) for message in diff.messages if message.is_changed]
    body = "\n\n".join([*parameters, *messages]) or "The text that the model sees is the same."
    return f"<details><summary>{_code(diff.ref)}</summary>\n\n{body}\n\n</details>"


def _message(message: MessageDiff) -> str:
    lines = ["…" if line is None else "".join(map(_segment, line)) for line in excerpt(message)]
    return f"**{message.role}**\n\n<pre>{chr(10).join(lines)}</pre>"


def _segment(segment: Segment) -> str:
    tag, text = _TAGS[segment.change], _plain(segment.text)
    return f"<{tag}>{text}</{tag}>" if tag else text


def _code(value: Any) -> str:
    """On one line and without a bar, so that it fits a table's cell."""
    return f"<code>{' '.join(_plain(str(value)).split()).replace('|', '&#124;')}</code>"


def _plain(text: str) -> str:
    return html.escape(_INVISIBLE.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text))

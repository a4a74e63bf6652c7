"""A diff of prompts as Markdown for a pull request, in which the text of a prompt can only ever be text.

Everything that comes from a prompt stands in `<pre>` or `<code>`, made inert by `matria.markdown`.
"""

from collections.abc import Sequence

from matria.markdown import code, preformatted
from prompts.diff import MessageDiff, PromptDiff, Segment, excerpt

_TAGS = {"same": "", "added": "ins", "removed": "del"}


def diffs_as_markdown(diffs: Sequence[PromptDiff]) -> str:
    """A table of what changed, and each changed prompt folded below it."""
    if not diffs:
        return "No prompt changed.\n"
    rows = "\n".join(_row(diff) for diff in diffs)
    header = "| prompt | change | version | partials | words | tokens, estimated |\n|---|---|---|---|---:|---:|"
    return "\n\n".join([f"{header}\n{rows}", *(_details(diff) for diff in diffs)]) + "\n"


def _row(diff: PromptDiff) -> str:
    versions = f"{diff.base_version or '–'} → {diff.head_version or '–'}"
    partials = ", ".join(code(name) for name in diff.changed_partials) or "–"
    words = diff.head_size.words - diff.base_size.words
    return f"| {code(str(diff.ref))} | {diff.status} | {versions} | {partials} | {words:+d} | {diff.token_delta:+d} |"


def _details(diff: PromptDiff) -> str:
    parameters = [f"{code(name)}: {code(str(old))} → {code(str(new))}" for name, old, new in diff.parameters]
    messages = [_message(message) for message in diff.messages if message.is_changed]
    body = "\n\n".join([*parameters, *messages]) or "The text that the model sees is the same."
    return f"<details><summary>{code(str(diff.ref))}</summary>\n\n{body}\n\n</details>"


def _message(message: MessageDiff) -> str:
    lines = ["…" if line is None else "".join(map(_segment, line)) for line in excerpt(message)]
    return f"**{message.role}**\n\n<pre>{chr(10).join(lines)}</pre>"


def _segment(segment: Segment) -> str:
    tag, text = _TAGS[segment.change], preformatted(segment.text)
    return f"<{tag}>{text}</{tag}>" if tag else text

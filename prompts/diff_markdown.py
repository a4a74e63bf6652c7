"""A diff of prompts as Markdown for a pull request, in which the text of a prompt can only ever be text.

Everything that comes from a prompt is made inert by `matria.markdown`. A message stands in a quotation, which wraps.
"""

from collections.abc import Mapping, Sequence

from matria.markdown import JOINER, code, flowing
from prompts.diff import MessageDiff, PromptDiff, Segment, excerpt

ENGLISH: Mapping[str, str] = {
    "prompt": "prompt",
    "prompt_change": "change",
    "version": "version",
    "partials": "partials",
    "words_delta": "words",
    "tokens_delta": "tokens, estimated",
    "change_changed": "changed",
    "change_added": "added",
    "change_removed": "removed",
    "change_unchanged": "unchanged",
    "same_text": "The text that the model sees is the same.",
    "no_prompt_changed": "No prompt changed.",
    "role_system": "system",
    "role_user": "user",
    "role_assistant": "assistant",
}
"""Words of the diff; a report in another language gives its own by the same names."""
_COLUMNS = ("prompt", "prompt_change", "version", "partials", "words_delta", "tokens_delta")
_TAGS = {"same": "", "added": "ins", "removed": "del"}


def diffs_as_markdown(diffs: Sequence[PromptDiff], words: Mapping[str, str] = ENGLISH) -> str:
    """A table of what changed, and each changed prompt folded below it; `words` has at least the names of `ENGLISH`."""
    if not diffs:
        return f"{words['no_prompt_changed']}\n"
    rows = "\n".join(_row(diff, words) for diff in diffs)
    header = f"| {' | '.join(words[name] for name in _COLUMNS)} |\n|---|---|---|---|---:|---:|"
    return "\n\n".join([f"{header}\n{rows}", *(_details(diff, words) for diff in diffs)]) + "\n"


def _row(diff: PromptDiff, labels: Mapping[str, str]) -> str:
    versions = f"{diff.base_version or '–'} → {diff.head_version or '–'}"
    partials = ", ".join(code(name) for name in diff.changed_partials) or "–"
    words = diff.head_size.words - diff.base_size.words
    change = labels[f"change_{diff.status}"]
    return f"| {code(str(diff.ref))} | {change} | {versions} | {partials} | {words:+d} | {diff.token_delta:+d} |"


def _details(diff: PromptDiff, words: Mapping[str, str]) -> str:
    parameters = [f"{code(name)}: {code(str(old))} → {code(str(new))}" for name, old, new in diff.parameters]
    messages = [_message(message, words) for message in diff.messages if message.is_changed]
    body = "\n\n".join([*parameters, *messages]) or words["same_text"]
    return f"<details><summary>{code(str(diff.ref))}</summary>\n\n{body}\n\n</details>"


def _message(message: MessageDiff, words: Mapping[str, str]) -> str:
    lines = ["…" if line is None else JOINER.join(map(_segment, line)) for line in excerpt(message)]
    return f"**{words[f'role_{message.role}']}**\n\n> {'<br>'.join(lines).strip()}"


def _segment(segment: Segment) -> str:
    tag, text = _TAGS[segment.change], flowing(segment.text)
    return f"<{tag}>{text}</{tag}>" if tag else text

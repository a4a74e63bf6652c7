"""Markdown in which text that is not ours stays text: it cannot close a block, link, mention people or hide itself.

Every character that Markdown or HTML could read becomes a character reference, in `<code>` and `<pre>` too: Markdown
is read between inline tags. GitHub looks for mentions, issue numbers and addresses in the finished text, where
references no longer help. It leaves out `<code>` and `<pre>`; in running text a word joiner, which has no width, stands
behind each character that could begin one.
"""

import re
from collections.abc import Iterable, Sequence

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]"
)
_SPECIAL = re.compile(r"[\\`*_{}\[\]()#+.!|~@:/&<>\"'$^=-]")
_INLINE_SPECIAL = re.compile(r"[\\`*_{}\[\]!|~:&<>\"'$]")
"""Those that are read in the middle of a line."""
_LINKING = re.compile(r"[@#:/](?=\S)|(?<=www)\.|(?<=GH)-", re.IGNORECASE)
_WORD_JOINER = "\u2060"


def visible(text: str) -> str:
    """The text with characters that hide or reorder it shown by their code points."""
    return _INVISIBLE.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text)


def inline(text: str) -> str:
    """The text on one line of running Markdown, with nothing in it that is read as anything else."""
    one_line = _LINKING.sub(lambda match: match[0] + _WORD_JOINER, " ".join(visible(text).split()))
    return _SPECIAL.sub(_reference, one_line)


def code(text: str) -> str:
    """The text as code on one line, fit for a table's cell."""
    one_line = " ".join(visible(text).split())
    return f"<code>{_INLINE_SPECIAL.sub(_reference, one_line)}</code>"


def preformatted(text: str) -> str:
    """A stretch of text inside a `<pre>`, blank lines kept from ending it."""
    lines = visible(text).replace("\r\n", "\n").split("\n")
    return "&#10;".join(_INLINE_SPECIAL.sub(_reference, line) for line in lines)


def block(text: str, most: int) -> str:
    """The text as a preformatted block, cut after `most` characters.

    Blank lines become lines with a space reference: a blank line would end the HTML block, and Markdown would begin.
    """
    shown = visible(text if len(text) <= most else f"{text[:most].rstrip()} …")
    lines = [
        _INLINE_SPECIAL.sub(_reference, line) if line.strip() else "&#32;"
        for line in shown.replace("\r\n", "\n").split("\n")
    ]
    return f"<pre>{'&#10;'.join(lines)}</pre>"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> str:
    """A table whose cells are Markdown already; the last `numbers` columns are aligned to the right."""
    rule = ["---"] * (len(header) - numbers) + ["---:"] * numbers
    lines = [header, rule, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def details(summary: str, body: str) -> str:
    """A folded section; the summary is HTML already."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _reference(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"

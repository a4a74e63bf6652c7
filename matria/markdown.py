"""Markdown in which text that is not ours stays text: it cannot close a block, link, mention people or hide itself.

Every character that Markdown or HTML could read becomes a character reference, in `<code>` and `<pre>` too: Markdown
is read between inline tags. The references are hexadecimal, since a server that looks for `#12` in the source would
find it in a decimal one. GitHub and Azure DevOps look for mentions, numbers of issues, work items and pull requests,
commits and addresses in the finished text, where references no longer help. They leave out `<code>` and `<pre>`; in
running text a word joiner, which has no width, stands behind each character that could begin one.
"""

import re
from collections.abc import Iterable, Sequence

_PICTURE = "[\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]"
)
_OF_A_PICTURE = re.compile(f"(?<={_PICTURE})\ufe0f|(?<={_PICTURE})\u200d(?={_PICTURE})|(?<=\ufe0f)\u200d(?={_PICTURE})")
"""What joins emoji into one, or asks for their coloured form: it hides nothing."""
_SPECIAL = re.compile(r"[\\`*_{}\[\]()#+.!|~@:/&<>\"'$^=-]")
_INLINE_SPECIAL = re.compile(r"[\\`*_{}\[\]!|~:&<>\"'$#@]")
"""Those that are read in the middle of a line."""
_LINKING = re.compile(
    r"[@#!:/](?=\S)"  # mentions, numbers, emoji names, addresses
    r"|(?<=\w)\.(?=[^\W\d_])"  # www.evil.example
    r"|(?<=[^\W\d_])-(?=\d)"  # GH-1
    r"|[0-9a-fA-F]{6}(?=[0-9a-fA-F])"  # a commit, named by seven digits or more
)
JOINER = "\u2060"
"""A word joiner: it has no width, and no server reads a mention or an address across it."""


def visible(text: str) -> str:
    """The text with characters that hide or reorder it shown by their code points; line ends become one `\\n`."""
    text = text.replace("\r\n", "\n")
    if not _INVISIBLE.search(text):
        return text
    pictures = {match.start() for match in _OF_A_PICTURE.finditer(text)}
    return _INVISIBLE.sub(
        lambda match: match[0] if match.start() in pictures else f"⟨U+{ord(match[0]):04X}⟩",
        text,
    )


def clipped(text: str, most: int) -> str:
    """The text, cut after `most` characters with an ellipsis that says so."""
    return text if len(text) <= most else f"{text[:most].rstrip()} …"


def inline(text: str) -> str:
    """The text on one line of running Markdown, with nothing in it that is read as anything else."""
    one_line = _LINKING.sub(_guarded, " ".join(visible(text).split()))
    return _SPECIAL.sub(_reference, one_line)


def code(text: str) -> str:
    """The text as code on one line, fit for a table's cell."""
    one_line = " ".join(visible(text).split())
    return f"<code>{_INLINE_SPECIAL.sub(_reference, one_line)}</code>"


def flowing(text: str) -> str:
    """A stretch of running Markdown with its spaces and line breaks; between stretches goes a `JOINER`."""
    lines = visible(text).replace("\t", " ").split("\n")
    return "<br>".join(_SPECIAL.sub(_reference, _LINKING.sub(_guarded, line)) for line in lines)


def block(text: str, most: int) -> str:
    """The text as a preformatted block, cut after `most` characters.

    Blank lines become lines with a space reference: a blank line would end the HTML block, and Markdown would begin.
    """
    lines = [
        _INLINE_SPECIAL.sub(_reference, line) if line.strip() else "&#x20;"
        for line in visible(clipped(text, most)).split("\n")
    ]
    return f"<pre>{'&#xa;'.join(lines)}</pre>"


def quoted(text: str, most: int, marked: Iterable[str] = ()) -> str:
    """The text as a quotation, which wraps where a block would scroll, in bold the stretches of it that `marked` has.

    Of a longer text `most` characters are shown: its beginning, or what lies around the first stretch that is marked.
    """
    bold = [visible(stretch) for stretch in marked if stretch.strip()]
    shown = _window(visible(text), most, bold[0] if bold else "")
    longest_first = sorted(set(bold), key=len, reverse=True)
    parts = re.split(f"({'|'.join(map(re.escape, longest_first))})", shown) if bold else [shown]
    written = [f"<b>{_running(part)}</b>" if part in bold else _running(part) for part in parts if part]
    return f"> {JOINER.join(written)}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> str:
    """A table whose cells are Markdown already; the last `numbers` columns are aligned to the right."""
    rule = ["---"] * (len(header) - numbers) + ["---:"] * numbers
    lines = [header, rule, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def details(summary: str, body: str, is_open: bool = False) -> str:
    """A folded section; the summary is HTML already."""
    tag = "<details open>" if is_open else "<details>"
    return f"{tag}<summary>{summary}</summary>\n\n{body}\n\n</details>"


def _window(text: str, most: int, found: str) -> str:
    start = max(text.find(found), 0)
    if start + len(found) <= most:
        return clipped(text, most)
    return f"… {clipped(text[max(0, start - most // 2) :].lstrip(), most)}"


def _running(text: str) -> str:
    """Lines of running Markdown with breaks between them, their indents kept."""
    return "<br>".join(_indented(line) for line in text.replace("\t", "    ").split("\n"))


def _indented(line: str) -> str:
    bare = line.lstrip()
    return "&#xa0;" * (len(line) - len(bare)) + _SPECIAL.sub(_reference, _LINKING.sub(_guarded, bare))


def _guarded(match: re.Match[str]) -> str:
    return match[0] + JOINER


def _reference(match: re.Match[str]) -> str:
    return f"&#x{ord(match[0]):x};"

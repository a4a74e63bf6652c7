"""The terminal that commands print to: what models, authors and pull requests wrote cannot steer it.

An answer may hold escape sequences, which move the cursor, fill the clipboard or hide a line, and characters that
reorder text. Each is shown by its code point instead. Line ends stay.
"""

import re
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from matria.markdown import visible


class Terminal(Console):
    """A console whose strings are made visible before they are measured and written; `Text` goes through `inert`."""

    def render_str(self, text: str, **options: Any) -> Text:
        """The string as rich text, with nothing in it that a terminal obeys."""
        return super().render_str(visible(text), **options)


def inert(text: object) -> str:
    """The text for a place that reads markup: neither markup nor anything that a terminal obeys."""
    return escape(visible(str(text)))


class Column:
    """Text that comes in pieces, wrapped between words as if it had come at once."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._at = 0
        self._blank = ""

    def wrapped(self, piece: str) -> str:
        """The piece with line ends where the column ends; blanks at its end wait for the word that follows."""
        shown = []
        for part in re.findall(r"\n|[^\S\n]+|\S+", piece):
            if part == "\n":
                shown.append(part)
                self._at, self._blank = 0, ""
            elif part.isspace():
                self._blank = part if self._at else ""
            else:
                is_over = self._at + len(self._blank) + len(part) > self._width
                blank = "\n" if is_over and self._blank else self._blank
                shown.append(blank + part)
                self._at = len(part) if blank == "\n" else self._at + len(blank) + len(part)
                self._blank = ""
        return "".join(shown)


def terminal() -> Terminal:
    """Standard output: as wide as its window, or 120 columns in a pipe. What looks like an emoji's name stays text."""
    made = Terminal(highlight=False, emoji=False)
    return made if made.is_terminal else Terminal(highlight=False, emoji=False, width=120)

"""The terminal that commands print to: what models, authors and pull requests wrote cannot steer it.

An answer may hold escape sequences, which move the cursor, fill the clipboard or hide a line, and characters that
reorder text. Each is shown by its code point instead. Line ends stay.
"""

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


def terminal() -> Terminal:
    """Standard output: as wide as its window, or 120 columns in a pipe. What looks like an emoji's name stays text."""
    made = Terminal(highlight=False, emoji=False)
    return made if made.is_terminal else Terminal(highlight=False, emoji=False, width=120)

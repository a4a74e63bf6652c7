"""The list of commands in a help page: by theme, each with its whole first sentence."""

from typing import Any

from typer.core import TyperGroup

LONGEST = 120
"""Characters of a sentence that are shown, over two lines of a terminal."""


class Sections(TyperGroup):
    """Lists the commands by theme in plain text: drawing boxes would cost as much time as everything else."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """One section of the help per theme, in the order of declaration."""
        themes: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            theme = getattr(command, "rich_help_panel", None) or "Commands"
            themes.setdefault(theme, []).append((name, command.get_short_help_str(limit=LONGEST)))
        for theme, rows in themes.items():
            with formatter.section(theme):
                formatter.write_dl(rows)

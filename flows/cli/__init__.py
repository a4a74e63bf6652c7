"""The one command, `matria`. Options are declared here and beside; bodies import what they need when they run.

`matria --help` must answer at once, so nothing heavier than Typer is imported at the top of these files. Every error
that a user can cause ends in one sentence on standard error and an exit code of its own (matria/errors.py).
"""

from flows.cli.entry import main

__all__ = ["main"]

"""`matria suite …`: what an author of cases asks of the suites."""

import typer

app = typer.Typer(help="Lint the clinical suites.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `lint` a command of its own while it is the only one."""


@app.command()
def lint() -> None:
    """Check every suite: form, duplicates, leaks, guidelines."""
    from flows.cli import show_suites
    from flows.steps.suites import lint_checkout
    from flows.wiring import Platform

    raise typer.Exit(show_suites.findings(lint_checkout(Platform.load())))

"""`matria costs`: what a message costs, now against before; and the alerts on it."""

from typing import Annotated

import typer

app = typer.Typer()


@app.callback(invoke_without_command=True)
def costs(
    context: typer.Context,
    hours: Annotated[int, typer.Option(min=1, max=24 * 31, help="Length of the window.")] = 24,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Show the cost of a message, now against before; and the alerts on it."""
    if context.invoked_subcommand:
        return
    from flows.cli import show
    from flows.steps.costs import cost_report
    from flows.wiring import Platform

    show.costs(cost_report(Platform.load(), hours), as_json)

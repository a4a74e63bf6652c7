"""`matria costs`: what a message costs, now against before; and the alerts on it."""

from typing import Annotated

import typer

from matria.costs.base import Serves

app = typer.Typer()


@app.callback(invoke_without_command=True)
def costs(
    context: typer.Context,
    hours: Annotated[int, typer.Option(min=1, max=24 * 31, help="Length of the window.")] = 24,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="For a spreadsheet: a row for each value of each dimension.")
    ] = False,
    serves: Annotated[Serves, typer.Option(help="Whose messages: people's, or the cases of evaluations.")] = "people",
) -> None:
    """Show the cost of a message, now against before; and the alerts on it."""
    if context.invoked_subcommand:
        return
    from flows.cli import show_costs
    from flows.steps.costs import cost_report
    from flows.wiring import Platform

    if as_json and as_csv:
        raise typer.BadParameter("Choose one of --json and --csv.")
    platform = Platform.load()
    report = cost_report(platform, hours, serves=serves)
    if as_json:
        show_costs.written(show_costs.as_json(report))
    elif as_csv:
        show_costs.written(show_costs.as_csv(report))
    else:
        show_costs.shown(report, platform.policy.count("costs.max_rate_age_days"))

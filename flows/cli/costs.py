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
    from flows.steps.costs import cost_report, standing
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
        stands = standing(platform) if serves == "people" else None
        show_costs.shown(report, platform.policy.count("costs.max_rate_age_days"), stands=stands)


@app.command()
def alerts(
    most: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Show the alerts on the cost of a message, and how each stands."""
    from flows.cli import show_alerts, show_costs
    from flows.wiring import Platform

    memory = Platform.load().watch_memory
    episodes = memory.alerts(most)
    begins = memory.begins(episode.alert_id for episode in episodes)
    if as_json:
        show_costs.written(show_alerts.alerts_as_json(episodes, begins))
    else:
        show_alerts.alerts(episodes, begins)


@app.command()
def explain(
    alert_id: Annotated[str, typer.Argument(help="As `matria costs alerts` shows it.")],
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Make the decisions on an alert again from the ledger, with their cause.

    Exit status: 0 they come out the same, 1 they do not.
    """
    from flows.cli import show_alerts, show_costs
    from flows.wiring import Platform
    from matria.costs.watching.explain import explain as made_again

    platform = Platform.load()
    found = made_again(platform.ledger, platform.watch_memory, alert_id)
    if found is None:
        raise _no_alert(alert_id)
    if as_json:
        show_costs.written(show_alerts.as_json(found))
    else:
        show_alerts.explanation(found)
    raise typer.Exit(0 if found.is_same else 1)


@app.command()
def accept(
    alert_id: Annotated[str, typer.Argument(help="As `matria costs alerts` shows it.")],
    by: Annotated[str, typer.Option(help="Who says so.")],
    why: Annotated[str, typer.Option(help="Why the cost is meant.")],
) -> None:
    """Say that a rise is meant: nobody is told of it again unless it worsens."""
    from datetime import UTC, datetime

    from flows.wiring import Platform
    from matria.costs.watching.decisions import Acceptance
    from matria.costs.watching.episodes import accept as accepted
    from matria.errors import InputError

    by, why = by.strip(), why.strip()
    if not by or not why:
        raise InputError("An acceptance is read by those on call: say who with --by NAME, and the reason with --why.")
    memory, now = Platform.load().watch_memory, datetime.now(UTC)
    episode = memory.episode(alert_id)
    if episode is None:
        raise _no_alert(alert_id)
    if episode.rule == "unpriced":
        raise InputError(f"{alert_id} is of calls without a price, which nobody can mean: set it in prices.yaml.")
    try:
        moved = accepted(episode, now)
    except ValueError as error:
        raise InputError(f"{error}.") from error
    memory.accept(Acceptance(alert_id, by, why, now), moved)
    typer.echo(f"{alert_id} is accepted.")


def _no_alert(alert_id: str) -> Exception:
    from matria.errors import InputError

    return InputError(f"No alert is called {alert_id!r}: see `matria costs alerts`.")

"""`matria review …`: the nurses' week at a terminal: its draw, where it stands, the page, sign-in, the audit log."""

from typing import Annotated

import typer

from flows.cli import review_people
from flows.cli.review_agreement import agreement
from flows.cli.review_propose import propose
from flows.cli.review_queue import queue
from flows.cli.review_report import report
from flows.cli.review_simulate import simulate
from flows.cli.review_trust import trust
from flows.cli.sections import Sections

app = typer.Typer(help="The nurses' week: what is drawn, who reads it, and what comes of it.", no_args_is_help=True)
WEEK, FOUND, KEPT = "The week", "What comes of it", "What is kept"
app.add_typer(review_people.app, name="people", cls=Sections, rich_help_panel=WEEK)


@app.command(rich_help_panel=WEEK)
def draw(
    week: Annotated[
        str | None, typer.Option(help="ISO week such as 2026-W47; by default the last that is over.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be drawn; keep and ask nothing.")] = False,
) -> None:
    """Draw the week's batch and show it to the nurses.

    Run twice it shows the same batch again. Exit status 1 where an item has nobody who can read it.
    """
    from flows.cli import show_review
    from flows.steps.review import draw_week
    from flows.wiring import Platform

    drawn = draw_week(Platform.load(), week, is_dry=dry_run)
    show_review.drawn(drawn)
    raise typer.Exit(int(bool(drawn.unread)))


@app.command(rich_help_panel=WEEK)
def status() -> None:
    """Show what is read, open, due and disputed, of the newest week and of those that are not done."""
    from datetime import UTC, datetime

    from flows.cli import show_review
    from flows.steps.review_due import queued_open, weeks_status
    from flows.wiring import Platform

    platform, now = Platform.load(), datetime.now(UTC)
    show_review.status(weeks_status(platform, now), platform.review_zone)
    show_review.queued(queued_open(platform), now)


@app.command(rich_help_panel=WEEK)
def collect() -> None:
    """Do what is done each hour: collect, give disputes to a lead, cover the absent, remind.

    The flow `review-due` does the same from 07:20 to 20:20. Exit status 1 where an item has nobody who can read it, a
    week was not drawn, or a reminder was not taken.
    """
    from flows.cli import show, show_review
    from flows.steps.review_due import look_after
    from flows.steps.review_record import keep_record
    from flows.wiring import Platform

    platform = Platform.load()
    outcome = look_after(platform)
    show_review.looked_after(outcome)
    show.line(keep_record(platform))
    raise typer.Exit(int(bool(outcome.unread or outcome.undrawn or outcome.reminded.undelivered)))


@app.command(rich_help_panel=WEEK)
def link(
    email: Annotated[str, typer.Argument(help="Address of a person of `matria review people list`.")],
) -> None:
    """Print a link with which somebody signs in once, to be handed to her.

    It is as good as her password until then.
    """
    from flows.cli import show
    from flows.steps.review_access import link_for
    from flows.wiring import Platform

    made = link_for(Platform.load(), email)
    show.line(made.url)
    show.line(f"It works once, for {made.minutes} minutes, where the page runs: matria review serve")


@app.command(rich_help_panel=WEEK)
def serve(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port on 127.0.0.1; by default the one of the settings.")
    ] = None,
) -> None:
    """Serve the nurses' page until Ctrl-C; `matria up` serves it as well."""
    from flows.steps.review_access import page
    from flows.wiring import Platform
    from flows.wiring_review import review_address

    platform = Platform.load()
    chosen = platform.settings.review.port if port is None else port
    app_ = page(platform, chosen)
    here, linked = review_address(platform.settings, chosen), review_address(platform.settings)
    from matria.asgi_server import serve as run

    def say(_: object) -> None:
        typer.echo(f"The nurses' page is at {here}. Stop: Ctrl-C")
        if linked != here:
            typer.echo(f"Links that are sent lead to {linked}: set MATRIA_REVIEW__PORT={chosen} for all commands.")

    run(app_, "127.0.0.1", chosen, say)  # said once the port is ours


app.command(rich_help_panel=WEEK)(simulate)
app.command(rich_help_panel=FOUND)(report)
app.command(rich_help_panel=FOUND)(agreement)
app.command(rich_help_panel=FOUND)(trust)
app.command(rich_help_panel=FOUND)(propose)
app.command(rich_help_panel=FOUND)(queue)


@app.command(rich_help_panel=KEPT)
def audit(
    limit: Annotated[int, typer.Option(min=1, help="Shown at most, the newest.")] = 50,
) -> None:
    """Show who did what: codes and ids, no text and no address."""
    from flows.cli import show_review
    from flows.wiring import Platform

    show_review.audit(Platform.load().reviews.audit(limit))


@app.command(rich_help_panel=KEPT)
def erase(
    conversation: Annotated[str, typer.Argument(help="The conversation's id in the service, or its keyed hash.")],
) -> None:
    """Remove a conversation for good from all that is kept of it for review; figures keep the answers."""
    from flows.cli import show
    from flows.steps.transcripts import erase_conversation
    from flows.wiring import Platform
    from matria.errors import InputError

    gone = erase_conversation(Platform.load(), conversation)
    if not any(vars(gone).values()):
        raise InputError("No conversation of that id is kept; should it come yet, it is not kept either.")
    show.line(f"{gone.exchanges} exchanges are gone, and the texts of {gone.items} items that nurses had.")
    show.line(f"With them went {gone.traces} traces in MLflow, and the text on {gone.pages} reports.")
    if gone.cases:
        show.line(
            f"It taught {', '.join(gone.cases)}: take them out of evals/suites/nurses, or off their branch, by hand."
        )
    show.line("Not reached: backups, and what git keeps of cases (docs/reference/transcripts.md).")

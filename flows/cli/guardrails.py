"""`matria guardrails …`: what judges texts, and the blocklists at the service."""

from typing import Annotated

import typer

ROWS_SHOWN = 200
app = typer.Typer(help="Show what judges texts, and keep the service's blocklists.", no_args_is_help=True)


@app.command(name="show")
def show_rails() -> None:
    """Each rail, in the order in which it is asked, and whether it answers; a paid one counts a record or two."""
    from flows.cli import show
    from flows.steps.guardrails import examine_rails
    from flows.wiring import Platform

    raise typer.Exit(show.examined(examine_rails(Platform.load())))


@app.command()
def sync(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference and change nothing.")] = False,
    prune: Annotated[
        bool,
        typer.Option("--prune", help="Delete lists at the service whose name begins with matria- and has no file."),
    ] = False,
) -> None:
    """Bring the blocklists of guardrails/terms/blocklists to Azure AI Content Safety."""
    from flows.cli import show
    from flows.steps.guardrails import planned_sync, sync_blocklists
    from flows.wiring import Platform
    from guardrails.content_safety.syncing import APPLIES_AFTER_MIN

    platform = Platform.load()
    steps = planned_sync(platform, prune=prune)
    if not steps:
        show.line("The service has the blocklists as the files have them.")
        return
    rows = [(step.blocklist, step.change, text) for step in steps for text in step.texts or step.descriptions or ("",)]
    show.out.print(show.table("", ["blocklist", "change", "item"], rows[:ROWS_SHOWN]))
    if len(rows) > ROWS_SHOWN:
        show.line(f"… and {len(rows) - ROWS_SHOWN:,} more")
    if dry_run:
        show.line(f"{len(steps)} calls would bring the service up to date; nothing was changed.")
        return
    sync_blocklists(
        platform, steps, lambda step: show.line(f"{step.blocklist}: {step.change} {step.size or ''}".rstrip())
    )
    show.line(f"Done. The service judges by an edit after about {APPLIES_AFTER_MIN} minutes.")

"""`matria handovers`: conversations that wait for a person, and closing one that somebody took care of."""

from typing import Annotated

import typer

app = typer.Typer(help="Conversations that a person must look at.", no_args_is_help=True)


@app.command(name="list")
def waiting() -> None:
    """Show the conversations that wait, oldest first, and which of them nobody was told of."""
    from flows.cli import show
    from flows.wiring import Platform

    handovers = Platform.load().handovers.waiting()
    if not handovers:
        typer.echo("No conversation waits for a person.")
        return
    rows = [
        (
            one.handover_id,
            one.reason.replace("_", " "),
            one.persona,
            one.locale,
            f"{one.opened_at:%Y-%m-%d %H:%M} UTC",
            "yes" if one.told_at else "nobody",
        )
        for one in handovers
    ]
    show.out.print(show.table("", ["handover", "why", "persona", "locale", "since", "told"], rows))
    typer.echo("\nWhen a person has answered her: matria handovers close HANDOVER --by NAME")


@app.command()
def find(
    conversation: Annotated[str, typer.Argument(help="The conversation's id in the service that holds it.")],
) -> None:
    """Say by which name a conversation of the service stands in notices, and what of it waits."""
    from flows.wiring import Platform
    from models.assistant.meter import CONVERSATION_DOMAIN

    platform = Platform.load()
    pseudonym = platform.hash_key.pseudonym(CONVERSATION_DOMAIN, conversation)
    typer.echo(f"In notices and in the ledger: {pseudonym[:12]}")
    for one in platform.handovers.waiting():
        if one.conversation_id == pseudonym:
            typer.echo(f"waits: {one.handover_id}, since {one.opened_at:%Y-%m-%d %H:%M} UTC")


@app.command()
def close(
    handover: Annotated[str, typer.Argument(help="As `matria handovers list` shows it.")],
    by: Annotated[str, typer.Option(help="Who took care of it.")],
) -> None:
    """Close one that a person took care of."""
    from datetime import UTC, datetime

    from flows.wiring import Platform
    from matria.errors import InputError

    try:
        Platform.load().handovers.close(handover, by, datetime.now(UTC))
    except KeyError:
        raise InputError(f"No open handover is called {handover!r}: see `matria handovers list`.") from None
    typer.echo(f"{handover} is closed.")


@app.command()
def tell() -> None:
    """Tell people once more of those that nobody heard of."""
    from flows.wiring import Platform

    told = Platform.load().desk.tell_waiting()
    typer.echo(f"{told} told.")

"""`matria notices …`: what people were told, what nobody has heard of, and sending it again."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from matria.notify.base import Delivery

app = typer.Typer(help="What people are told, on which channel, and what nobody has heard of.", no_args_is_help=True)


@app.command(name="list")
def listed(
    every: Annotated[bool, typer.Option("--all", help="Those that were delivered as well.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Shown at most, the newest.")] = 50,
) -> None:
    """Show the notices that are undelivered or not sent yet, channel by channel, and why."""
    from flows.cli import show
    from flows.wiring import Platform

    outbox = Platform.load().outbox
    found = list(outbox.deliveries(limit)) if every else list(outbox.open())[-limit:]
    if not found:
        was_any = not every and outbox.deliveries(1)
        show.line("Everything was delivered." if was_any else "No notice was ever put.")
        return
    show.records(
        ["notice", "channel", "state", "tries", "put", "what, and why not"],
        [(o.key, o.channel, o.state, o.attempts, f"{o.put_at:%Y-%m-%d %H:%M} UTC", _what(o)) for o in found],
    )
    if any(one.is_undelivered for one in found):
        show.line("\nWhen the channel is mended: matria notices retry")


@app.command()
def retry(
    notice: Annotated[
        str | None, typer.Argument(help="As `matria notices list` shows it; all if none is named.")
    ] = None,
) -> None:
    """Send what is undelivered now, on the channels that there are now; exit status 1 where some still is."""
    from datetime import UTC, datetime

    from flows.cli import show
    from flows.steps.notices import tell_people
    from flows.wiring import Platform
    from matria.errors import InputError

    platform = Platform.load()
    retried = platform.outbox.retry(notice, datetime.now(UTC))
    if not retried.due and notice:
        raise InputError(f"No undelivered notice is called {notice!r}: see `matria notices list`.")
    told = tell_people(platform, patience_s=0)
    if retried.gone:
        show.line(f"{retried.sentence} Sent again on those there are: {', '.join(sorted(platform.channels))}.")
    show.line(f"{told.title}.")
    raise typer.Exit(int(bool(told.undelivered)))


@app.command()
def drop(
    notice: Annotated[str, typer.Argument(help="As `matria notices list` shows it.")],
) -> None:
    """Let a notice be that need not be told any more."""
    from flows.cli import show
    from flows.wiring import Platform
    from matria.errors import InputError

    dropped = Platform.load().outbox.drop(notice)
    if not dropped:
        raise InputError(f"No undelivered notice is called {notice!r}: see `matria notices list`.")
    show.line(f"{notice} is not sent any more ({dropped} channels).")


def _what(delivery: "Delivery") -> str:
    return f"{delivery.notice.subject} ({delivery.why})" if delivery.why else delivery.notice.subject

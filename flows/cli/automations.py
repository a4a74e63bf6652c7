"""`matria automations …`: what the Prefect server does by itself, as `automations.yaml` declares it."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from flows.automations.server import Change

app = typer.Typer(help="What the Prefect server does by itself when something happens.", no_args_is_help=True)


@app.command(name="list")
def declared_ones() -> None:
    """Show what automations.yaml declares; needs no server."""
    from flows.automations.declared import declared
    from flows.cli import show
    from matria.settings import load_settings

    for entry in declared(load_settings().root / "automations.yaml"):
        show.line(f"{entry['name']}\n  {entry.get('description', '')}")


@app.command()
def diff() -> None:
    """Show what `apply` would do; exit status 1 where there is something to do."""
    from flows.automations.server import changes

    found = changes(*_server())
    _say(found, done=False)
    raise typer.Exit(int(any(change.what != "keep" for change in found)))


@app.command()
def apply() -> None:
    """Bring automations.yaml to the server of PREFECT_API_URL, else of `matria up`; a second time changes nothing."""
    from flows.automations.server import apply as bring

    _say(bring(*_server()), done=True)


def _server() -> "tuple[str, Path]":
    """The server's address, and the file."""
    import os

    from flows.up import running_api_url
    from matria.errors import SettingsError
    from matria.settings import load_settings

    settings = load_settings()
    url = os.environ.get("PREFECT_API_URL") or running_api_url(settings)
    if not url:
        raise SettingsError(
            "There is no Prefect server to bring automations to: start `matria up`, or set PREFECT_API_URL to the API "
            "of one, such as http://127.0.0.1:4200/api."
        )
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    return url, settings.root / "automations.yaml"


def _say(found: "list[Change]", *, done: bool) -> None:
    from flows.cli import show

    words = {"create": "created", "update": "updated", "remove": "removed", "keep": "as declared"}
    plans = {"create": "to create", "update": "to update", "remove": "to remove", "keep": "as declared"}
    for change in found:
        which = f" ({', '.join(change.differs)})" if change.differs else ""
        show.line(f"{(words if done else plans)[change.what]}: {change.name}{which}")

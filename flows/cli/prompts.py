"""`matria prompt …`: what a prompt engineer asks of the library."""

from typing import Annotated

import typer

app = typer.Typer(help="List, lint, render, diff and publish prompts.", no_args_is_help=True)

Reference = Annotated[str, typer.Argument(help="Prompt and locale, such as gestante/triagem.pt-BR.")]
Base = Annotated[str | None, typer.Option("--against", help="Git revision to hold the library against.")]


@app.command(name="list")
def list_prompts() -> None:
    """Every prompt with its locale, version and hash."""
    from flows.cli import show
    from flows.wiring import Platform

    show.prompts(Platform.load().library)


@app.command()
def lint(
    against: Base = None,
    fix: Annotated[bool, typer.Option("--fix", help="Raise the version of each prompt that changed.")] = False,
) -> None:
    """Check every prompt of the library, and every note."""
    from flows.cli import show
    from flows.steps.prompts import lint_prompts, raise_versions
    from flows.wiring import Platform

    if fix:
        show.raised(raise_versions(Platform.load(), against or "HEAD"))
    raise typer.Exit(show.findings(lint_prompts(Platform.load(), against)))


@app.command()
def render(
    reference: Reference,
    var: Annotated[list[str] | None, typer.Option(help="name=value; the sample fills the rest.")] = None,
) -> None:
    """Print the messages that the model would receive."""
    from flows.cli import show
    from flows.steps.prompts import render_sample
    from flows.wiring import Platform

    show.rendered(render_sample(Platform.load(), reference, var or []))


@app.command()
def diff(reference: Reference, against: Annotated[str, typer.Option(help="Git revision.")] = "HEAD") -> None:
    """Show word by word what changed in a prompt."""
    from flows.cli import show
    from flows.steps.prompts import diff_prompt
    from flows.wiring import Platform

    show.difference(diff_prompt(Platform.load(), reference, against))


@app.command()
def publish(
    only: Annotated[list[str] | None, typer.Option(help="Prompt and locale; by default all.")] = None,
) -> None:
    """Publish prompts to MLflow; unchanged ones add nothing."""
    from flows.cli import show
    from flows.steps.prompts import publish_prompts
    from flows.wiring import Platform

    show.published(publish_prompts(Platform.load(), tuple(only or ())))

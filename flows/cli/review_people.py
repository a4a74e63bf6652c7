"""`matria review people …`: who reads, who decides, who only sees figures, and who is away."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from evals.review.base import Reviewer

app = typer.Typer(help="Who reads, who decides, and who is away.", invoke_without_command=True)

_ID = typer.Argument(help="Id or address, as `matria review people list` shows it.")
_ROLE = "nurse, lead (decides disputes as well) or viewer (figures alone)."
_LANGUAGE = "Of conversations that she reads: pt-BR, pt-PT, en; may be given again, the page's first."
_FIRST, _LAST = "First day, such as 2026-12-01.", "Last day, included."
DAY = "%Y-%m-%d"


@app.callback()
def people(context: typer.Context) -> None:
    """Without a command: the list."""
    if context.invoked_subcommand is None:
        listed()


@app.command(name="list")
def listed() -> None:
    """Show everybody, with addresses."""
    from flows.cli import show_review
    from flows.wiring import Platform

    show_review.people(Platform.load().reviews.reviewers())


@app.command()
def add(
    name: Annotated[str, typer.Option(help="As colleagues know her.")],
    email: Annotated[str, typer.Option(help="To which links and reminders go; one person's own.")],
    role: Annotated[str, typer.Option(help=_ROLE)] = "nurse",
    language: Annotated[list[str] | None, typer.Option(help=f"{_LANGUAGE} Default: pt-BR.")] = None,
) -> None:
    """Let somebody sign in."""
    from flows.cli import show
    from flows.steps.review_access import add_person
    from flows.wiring import Platform

    made = add_person(Platform.load(), name, email, role, language or ["pt-BR"])
    show.line(f"{made.reviewer_id}: {made.role}, reads {', '.join(made.languages)}")


@app.command()
def change(
    reviewer: Annotated[str, _ID],
    name: Annotated[str | None, typer.Option(help="As colleagues know her.")] = None,
    email: Annotated[str | None, typer.Option(help="Another address; she signs in anew.")] = None,
    role: Annotated[str | None, typer.Option(help=_ROLE)] = None,
    language: Annotated[list[str] | None, typer.Option(help=f"{_LANGUAGE} Instead of those before.")] = None,
) -> None:
    """Change somebody's name, address, role or languages; her id and what she has said stay."""
    from flows.cli import show
    from flows.steps.review_access import change_person
    from flows.wiring import Platform

    made = change_person(Platform.load(), reviewer, name, email, role, language or ())
    show.line(f"{made.reviewer_id}: {made.role}, reads {', '.join(made.languages)}")


@app.command()
def absent(
    reviewer: Annotated[str, _ID],
    first: Annotated[datetime, typer.Option("--from", formats=[DAY], help=_FIRST)],
    last: Annotated[datetime, typer.Option("--until", formats=[DAY], help=_LAST)],
) -> None:
    """Say on which days she reads nothing; what she has open then passes to others within the hour."""
    from flows.cli import show
    from flows.steps.review_access import put_absence
    from flows.wiring import Platform

    changed = put_absence(Platform.load(), reviewer, first.date(), last.date())
    show.line(_away(changed))


@app.command()
def present(
    reviewer: Annotated[str, _ID],
    first: Annotated[datetime, typer.Option("--from", formats=[DAY], help=_FIRST)],
    last: Annotated[datetime, typer.Option("--until", formats=[DAY], help=_LAST)],
) -> None:
    """Say that she reads on those days after all; what has passed to others stays with them."""
    from flows.cli import show
    from flows.steps.review_access import put_presence
    from flows.wiring import Platform

    show.line(_away(put_presence(Platform.load(), reviewer, first.date(), last.date())))


@app.command()
def remove(reviewer: Annotated[str, _ID]) -> None:
    """End somebody's access; what she has said stays, and what she has open passes to others."""
    from flows.cli import show
    from flows.steps.review_access import set_active
    from flows.wiring import Platform

    show.line(f"{set_active(Platform.load(), reviewer, False).reviewer_id} can no longer sign in.")


@app.command()
def restore(reviewer: Annotated[str, _ID]) -> None:
    """Give somebody access again who was removed."""
    from flows.cli import show
    from flows.steps.review_access import set_active
    from flows.wiring import Platform

    show.line(f"{set_active(Platform.load(), reviewer, True).reviewer_id} can sign in again.")


def _away(of: "Reviewer") -> str:
    spans = ", ".join(f"from {one.first} until {one.last}" for one in of.absences)
    return f"{of.reviewer_id} is away {spans}" if spans else f"{of.reviewer_id} is not away"

"""`matria post`: the verdict, or how far it is, on the pull request that the pipeline runs for."""

import enum
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from flows.steps.post import Posting
    from flows.wiring import Platform


class Forge(enum.StrEnum):
    """Where pull requests lie."""

    GITHUB = "github"
    AZURE_DEVOPS = "azure-devops"


def post(
    forge: Annotated[
        Forge | None, typer.Option(help="Where the pull request lies; by default that of the pipeline.")
    ] = None,
    run: Annotated[
        Path | None, typer.Option(help="Folder of an evaluation: its comment, its verdict as status.")
    ] = None,
    started: Annotated[bool, typer.Option("--started", help="Say that an evaluation begins.")] = False,
    running: Annotated[str | None, typer.Option(help="How far an evaluation is, such as 12/240.")] = None,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Say that the evaluation ended without a verdict.")
    ] = False,
) -> None:
    """Write an evaluation's comment, status and job summary.

    Exit status: 0 posted, or not permitted to a fork by rule; 19 where the forge did not take it. The verdict's own
    status is that of `matria eval`.
    """
    import os

    from flows.cli import show
    from flows.steps.post import post as post_it
    from flows.wiring import Platform
    from flows.wiring_record import pull_request
    from matria.forge.summary import upload_command, write_summary

    platform = Platform.load()
    posting = _posting(platform, run, running, started, unfinished)
    if posting.summary:
        write_summary(os.environ, posting.summary)
    if run is not None and (upload := upload_command(os.environ, _summary(run))):
        show.line(upload)
    posted = post_it(pull_request(platform.settings, _kind(forge), os.environ), posting)
    for note in posted.notes:
        write_summary(os.environ, f"> {note}")
        show.line(note)
    if posted.errors:
        write_summary(os.environ, f"> {posted.errors[0]}")
        raise posted.errors[0]
    if posted.address:
        show.line(f"posted: {posted.address}")


def _summary(run: Path) -> Path:
    """The longer text for a page beside the log; the comment where an evaluation wrote none."""
    from evals.outputs import COMMENT, SUMMARY

    return run / SUMMARY if (run / SUMMARY).exists() else run / COMMENT


def _kind(forge: Forge | None) -> Literal["github", "azure_devops"] | None:
    if forge is None:
        return None
    return "github" if forge is Forge.GITHUB else "azure_devops"


def _posting(platform: "Platform", run: Path | None, running: str | None, started: bool, unfinished: bool) -> "Posting":
    from flows.steps import post as steps

    locale = platform.settings.locale
    if (run is not None) + (running is not None) + started + unfinished != 1:
        raise typer.BadParameter("name one of --run, --started, --running, --unfinished.")
    if run is not None:
        return steps.posting_of_run(run, locale)
    if started:
        return steps.started(locale)
    if running is None:
        return steps.unfinished(locale)
    figures = re.fullmatch(r"(\d{1,9})/(\d{1,9})", running)
    if figures is None:
        raise typer.BadParameter(f"--running '{running}' is not of the form 12/240.")
    return steps.running(int(figures[1]), int(figures[2]), locale)

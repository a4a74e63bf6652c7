"""`matria review queue`: answers of a finished evaluation on which its verdict rests, put before nurses."""

from pathlib import Path
from typing import Annotated

import typer


def queue(
    run: Annotated[Path, typer.Option(help="Folder of the evaluation's reports, with verdict.json and results.jsonl.")],
) -> None:
    """Queue the answers that nurses should read before an evaluation can be decided; they read them blind."""
    from flows.cli import show
    from flows.steps.evaluation_trust import queue_run
    from flows.wiring import Platform

    platform = Platform.load()
    found = queue_run(platform, run)
    if not found.waiting and found.total:
        show.line(f"The nurses' queue is full. Answers that follow once some of it is read: {found.total}.")
        show.line("Run this again then.")
        return
    if not found.waiting:
        show.line("Nothing waits: the verdict rests on no judge that nurses have not confirmed, or all was read.")
        return
    show.line(f"Answers that wait for nurses: {found.waiting}, {found.new} of them new.")
    show.line("They are given out by `matria run review-due`.")
    if not any(one.is_active and one.role != "viewer" for one in platform.reviews.reviewers()):
        show.line("Nobody is there to read them: `matria review people add`. To put them into the queue that nurses")
        show.line("elsewhere read, set MATRIA_REVIEW__STORE and MATRIA_REVIEW__URL to theirs and run this again.")
    if found.total > found.waiting:
        show.line(f"{found.total - found.waiting} more follow once these are read: run this again then.")

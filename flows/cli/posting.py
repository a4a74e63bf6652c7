"""`matria eval --post`: the pull request is told how far the evaluation is, and then its verdict.

What cannot be posted is said on the terminal and changes no verdict.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evals.progress import ProgressState
    from flows.steps.evaluation import EvaluationOutcome
    from flows.steps.post import Poster
    from flows.wiring import Platform


@contextlib.contextmanager
def poster_of(platform: "Platform", is_wanted: bool) -> "Iterator[Poster | None]":
    """Who posts to the pull request of the pipeline; None where nobody is to. Raises `SettingsError` outside of one."""
    if not is_wanted:
        yield None
        return
    from flows.steps.post import Poster
    from flows.wiring_record import pull_request

    settings = platform.settings
    with Poster(pull_request(settings, None, os.environ), settings.locale, settings.forge.update_every_s) as poster:
        yield poster


def told(shown: "Callable[[ProgressState], object]", poster: "Poster | None") -> "Callable[[ProgressState], object]":
    """Progress for the terminal, and for the pull request where there is one."""
    if poster is None:
        return shown

    def both(state: "ProgressState") -> None:
        shown(state)
        poster.progress(state.done, state.total)

    return both


def finish(platform: "Platform", poster: "Poster | None", outcome: "EvaluationOutcome") -> None:
    """The verdict on the pull request, and what stood in the way of it on the terminal."""
    if poster is None:
        return
    from flows.cli import show
    from flows.steps.post import posting_of_run

    posted = poster.finish(posting_of_run(outcome.report.folder, platform.settings.locale))
    for said in (*posted.notes, *(str(error) for error in posted.errors)):
        show.line(said)
    if posted.address:
        show.line(f"posted: {posted.address}")

"""What a person opens in the Prefect UI: the report as text, its table, a link to its page, progress while it runs.

Keys are stable, so that the UI keeps a history for each: `<kind>-report`, `-table`, `-link` and `-progress`.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flows.shelf import Report
from matria.settings import Settings

if TYPE_CHECKING:
    from evals.progress import ProgressState

SHOWN_CHARACTERS = 60_000
"""The UI renders longer texts slowly; the page has the whole."""
STEPS_SHOWN = 25
"""Updates of a progress artifact per run; each is a call to the server."""


def show_report(settings: Settings, report: Report, table: Sequence[Mapping[str, Any]] = ()) -> None:
    """The report's Markdown, its table where it has one, and a link to its page."""
    from prefect.artifacts import create_link_artifact, create_markdown_artifact

    address = f"{settings.serve.pages_url}{report.address}"
    path = report.folder / report.summary
    note = f"\n\n[Open the page]({address})\n"
    if path.suffix == ".md":
        text = path.read_text(encoding="utf-8")[:SHOWN_CHARACTERS]
        create_markdown_artifact(text + note, key=f"{report.kind}-report", description=report.title)
    show_table(report.kind, report.title, table)
    create_link_artifact(address, link_text=report.title, key=f"{report.kind}-link", description="the report's page")


def show_table(kind: str, title: str, table: Sequence[Mapping[str, Any]]) -> None:
    """The rows as a table of the UI; nothing where there are none."""
    from prefect.artifacts import create_table_artifact

    if table:
        rows = [{key: "" if value is None else str(value) for key, value in row.items()} for row in table]
        create_table_artifact(rows, key=f"{kind}-table", description=title)


def progress_shown(kind: str, description: str) -> "Callable[[ProgressState], None]":
    """A callback that moves a progress bar in the UI."""
    from prefect.artifacts import create_progress_artifact, update_progress_artifact

    artifact_id = create_progress_artifact(0.0, key=f"{kind}-progress", description=description)
    shown = 0

    def moved(state: "ProgressState") -> None:
        nonlocal shown
        done, total = state.done, state.total
        step = done * STEPS_SHOWN // total if total else STEPS_SHOWN
        if step > shown and isinstance(artifact_id, uuid.UUID):
            shown = step
            update_progress_artifact(artifact_id, progress=100.0 * done / total if total else 100.0)

    return moved

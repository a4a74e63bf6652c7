"""`matria review report`: what nurses found in a week, and over the last twelve."""

import json
from typing import Annotated

import typer


def report(
    week: Annotated[str | None, typer.Option(help="ISO week such as 2026-W47; default: the newest due.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: figures and ids, no text.")] = False,
) -> None:
    """Make the weekly report: estimates, agreement, trust in judges, five cases to read; exit status 1 if unread."""
    from evals.review.report_data import as_data
    from flows.cli import show_review_report
    from flows.steps.review_report import report_week
    from flows.wiring import Platform

    platform = Platform.load()
    made = report_week(platform, week)
    if as_json:
        typer.echo(json.dumps(as_data(made.of), ensure_ascii=False, indent=1))
    else:
        show_review_report.report(made, platform.settings.review.locale)
    raise typer.Exit(int(made.of.state == "unread"))

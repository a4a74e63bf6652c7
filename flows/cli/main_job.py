"""`matria demo`, `matria doctor` and `matria run`: everything at once, what is off, one flow."""

from typing import Annotated

import typer


def demo(
    patients: Annotated[int, typer.Option(min=800, help="Size of the synthetic service.")] = 3000,
    seed: Annotated[int, typer.Option(help="Same seed, same events.")] = 7,
) -> None:
    """Run everything once, from events to a model and a verdict."""
    from flows.cli import show
    from flows.demo import run_demo
    from flows.wiring import Platform

    platform = Platform.load()
    with show.steps() as said:
        summary = run_demo(platform, patients, seed, said)
    show.demo_summary(summary)


def doctor() -> None:
    """Ask each adapter for a sign of life; say what is off."""
    from flows.cli import show
    from flows.steps.doctor import examine
    from flows.wiring import Platform

    raise typer.Exit(show.examined(examine(Platform.load())))


def run(
    flow: Annotated[
        str,
        typer.Argument(
            help="ingest, publish-features, retrain, evaluate-prompts, watch-costs, watch-handovers, tell-people, "
            "review-batch, review-due or review-report."
        ),
    ],
    param: Annotated[list[str] | None, typer.Option("--param", "-p", help="name=value; value as JSON or text.")] = None,
) -> None:
    """Run one flow now.

    On the server of `matria up` where it is up, else on a Prefect of its own.
    """
    from flows.cli import show
    from flows.run import run_flow
    from matria.settings import load_settings

    ended = run_flow(load_settings(), flow, param or [])
    show.line(ended.line)
    raise typer.Exit(ended.exit_code)

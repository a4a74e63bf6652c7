"""`matria review simulate`: a week of conversations with the simulator, to try a nurses' week without a patient."""

from typing import Annotated

import typer


def simulate(
    week: Annotated[str | None, typer.Option(help="ISO week such as 2026-W46; by default the last one.")] = None,
    conversations: Annotated[int, typer.Option(min=1, help="How many.")] = 60,
    seed: Annotated[int, typer.Option(help="Same seed, same questions at the same times.")] = 7,
) -> None:
    """Keep a week of simulated conversations; they are never drawn where there are real ones."""
    from datetime import UTC, datetime

    from evals.review.weeks import week_before, week_of
    from flows.cli import show
    from flows.steps.simulated_week import simulate_week
    from flows.wiring import Platform
    from matria.errors import InputError

    platform = Platform.load()
    try:
        of = week_of(week, platform.review_zone) if week else week_before(datetime.now(UTC), platform.review_zone)
    except ValueError as error:
        raise InputError(str(error)) from error
    made = simulate_week(platform, of.since, of.until, conversations, seed)
    show.line(f"{made.conversations} conversations with {made.exchanges} messages in {of.batch_id}, all simulated")

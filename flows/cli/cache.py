"""`matria cache …`: the replies that evaluations keep, so that nothing is asked and paid for twice."""

from typing import Annotated

import typer

app = typer.Typer(help="Show and prune the replies that evaluations keep.", no_args_is_help=True)


@app.command(name="show")
def show_cache() -> None:
    """Replies, size and age, by endpoint, model and snapshot."""
    from flows.cli import show
    from flows.steps.cache import cache_stock
    from flows.wiring import Platform

    stock = cache_stock(Platform.load())
    rows = [
        (s.address, s.model, s.snapshot, s.entries, f"{s.size_bytes / 1e6:.1f}", f"{s.oldest:%Y-%m-%d}") for s in stock
    ]
    if rows:
        show.out.print(show.table("", ["endpoint", "model", "snapshot", "replies", "MB", "oldest"], rows))
    entries, size = sum(s.entries for s in stock), sum(s.size_bytes for s in stock)
    show.line(f"{entries:,} replies, {size / 1e6:.1f} MB.")


@app.command()
def prune(
    older_than: Annotated[str | None, typer.Option(help="Replies older than this go, such as 30d or 12h.")] = None,
    model: Annotated[str | None, typer.Option(help="Replies of this model or snapshot go.")] = None,
    max_size: Annotated[str | None, typer.Option(help="The oldest go until this is left, such as 1GB.")] = None,
) -> None:
    """Let replies go; with --older-than and --model, those that are both."""
    from flows.cli import show
    from flows.steps.cache import PruneRequest, prune_cache
    from flows.wiring import Platform

    gone = prune_cache(Platform.load(), PruneRequest(older_than, model, max_size))
    show.line(f"{gone:,} replies went.")

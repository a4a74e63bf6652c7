"""`matria review propose`: what nurses taught, as a branch ready for a pull request."""

from typing import Annotated

import typer


def propose(
    week: Annotated[
        list[str] | None, typer.Option(help="ISO week such as 2026-W47; may be given again. Default: the last twelve.")
    ] = None,
    branch: Annotated[str | None, typer.Option(help="Name of the branch; by default review/WEEK.")] = None,
    base: Annotated[str, typer.Option(help="Git revision that the branch starts from.")] = "HEAD",
) -> None:
    """Write the cases that nurses flagged, and the judges' trust, to a branch; the checkout stays as it is."""
    from flows.cli import show
    from flows.steps.propose import propose as step
    from flows.wiring import Platform

    found = step(Platform.load(), tuple(week or ()), branch, base)
    for one in found.refused:
        show.line(f"not proposed ({one.item_id[:8]}): {one.why}")
    for sentence in found.waiting:
        show.line(sentence)
    if not found.branch:
        show.line(f"Nothing new to propose of {' to '.join(dict.fromkeys((found.weeks[0], found.weeks[-1])))}.")
        return
    trust = " and the judges' trust" if found.has_trust else ""
    show.line(f"{len(found.cases)} cases{trust} on branch {found.branch} ({found.commit[:12]})")
    text = f"; text for the pull request: {show.path(found.body)}" if found.body else ""
    show.line(f"next: git push -u origin {found.branch}{text}")

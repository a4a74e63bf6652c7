"""What an author of cases asks of the checkout's suites: its findings."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evals.suitefile import Finding
    from flows.wiring import Platform


def lint_checkout(platform: "Platform") -> "list[Finding]":
    """Findings on the suites beside the library, the policy and the judges of the settings, as of today."""
    from evals.judges.params import JUDGES
    from evals.lint import Surroundings, lint_suites

    settings = platform.settings
    around = Surroundings(
        library=platform.library,
        policy=platform.policy,
        today=datetime.now(UTC).date(),
        country=settings.country,
        judges=() if settings.judge.kind == "simulator" else tuple(JUDGES),
    )
    return lint_suites(settings.root / "evals" / "suites", around)

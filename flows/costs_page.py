"""The page of what a message costs: what happened in one sentence, two days hour by hour, what it comes from."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.steps.costs import CostReport
    from matria.costs.causes.base import Cause
    from matria.costs.hourly import Hourly
    from matria.costs.watching.base import Finding
    from matria.messages import Locale


def page(
    figures: "CostReport",
    chart: "Hourly",
    findings: "Sequence[Finding]" = (),
    cause: "Cause | None" = None,
    locale: "Locale" = "en",
) -> str:
    """The HTML, which needs nothing else and runs no script."""
    return ""


def markdown(
    figures: "CostReport",
    chart: "Hourly",
    findings: "Sequence[Finding]" = (),
    cause: "Cause | None" = None,
    locale: "Locale" = "en",
) -> str:
    """The same for places that show Markdown, without the chart."""
    return ""


def headline(
    figures: "CostReport",
    findings: "Sequence[Finding]" = (),
    cause: "Cause | None" = None,
    locale: "Locale" = "en",
) -> str:
    """What happened, in one sentence."""
    return ""

"""What `matria suite` prints."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flows.cli.show import line, out, path
from flows.cli.terminal import inert

if TYPE_CHECKING:
    from evals.suitefile import Finding

_COLOUR = {"error": "red", "warning": "yellow", "info": "cyan"}


def findings(found: "Sequence[Finding]") -> int:
    """Findings of a lint of suites, a line each; 1 where one is an error."""
    for finding in found:
        where = f"{path(finding.path)}{f', case {finding.case}' if finding.case else ''}"
        rule = f"[{_COLOUR[finding.severity]}]{inert(finding.rule)}[/]"
        out.print(f"[bold]{inert(where)}[/] {rule} {inert(finding.message)}", soft_wrap=True)
    counts = {severity: sum(one.severity == severity for one in found) for severity in _COLOUR}
    line(f"{counts['error']} errors, {counts['warning']} warnings, {counts['info']} infos")
    return 1 if counts["error"] else 0

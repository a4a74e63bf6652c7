"""What reports are made from, apart from the rows: scores, verdict, changes, and what only the caller knows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evals.gate import Verdict
from evals.report.forecast import Traffic
from evals.summary import Summary

if TYPE_CHECKING:
    from evals.standing import Standings
    from evals.twins import TwinViolation

_ADDRESS = re.compile(r"https?://[A-Za-z0-9./:?&=_~%+#@-]+")


@dataclass(frozen=True)
class ReportInputs:
    """What reports are made from, apart from the rows."""

    title: str
    """Heading where there is no verdict."""
    scores: Mapping[str, Summary]
    """Of the head, by prompt."""
    head: Summary
    """Of the head, over all prompts."""
    base: Summary | None = None
    verdict: Verdict | None = None
    """None where one version was scored and nothing compared."""
    changes_markdown: str = ""
    """Word diff of the prompts, already safe: `prompts.diff_markdown`."""
    command: str = "matria eval"
    """Reproduces the evaluation."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What it was made with: model, suites, git commits, policy; shown as they are."""
    report_address: str = ""
    """Where the HTML report lies; empty where nobody can open it."""
    graders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Who graded, by axis: `check:escalation`, `judge:rubric`; reports read it from the rows where it is empty."""
    trust: Mapping[str, str] = field(default_factory=dict)
    """By judge (`rubric`): how well it agrees with nurses, in words. A judge that is not here was never measured."""
    twins: "Sequence[TwinViolation]" = ()
    """Twins that disagree, of both sides."""
    base_scores: Mapping[str, Summary] = field(default_factory=dict)
    """Of the base, by prompt."""
    standings: "Standings | None" = None
    """How far judges may decide, where there is no verdict that says it."""
    traffic: Traffic | None = None
    """None where nobody wrote, or nobody knows; then there is no sum a month, rather than one of 0."""

    @property
    def judges(self) -> "Standings | None":
        """How far judges may decide; None where rules graded everything, or nobody looked."""
        return (self.verdict.standings if self.verdict else None) or self.standings

    @property
    def link(self) -> str:
        """The address of the report where it is one that a link may lead to, else empty."""
        return self.report_address if _ADDRESS.fullmatch(self.report_address) else ""

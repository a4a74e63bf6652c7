"""What the pages of outcomes show: what last week's readings changed, and the figures of a week.

Whoever reckons fills these; a page shows them, or says that there is nothing yet. Texts that differ by language come in
all three.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from evals.gate import State as Verdict
from evals.judges.trust import Trust, TrustState
from matria.messages import Locale

ByLocale = Mapping[Locale, str]


@dataclass(frozen=True)
class ProposedCase:
    """A reading that became a case of a suite."""

    case: str
    """Id, such as `bleeding-w47.pt-BR`; it says nothing of a person."""
    suite: str
    state: Literal["proposed", "accepted", "declined"] = "proposed"
    address: str = ""
    """Of the pull request; empty where there is none yet."""


@dataclass(frozen=True)
class TrustChange:
    """A judge whose standing is another than a week ago."""

    judge: str
    """As people call it, such as `judge:rubric`."""
    criterion: str
    before: TrustState
    after: Trust


@dataclass(frozen=True)
class GateChange:
    """A pull request that was decided otherwise because of what nurses said."""

    title: str
    """Names the change, such as `gestante/triagem 1.4.0`."""
    before: Verdict
    after: Verdict
    address: str = ""


@dataclass(frozen=True)
class Figure:
    """One figure, written out as it is shown."""

    label: ByLocale
    value: ByLocale
    interval: ByLocale | None = None
    """None where none could be given."""
    over: ByLocale | None = None
    """What it was reckoned from, such as "20 of 312 conversations"."""


@dataclass(frozen=True)
class Changes:
    """What came of one week's readings."""

    week: str
    """Batch id, such as `2026-W47`."""
    golden: tuple[ProposedCase, ...] = ()
    judges: tuple[TrustChange, ...] = ()
    gates: tuple[GateChange, ...] = ()
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class WeekFigures:
    """The estimates of one week."""

    week: str
    rows: tuple[Figure, ...]
    is_simulated: bool = False


class Outcomes(Protocol):
    """Where outcomes come from. Asked for each page, so cheap; nothing yet is None, never an empty record."""

    def changes(self) -> Changes | None:
        """Of the last week that was settled."""

    def figures(self) -> WeekFigures | None:
        """Of the last week that was settled."""


class NothingYet:
    """No week was settled."""

    def changes(self) -> Changes | None:
        """None."""
        return None

    def figures(self) -> WeekFigures | None:
        """None."""
        return None

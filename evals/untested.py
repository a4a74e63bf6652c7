"""What of a change nobody could ask, and what that does to its verdict.

A change that touches no prompt passes and costs nothing. A prompt that no suite asks, one that is new or was removed,
and a yardstick from which something was taken never pass by themselves: a change that nobody tested is not one that is
fine, so a person has to look.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from evals.comparison import Comparison
from evals.gate import Reason, Verdict

_NAMED = 5
"""Of each kind named one by one; the others are counted."""


@dataclass(frozen=True)
class Gaps:
    """What the comparison does not cover."""

    untested: Sequence[str] = ()
    """Touched prompts of which no case was asked."""
    new: Sequence[str] = ()
    """Prompts that the base has not, so that there is nothing to hold them against."""
    removed: Sequence[str] = ()
    """Prompts that the head has not."""
    lost_suites: Sequence[str] = ()
    lost_never_events: Sequence[str] = ()
    """As `suite/case/criterion`."""
    lost_cases: Sequence[str] = ()
    """As `suite/case`; told and no more, since a case may be replaced by a better one."""
    left_out: Sequence[str] = ()
    """Touched prompts that names or tags left out of this evaluation."""
    unreadable: str = ""
    """Why what answered the base cannot be read by this version."""
    snapshots: tuple[str, str] | None = None
    """Of base and head, where two versions of the model answered."""

    def doubts(self) -> Iterator[Reason]:
        """Those that undo a pass."""
        for code in ("untested", "new", "removed", "lost_suites", "lost_never_events"):
            names: Sequence[str] = getattr(self, code)
            if names:
                yield Reason(f"gap_{code}", (_listed(names),))
        if self.unreadable:
            yield Reason("gap_unreadable", (self.unreadable,))
        if self.snapshots:
            yield Reason("gap_snapshots", self.snapshots)

    def notes(self) -> Iterator[Reason]:
        """Those that are told and decide nothing."""
        if self.lost_cases:
            yield Reason("gap_lost_cases", (_listed(self.lost_cases),))
        if self.left_out:
            yield Reason("gap_left_out", (_listed(self.left_out),))


def nothing_asked(comparison: Comparison, against: str, gaps: Gaps = Gaps()) -> Verdict:
    """The verdict on a change of which nothing could be asked; `comparison` is the empty one."""
    doubts, notes = tuple(gaps.doubts()), tuple(gaps.notes())
    if doubts:
        return Verdict("inconclusive", doubts, notes, comparison, comparison.is_simulated)
    if gaps.left_out:
        return Verdict("inconclusive", notes, (), comparison, comparison.is_simulated)
    reason = Reason("no_prompt_touched", (against,))
    return Verdict("not_worse", (reason,), notes, comparison, comparison.is_simulated)


def with_gaps(verdict: Verdict, gaps: Gaps) -> Verdict:
    """The verdict, a pass of it undone where something that the change touches was held against nothing."""
    doubts, notes = tuple(gaps.doubts()), (*verdict.notes, *gaps.notes())
    if not doubts:
        return replace(verdict, notes=notes)
    if verdict.exit_code:
        return replace(verdict, notes=(*notes, *doubts))
    return replace(verdict, state="inconclusive", reasons=(*doubts, *verdict.reasons), notes=notes)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return f"{shown}, +{len(names) - _NAMED}" if len(names) > _NAMED else shown

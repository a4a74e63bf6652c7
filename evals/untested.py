"""Verdicts where something could not be asked: no prompt is touched, a touched one has no suite, or one was removed.

The first passes and costs nothing. The others never pass, since a change that nobody tested is not a change that is
fine.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from evals.comparison import Comparison
from evals.gate import Reason, Verdict


def nothing_asked(
    comparison: Comparison, against: str, untested: Sequence[str] = (), removed: Sequence[str] = ()
) -> Verdict:
    """The verdict on a change of which nothing could be asked; `comparison` is the empty one."""
    reasons = tuple(_reasons(untested, removed))
    if reasons:
        return Verdict("inconclusive", reasons, (), comparison, comparison.is_simulated)
    return Verdict("not_worse", (Reason("no_prompt_touched", (against,)),), (), comparison, comparison.is_simulated)


def with_untested(verdict: Verdict, untested: Sequence[str] = (), removed: Sequence[str] = ()) -> Verdict:
    """The verdict, a pass of it undone where a prompt that the change touches was asked by nobody."""
    reasons = tuple(_reasons(untested, removed))
    if not reasons or verdict.exit_code:
        return replace(verdict, notes=(*verdict.notes, *reasons))
    return replace(verdict, state="inconclusive", reasons=(*reasons, *verdict.reasons))


def _reasons(untested: Sequence[str], removed: Sequence[str]) -> Iterator[Reason]:
    if untested:
        yield Reason("untested", (", ".join(untested),))
    if removed:
        yield Reason("removed", (", ".join(removed),))

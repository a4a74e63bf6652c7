"""Verdicts where nothing could be asked: no prompt is touched, or a touched prompt has no suite.

The first passes and costs nothing. The second never passes, since a change that nobody tested is not a change that is
fine.
"""

from collections.abc import Sequence
from dataclasses import replace

from evals.comparison import Comparison
from evals.gate import Reason, Verdict


def nothing_touched(comparison: Comparison, against: str) -> Verdict:
    """The verdict on a change that touches no prompt; `comparison` is the empty one."""
    return Verdict("not_worse", (Reason("no_prompt_touched", (against,)),), (), comparison, comparison.is_simulated)


def with_untested(verdict: Verdict, prompts: Sequence[str]) -> Verdict:
    """The verdict, a pass of it undone where a prompt that the change touches is asked by no suite."""
    if not prompts:
        return verdict
    reason = Reason("untested", (", ".join(prompts),))
    if verdict.exit_code:
        return replace(verdict, notes=(*verdict.notes, reason))
    return replace(verdict, state="inconclusive", reasons=(reason, *verdict.reasons))

"""What a comparison does not cover: prompts that nobody asked, what was taken out of the yardstick, other models."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evals.engine import Evaluation
    from evals.untested import Gaps
    from flows.steps.evaluation_setup import Setup
    from flows.wiring import Platform


def gaps_of(platform: "Platform", setup: "Setup", evaluation: "Evaluation") -> "Gaps":
    """The gaps of an evaluation against a base, found in one walk over its rows."""
    from evals.changes import lost_cases, lost_never_events, lost_suites
    from evals.untested import Gaps

    base = setup.base
    if base is None:
        return Gaps()
    asked = _Asked(evaluation)
    before = base.suites
    return Gaps(
        untested=[prompt for prompt in setup.scope.prompts if prompt not in asked.head],
        new=[prompt for prompt in setup.scope.prompts if prompt in asked.head - asked.both],
        removed=setup.scope.removed,
        lost_suites=lost_suites(base.revision, setup.now),
        lost_never_events=lost_never_events(before, platform.suites) if before is not None else (),
        lost_cases=lost_cases(before, platform.suites) if before is not None else (),
        left_out=setup.scope.left_out,
        unreadable=base.unreadable,
        snapshots=asked.other_snapshots,
    )


class _Asked:
    """What was asked of whom, and which versions of the model answered."""

    def __init__(self, evaluation: "Evaluation") -> None:
        self.head: set[str] = set()
        """Prompts with an answer of the head, or an error in its place."""
        self.both: set[str] = set()
        """Those that the base was asked too."""
        self._snapshots: dict[str, set[str]] = {"base": set(), "head": set()}
        for pair in evaluation.results.pairs():
            if pair.head:
                self.head.add(pair.key[2])
            if pair.is_complete:
                self.both.add(pair.key[2])
                for side, rows in (("base", pair.base), ("head", pair.head)):
                    self._snapshots[side] |= {row.answer.model_snapshot for row in rows if row.answer}

    @property
    def other_snapshots(self) -> tuple[str, str] | None:
        """The versions of base and head, where they are not the same."""
        base, head = (self._snapshots[side] - {""} for side in ("base", "head"))
        if not base or not head or base == head:
            return None
        return ", ".join(sorted(base)), ", ".join(sorted(head))

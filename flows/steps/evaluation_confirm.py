"""Asking again what looks like a new never-event, before it blocks: the gravest first, until one is confirmed.

One confirmed never-event blocks alone, so nothing more is asked once there is one; what was left unasked blocks too, so
nothing passes for want of asking. One that is waived blocks nothing: it is not asked, and the others are. What a judge
found that may not decide comes last, and ends no asking.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from flows.steps.evaluation_setup import Setup, plan_of

if TYPE_CHECKING:
    from evals.budget import Account
    from evals.confirmation import ToConfirm
    from evals.engine import AnswerFunction, Evaluation
    from evals.flips import Flip
    from evals.grading import Graders
    from evals.progress import Progress
    from evals.store import RowStore
    from evals.trials import Plan
    from evals.trusted_rows import Deciders
    from flows.steps.evaluation_request import EvaluationRequest
    from flows.wiring import Platform


@dataclass(frozen=True)
class Again:
    """What an evaluation was made with, to ask some of it again."""

    platform: "Platform"
    request: "EvaluationRequest"
    setup: Setup
    subject: "AnswerFunction"
    graders: "Graders"
    store: "RowStore"
    account: "Account"
    progress: "Progress"

    async def confirmed(self, evaluation: "Evaluation") -> "Evaluation":
        """The evaluation, with the answers to what was asked again among its rows."""
        from flows.steps.evaluation_trust import deciders_of, has_judges

        most = self.platform.policy.count("gate.never_events_at_once")
        deciders = deciders_of(self.platform, self.setup)[0] if has_judges(evaluation) else None
        plans: list[Plan] = []
        while not self.account.reached:
            wanted = self._wanted(evaluation, deciders)
            if not wanted:
                break
            new = list(self._plans(wanted[:most]))
            for plan in new:
                evaluation = _sum(evaluation, await self._asked(plan))
            plans += new
            sides = chain.from_iterable(plan.sides() for plan in (evaluation.plan, *plans))
            evaluation = replace(evaluation, results=self.store.finish(sides))
        return evaluation

    def _wanted(self, evaluation: "Evaluation", deciders: "Deciders | None") -> "list[ToConfirm]":
        """What those found who may decide, and once that is settled what the other judges found."""
        from evals.confirmation import worth_asking
        from evals.flips import new_never_events
        from evals.trusted_rows import read_pair, trusted_pair

        pairs, policy = evaluation.results.pairs, self.platform.policy
        if deciders is None:
            return worth_asking(new_never_events(pairs(), policy), self.setup.waivers)
        by_trusted = (trusted_pair(read_pair(pair, deciders), deciders) for pair in pairs())
        found = list(new_never_events(by_trusted, policy))
        wanted = worth_asking(found, self.setup.waivers)
        if wanted or any(self._blocks(flip) for flip in found):
            return wanted
        return worth_asking(
            new_never_events((read_pair(pair, deciders) for pair in pairs()), policy), self.setup.waivers
        )

    def _blocks(self, flip: "Flip") -> bool:
        return flip.confirmation == "confirmed" and not self.setup.waivers.never_event(flip.case, flip.criterion)

    async def _asked(self, plan: "Plan") -> "Evaluation":
        from evals.engine import evaluate

        return await evaluate(plan, self.subject, self.graders, self.store, self.progress, self.account)

    def _plans(self, wanted: "Iterable[ToConfirm]") -> "Iterator[Plan]":
        """The head alone: of each suite and prompt the cases that are to be asked again."""
        cases: dict[tuple[str, str], dict[str, None]] = {}
        epochs: set[int] = set()
        for one in wanted:
            suite, case, prompt = one.key
            cases.setdefault((suite, prompt), {})[case] = None
            epochs |= set(one.epochs)
        first, last = min(epochs), max(epochs)
        for (suite, prompt), names in cases.items():
            part = replace(
                self.setup,
                base=None,
                suites=tuple(s for s in self.setup.suites if s.id == suite),
                scope=replace(self.setup.scope, prompts=(prompt,)),
            )
            again = replace(self.request, cases=tuple(names), limit=None, epochs=last - first + 1)
            yield plan_of(self.platform, again, part, self.graders, first_epoch=first)


def _sum(evaluation: "Evaluation", again: "Evaluation") -> "Evaluation":
    """The counts of both; the rows are still the first one's."""
    return replace(
        evaluation,
        asked=evaluation.asked + again.asked,
        reused=evaluation.reused + again.reused,
        unasked=evaluation.unasked + again.unasked,
        stopped_by=evaluation.stopped_by or again.stopped_by,
        cost_usd=again.cost_usd,
        withheld_usd=again.withheld_usd,
        seconds=evaluation.seconds + again.seconds,
    )

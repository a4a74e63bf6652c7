"""The judges asked of a week before it is drawn, within what evaluations may spend in a day; each call is entered."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evals.review.base import JudgeVerdict
    from flows.wiring import Platform
    from matria.transcripts.base import Transcript

JUDGES = ("rubric", "deepeval")
"""Two that grade a criterion by its text alone, each in its own way: where they differ, a nurse should look."""

log = logging.getLogger(__name__)


def judge_week(platform: "Platform", transcripts: "Sequence[Transcript]") -> "Mapping[str, tuple[JudgeVerdict, ...]]":
    """What judges say of the conversations, by conversation; nothing where none is at hand whose word means anything.

    The simulated judge reads simulated conversations alone. Where the day's cap is reached, or no judge answers, the
    week is drawn without them, and that is logged.
    """
    is_simulated = platform.settings.judge.kind == "simulator"
    read = [one for one in transcripts if one.last.is_simulated or not is_simulated]
    return asyncio.run(_judged(platform, read)) if read else {}


async def _judged(
    platform: "Platform", transcripts: "Sequence[Transcript]"
) -> "Mapping[str, tuple[JudgeVerdict, ...]]":
    from evals.budget import BudgetReached
    from evals.review.judging import judge_conversations
    from flows.steps.evaluation_budget import opened
    from flows.steps.evaluation_request import EvaluationRequest
    from flows.steps.evaluation_setup import graders_of

    request = EvaluationRequest(no_cache=True)  # a judge's reply may quote a person, whom no erasure would find there
    try:
        async with opened(platform, request) as asked:
            judges = graders_of(platform, request, asked.judge).judges
            return await judge_conversations(
                transcripts,
                {name: judges[name] for name in JUDGES},
                seed=0,
                most=len(transcripts),
                harm_from=platform.policy.count("review.harm_from"),
            )
    except BudgetReached as reached:
        log.warning("the week is drawn without its judges: %s", reached)
        return {}

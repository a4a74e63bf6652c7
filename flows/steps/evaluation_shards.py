"""An evaluation past one machine: shards ask a part each, and what they were answered lies in a shared cache.

A shard answers and judges its rows with everything that an evaluation has, and leaves no report. Whoever asked for the
shards then evaluates the whole, finds every reply in the cache, and so comes to the same bytes as one machine alone. It
asks again what errs, since errors are in no cache.
"""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.steps.evaluation_budget import opened
from flows.steps.evaluation_setup import folder_of, graders_of, plan_of, set_up
from flows.steps.evaluation_subject import subject_of
from matria.errors import SettingsError

if TYPE_CHECKING:
    from evals.progress import Progress
    from flows.steps.evaluation_request import EvaluationRequest
    from flows.wiring import Platform


@dataclass(frozen=True)
class ShardOutcome:
    """What one shard did."""

    rows: int
    asked: int
    """Answers asked for; the rest was known."""
    errors: int
    """Rows without an answer, and rows that a judge failed on."""


def run_shard(
    platform: "Platform", request: "EvaluationRequest", shard: int, shards: int, progress: "Progress"
) -> ShardOutcome:
    """Shard `shard` of `shards`, counted from 0.

    Raises `SettingsError` where replies would not reach the others, and what an evaluation raises.
    """
    require_shared_cache(platform, request)
    return asyncio.run(_run(platform, request, shard, shards, progress))


def require_shared_cache(platform: "Platform", request: "EvaluationRequest") -> None:
    """Raises `SettingsError` where there is no cache through which shards could hand over what they were answered."""
    if not request.is_cached or platform.response_cache is None:
        raise SettingsError(
            "Shards hand over their answers through the response cache: set MATRIA_CACHE__KIND to postgres (or to "
            "sqlite on one machine), and leave out fresh and no_cache."
        )


async def _run(
    platform: "Platform", request: "EvaluationRequest", shard: int, shards: int, progress: "Progress"
) -> ShardOutcome:
    from evals.engine import evaluate
    from evals.store import RowStore

    setup = set_up(platform, request)
    if setup.asks_nothing:
        return ShardOutcome(0, 0, 0)
    async with opened(platform, request) as asked:
        graders = graders_of(platform, request, asked.judge)
        plan = plan_of(platform, request, setup, graders).part(shard, shards)
        subject = subject_of(platform, request, setup, asked)
        folder = folder_of(platform, request, setup) / f"shard-{shard}-of-{shards}"
        with RowStore(folder, platform.policy.count("engine.rows_per_sync")) as store:
            evaluation = await evaluate(plan, subject, graders, store, progress, asked.account)
        errors = sum(not row.is_final for row in evaluation.rows)
        return ShardOutcome(plan.rows, evaluation.asked, errors)

"""Flow `evaluate-shard`: one part of an evaluation, on whichever worker takes it.

It is started by `evaluate-prompts` with `shards` above 1, and hands its answers over through the response cache.
"""

from typing import Annotated

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from flows.artifacts import progress_shown
from flows.retries import RETRIES, RETRY_DELAYS_S
from flows.steps.evaluation_request import EvaluationRequest
from flows.steps.evaluation_shards import run_shard
from flows.wiring import Platform


@flow(
    name="evaluate-shard",
    flow_run_name="shard {shard} of {shards}",
    retries=RETRIES,
    retry_delay_seconds=int(RETRY_DELAYS_S[0]),
)
def evaluate_shard(
    request: EvaluationRequest, shard: Annotated[int, Field(ge=0)], shards: Annotated[int, Field(ge=1, le=64)]
) -> State[None]:
    """One part of an evaluation.

    Args:
        request: what is evaluated, as `evaluate-prompts` was asked for it.
        shard: which part, from 0.
        shards: how many parts there are.
    """
    platform = Platform.load()
    progress = progress_shown(f"shard-{shard}", "cases answered and graded")
    outcome = run_shard(platform, request, shard, shards, progress)
    message = f"{outcome.rows} rows, {outcome.asked} answers asked for, {outcome.errors} rows with an error"
    get_run_logger().info(message)
    return Completed(message=message)

"""Flow `evaluate_prompts`: prompts on their clinical suites, nightly and on request.

With `against` it compares each prompt with that revision and gives a verdict. A verdict that is not a pass ends the run
in the state Blocked, Inconclusive or Error: the work was done, and a person has to look.
"""

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

from prefect import flow, get_run_logger, task
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from pydantic import Field, TypeAdapter

from flows.artifacts import progress_shown, show_report
from flows.retries import RETRIES, RETRY_DELAYS_S, may_pass_next_time
from flows.steps.evaluation import EvaluationOutcome
from flows.steps.evaluation import evaluate_prompts as evaluate
from flows.steps.evaluation_estimate import estimate_evaluation, require_approval
from flows.steps.evaluation_request import EvaluationRequest
from flows.steps.evaluation_shards import require_shared_cache
from flows.wiring import Platform

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun

PromptName = Annotated[str, Field(pattern=r"^([a-z_]+/[a-z_]+|guardrails)(\.(pt-BR|pt-PT|en))?$")]
PromptTag = Annotated[str, Field(pattern=r"^[a-z]+:[A-Za-z_-]+$")]
SHARD = "evaluate-shard/shard"
SuiteName = Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]*|healthbench:.+|.+\.jsonl)$")]


def ask_in_shards(platform: Platform, request: EvaluationRequest, shards: int) -> None:
    """Every shard on the work pool, waited for; what one could not answer is asked by this run afterwards."""
    require_shared_cache(platform, request)
    runs = asyncio.run(_shard_runs(request, shards))
    for run in runs:
        get_run_logger().info("%s: %s", run.name, run.state.message or run.state.name if run.state else "no state")


async def _shard_runs(request: EvaluationRequest, shards: int) -> "list[FlowRun]":
    from prefect.deployments import arun_deployment

    given = TypeAdapter(EvaluationRequest).dump_python(replace(request, out=None), mode="json")
    return await asyncio.gather(
        *(
            arun_deployment(SHARD, parameters={"request": given, "shard": number, "shards": shards}, poll_interval=1)
            for number in range(shards)
        )
    )


def pool_of_run() -> str:
    """A name under which shards and further attempts of this run share its cap on cost."""
    from prefect.runtime import flow_run

    return str(flow_run.id or uuid4())


def _run_name() -> str:
    """What is evaluated, against what, for the list of runs."""
    from prefect.runtime import flow_run

    given = flow_run.parameters
    against = given.get("against")
    touched = against and not given.get("is_all")
    subject = ", ".join(given.get("prompts") or ()) or ("prompts that differ" if touched else "every prompt")
    name = Path(against).name if against and Path(against).is_dir() else against
    return f"{subject} against {name}" if against else subject


@task(retries=RETRIES, retry_delay_seconds=RETRY_DELAYS_S, retry_condition_fn=may_pass_next_time, persist_result=False)
def answer_and_grade(platform: Platform, request: EvaluationRequest) -> EvaluationOutcome:
    """Every case answered and graded; a second attempt asks only for what is missing."""
    return evaluate(platform, request, progress_shown("evaluation", "cases answered and graded"))


@flow(name="evaluate-prompts", flow_run_name=_run_name)
def evaluate_prompts(
    prompts: list[PromptName] = [],  # noqa: B006  (shown in the UI; not changed)
    suites: list[SuiteName] = [],  # noqa: B006
    against: str | None = None,
    model: str | None = None,
    epochs: Annotated[int, Field(ge=1, le=20)] = 1,
    limit: Annotated[int | None, Field(ge=1)] = None,
    library: Path | None = None,
    fresh: bool = False,
    tags: list[PromptTag] = [],  # noqa: B006
    is_all: bool = False,
    judge: str | None = None,
    max_usd: Annotated[Decimal | None, Field(ge=0)] = None,
    max_minutes: Annotated[float | None, Field(ge=0)] = None,
    shards: Annotated[int, Field(ge=1, le=64)] = 1,
    approved_usd: Annotated[Decimal | None, Field(ge=0)] = None,
) -> State[EvaluationOutcome]:
    """Prompts scored on their suites, and held against a base where one is named.

    Args:
        prompts: such as gestante/triagem or gestante/triagem.pt-BR, or guardrails for the rails alone; none means
            those that differ from the base, or all.
        suites: names of suites, or healthbench:FILE; none means all.
        against: git revision or library folder of the base; none means scores and no verdict.
        model: model that answers; none means the one in the settings.
        epochs: answers for each case, 1 to 20.
        limit: cases of each suite at most; none means all.
        library: folder of prompts in place of the checkout's.
        fresh: ask again what is already known; an interrupted run of the same day goes on.
        tags: such as persona:gestante or locale:pt-BR; of one key any, of several keys all.
        is_all: evaluate prompts that do not differ from the base too.
        judge: model that judges; none means the one in the settings.
        max_usd: ask nothing that could pass this many US dollars, answers, judges and moderation; none means no cap.
        max_minutes: stop asking after this many minutes; none means no cap.
        shards: parts that workers of the pool ask at the same time, together within max_usd; 1 means this one.
        approved_usd: what it may be estimated at; none means costs.ask_above_usd of policy.yaml. With max_usd nobody
            needs to agree.
    """
    platform = Platform.load()
    request = EvaluationRequest(
        suites=tuple(suites),
        prompts=tuple(prompts),
        tags=tuple(tags),
        against=against,
        is_all=is_all,
        model=model,
        judge=judge,
        epochs=epochs,
        limit=limit,
        library=library,
        fresh=fresh,
        max_usd=max_usd,
        max_seconds=None if max_minutes is None else 60 * max_minutes,
        approved_usd=approved_usd,
        pool="" if max_usd is None else pool_of_run(),
    )
    outlook = estimate_evaluation(platform, request)
    require_approval(outlook, request)
    get_run_logger().info(outlook.sentence or "nothing is left to ask")
    if shards > 1:
        ask_in_shards(platform, request, shards)
    outcome = answer_and_grade(platform, request)
    get_run_logger().info(outcome.report.title)
    if outcome.evaluation.stopped_words:
        get_run_logger().warning(outcome.evaluation.stopped_words)
    show_report(platform.settings, outcome.report, outcome.table())
    if outcome.exit_code:
        return Failed(name=outcome.state.capitalize(), message=outcome.report.title, data=outcome)
    return Completed(message=outcome.report.title, data=outcome)

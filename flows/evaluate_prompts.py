"""Flow `evaluate_prompts`: prompts on their clinical suites, nightly and on request.

With `against` it compares each prompt with that revision and gives a verdict. A verdict that is not a pass ends the run
in the state Blocked, Inconclusive or Error: the work was done, and a person has to look.
"""

from pathlib import Path
from typing import Annotated

from prefect import flow, get_run_logger, task
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from pydantic import Field

from flows.artifacts import progress_shown, show_report
from flows.retries import RETRIES, RETRY_DELAYS_S, may_pass_next_time
from flows.steps.evaluation import EvaluationOutcome, EvaluationRequest
from flows.steps.evaluation import evaluate_prompts as evaluate
from flows.wiring import Platform

PromptName = Annotated[str, Field(pattern=r"^[a-z_]+/[a-z_]+(\.(pt-BR|pt-PT|en))?$")]
SuiteName = Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]*|healthbench:.+|.+\.jsonl)$")]


def _run_name() -> str:
    """What is evaluated, against what, for the list of runs."""
    from prefect.runtime import flow_run

    given = flow_run.parameters
    subject = ", ".join(given.get("prompts") or ()) or "every prompt"
    against = given.get("against")
    return f"{subject} against {Path(against).name}" if against else subject


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
) -> State[EvaluationOutcome]:
    """Prompts scored on their suites, and held against a base where one is named.

    Args:
        prompts: such as gestante/triagem or gestante/triagem.pt-BR; none means all.
        suites: names of suites, or healthbench:FILE; none means all.
        against: git revision or library folder of the base; none means scores and no verdict.
        model: model that answers; none means the one in the settings.
        epochs: answers for each case, 1 to 20.
        limit: cases of each suite at most; none means all.
        library: folder of prompts in place of the checkout's.
        fresh: ask again what is already known; an interrupted run of the same day goes on.
    """
    platform = Platform.load()
    request = EvaluationRequest(
        tuple(suites), tuple(prompts), against, model, epochs, limit, library=library, fresh=fresh
    )
    outcome = answer_and_grade(platform, request)
    get_run_logger().info(outcome.report.title)
    show_report(platform.settings, outcome.report, outcome.table())
    if outcome.exit_code:
        return Failed(name=outcome.state.capitalize(), message=outcome.report.title, data=outcome)
    return Completed(message=outcome.report.title, data=outcome)

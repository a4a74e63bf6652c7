"""Flow `retrain`: the risk model from the published features, weekly. Registers a challenger; promotes nothing."""

from typing import Annotated

from prefect import flow, get_run_logger, task
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from flows.artifacts import show_report
from flows.retries import RETRIES, RETRY_DELAYS_S, may_pass_next_time
from flows.steps.risk import RetrainOutcome, retrain_risk
from flows.wiring import Platform


@task(retries=RETRIES, retry_delay_seconds=RETRY_DELAYS_S, retry_condition_fn=may_pass_next_time, persist_result=False)
def train_and_register(platform: Platform, seed: int) -> RetrainOutcome:
    """A candidate trained, validated, compared with the champion and registered as challenger."""
    return retrain_risk(platform, seed)


@flow(name="retrain", flow_run_name="risk model, seed {seed}")
def retrain(seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 7) -> State[RetrainOutcome]:
    """The obstetric-risk model, from the published features to a registered candidate with its card.

    Args:
        seed: same seed and data, same model.
    """
    platform = Platform.load()
    outcome = train_and_register(platform, seed)
    get_run_logger().info(outcome.report.title)
    show_report(platform.settings, outcome.report, outcome.table())
    return Completed(message=outcome.report.title, data=outcome)

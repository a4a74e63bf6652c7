"""Flow `publish_features`: clean tables to feature tables, daily; offline first, then online."""

from datetime import date

from prefect import flow, get_run_logger, task
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.retries import RETRIES, RETRY_DELAYS_S, may_pass_next_time
from flows.steps.data import PublishOutcome
from flows.steps.data import publish_features as publish
from flows.wiring import Platform


def _run_name() -> str:
    """Of which day, for the list of runs."""
    from prefect.runtime import flow_run

    return f"features as of {flow_run.parameters.get('as_of') or 'the newest event'}"


@task(retries=RETRIES, retry_delay_seconds=RETRY_DELAYS_S, retry_condition_fn=may_pass_next_time, persist_result=False)
def build_and_write(platform: Platform, as_of: date | None) -> PublishOutcome:
    """Feature tables written, offline then online; recorded in MLflow."""
    return publish(platform, as_of)


@flow(name="publish-features", flow_run_name=_run_name)
def publish_features(as_of: date | None = None) -> State[PublishOutcome]:
    """`risk_features` and `engagement_features` of the newest clean data.

    Args:
        as_of: day on which features are taken; none means the day of the newest event.
    """
    from prefect.artifacts import create_table_artifact

    platform = Platform.load()
    outcome = build_and_write(platform, as_of)
    get_run_logger().info(outcome.title)
    create_table_artifact(outcome.table(), key="features-table", description=outcome.title)
    return Completed(message=outcome.title, data=outcome)

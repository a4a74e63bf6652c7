"""Flow `watch_costs`: cost of a message, hourly. Too little data ends in the state NoData, which is not success."""

from prefect import flow, get_run_logger, task
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.artifacts import show_report
from flows.retries import RETRIES, RETRY_DELAYS_S, may_pass_next_time
from flows.steps.costs import WatchOutcome
from flows.steps.costs import watch_costs as watch
from flows.wiring import Platform


@task(retries=RETRIES, retry_delay_seconds=RETRY_DELAYS_S, retry_condition_fn=may_pass_next_time, persist_result=False)
def read_and_compare(platform: Platform) -> WatchOutcome:
    """The last 24 hours of the ledger against the 24 before; who must know is told."""
    return watch(platform)


@flow(name="watch-costs", flow_run_name="last 24 hours against the 24 before")
def watch_costs() -> State[WatchOutcome]:
    """Cost of a message over the last 24 hours against the 24 before, held against the policy."""
    platform = Platform.load()
    outcome = read_and_compare(platform)
    get_run_logger().info(outcome.report.title)
    show_report(platform.settings, outcome.report, outcome.table())
    if outcome.watch.state == "alert":
        return Failed(name="Alert", message=outcome.report.title, data=outcome)
    name = "NoData" if outcome.watch.state == "no_data" else "Completed"
    return Completed(name=name, message=outcome.report.title, data=outcome)

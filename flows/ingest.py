"""Flow `ingest`: events to clean tables, hourly. An empty inbox ends in the state NoData, which is not success."""

from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.artifacts import show_report
from flows.retries import RETRIES, RETRY_DELAYS_S, may_pass_next_time
from flows.steps.data import IngestOutcome, ingest_events
from flows.wiring import Platform


def _run_name() -> str:
    """Which sources, for the list of runs."""
    from prefect.runtime import flow_run

    sources = [Path(source).name for source in flow_run.parameters.get("sources") or ()]
    return ", ".join(sources) or "inbox"


@task(retries=RETRIES, retry_delay_seconds=RETRY_DELAYS_S, retry_condition_fn=may_pass_next_time, persist_result=False)
def land_and_check(platform: Platform, sources: tuple[Path, ...], mapping: Path | None) -> IngestOutcome:
    """Sources landed, held against their contracts, anonymised; recorded in MLflow."""
    return ingest_events(platform, sources, mapping)


@flow(name="ingest", flow_run_name=_run_name)
def ingest(sources: list[Path] = [], mapping: Path | None = None) -> State[IngestOutcome]:  # noqa: B006  (shown in the UI)
    """Events of the inbox, or of the files named: landed, held against their contracts, anonymised.

    Args:
        sources: JSON Lines or CSV files; none means every file of the inbox.
        mapping: YAML that maps a CSV's columns to a table.
    """
    platform = Platform.load()
    if not sources and not platform.inbox_files():
        return Completed(name="NoData", message=f"No file lies in the inbox {platform.inbox}.")
    outcome = land_and_check(platform, tuple(sources), mapping)
    get_run_logger().info(outcome.report.title)
    show_report(platform.settings, outcome.report, outcome.table())
    return Completed(message=outcome.report.title, data=outcome)

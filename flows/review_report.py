"""Flow `review_report`: what nurses found in the week that was drawn last Monday; before the next one is drawn.

A week that was drawn late, and was not due the Monday before, is reported with it. Where no week was ever drawn it ends
as Completed under the name NotSetUp; a week that nobody read fails, since nothing is known of it.
"""

from datetime import UTC, datetime

from prefect import flow, get_run_logger, task
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.artifacts import show_report
from flows.events import has_server
from flows.retries import RETRIES, RETRY_DELAYS_S, may_pass_next_time
from flows.steps.notices import tell_people
from flows.steps.review_report import ReportedWeek, report_week, weeks_to_report
from flows.wiring import Platform

SENDING_S = 10.0
"""How long a run without a server tries a channel that refuses; `matria notices retry` goes on."""


@task(retries=RETRIES, retry_delay_seconds=RETRY_DELAYS_S, retry_condition_fn=may_pass_next_time, persist_result=False)
def make_report(platform: Platform, week: str | None) -> ReportedWeek:
    """The report, kept; the same report however often it is tried."""
    return report_week(platform, week)


@flow(name="review-report", flow_run_name="what nurses found")
def review_report(week: str | None = None) -> State[ReportedWeek | None]:
    """Reports what nurses found in a week: estimates, agreement, trust in judges, and what changed.

    Args:
        week: ISO week of the conversations, such as 2026-W47; those that are due and unreported where none is named.
    """
    platform = Platform.load()
    if not platform.reviews.batches(newest=1):
        return Completed(name="NotSetUp", message="No week was drawn yet: matria review draw.", data=None)
    weeks = (week,) if week else weeks_to_report(platform, datetime.now(UTC))
    made = [make_report(platform, one) for one in weeks]
    for one in made:
        get_run_logger().info(one.report.title)
        show_report(platform.settings, one.report, one.table())
    newest = made[-1]
    if not has_server() and (told := tell_people(platform, SENDING_S)).undelivered:
        return Failed(name="Undelivered", message=told.title, data=newest)
    if unread := [one.report.title for one in made if one.of.state == "unread"]:
        return Failed(name="Unread", message="; ".join(unread), data=newest)
    return Completed(message="; ".join(one.report.title for one in made), data=newest)

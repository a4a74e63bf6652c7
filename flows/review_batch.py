"""Flow `review_batch`: the nurses' week drawn, on Mondays; it fails where an item has nobody who can read it.

Where nobody is registered to read it ends as Completed under the name NotSetUp: a service without nurses has no batch,
and no week that was missed.
"""

from prefect import flow, get_run_logger, task
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.artifacts import show_table
from flows.retries import RETRIES, RETRY_DELAYS_S, may_pass_next_time
from flows.steps.broken_watch import note_works
from flows.steps.review import DrawnWeek, draw_week
from flows.wiring import Platform


@task(retries=RETRIES, retry_delay_seconds=RETRY_DELAYS_S, retry_condition_fn=may_pass_next_time, persist_result=False)
def draw_and_show(platform: Platform, week: str | None) -> DrawnWeek:
    """The batch, kept and shown; the same batch however often it is tried."""
    return draw_week(platform, week)


@flow(name="review-batch", flow_run_name="the nurses' week")
def review_batch(week: str | None = None) -> State[DrawnWeek | None]:
    """Draws the conversations that nurses read this week, and assigns them.

    Args:
        week: ISO week of the conversations, such as 2026-W47; the last week that is over where none is named.
    """
    platform = Platform.load()
    if not platform.reviews.reviewers():
        return Completed(name="NotSetUp", message="Nobody is there to read: matria review people add.", data=None)
    drawn = draw_and_show(platform, week)
    note_works(platform, "review-batch")
    get_run_logger().info(drawn.title)
    show_table("review-batch", drawn.title, drawn.table())
    if drawn.unread:
        return Failed(name="Unassigned", message=drawn.title, data=drawn)
    return Completed(message=drawn.title, data=drawn)

"""Flow `review_due`: reviews collected, disputes given to a lead, the absent covered, one reminder each; hourly by day.

It fails while a week was not drawn, an item has nobody who can read it, or a reminder was not taken. It also removes
conversations that are older than the settings let them be kept, and what nurses read of them, whether anybody reads or
not.
"""

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.artifacts import show_table
from flows.steps.broken_watch import note_works
from flows.steps.review_due import DueOutcome, look_after
from flows.steps.review_record import keep_record
from flows.steps.transcripts import forget_old_weeks, prune_transcripts
from flows.wiring import Platform


@flow(name="review-due", flow_run_name="what the nurses' week asks for")
def review_due() -> State[DueOutcome | None]:
    """Keeps what nurses submitted, has disputes decided, covers who is away and reminds of what is due."""
    platform = Platform.load()
    if pruned := prune_transcripts(platform):
        get_run_logger().info("%d exchanges were older than they may be kept, and are gone", pruned)
    if forgotten := forget_old_weeks(platform):
        get_run_logger().info("%d items of weeks as old lost their texts", forgotten)
    if not platform.reviews.reviewers():
        return Completed(name="NotSetUp", message="Nobody is there to read: matria review people add.", data=None)
    outcome = look_after(platform)
    record = keep_record(platform)
    get_run_logger().info("%s; %s", outcome.title, record)
    show_table("review-due", f"{outcome.title}; {record}", outcome.table())
    name = "NotDrawn" if outcome.undrawn else "Unassigned" if outcome.unread else ""
    name = name or ("Undelivered" if outcome.reminded.undelivered else "")
    if name:
        return Failed(name=name, message=outcome.title, data=outcome)
    note_works(platform, "review-due")
    return Completed(message=outcome.title, data=outcome)

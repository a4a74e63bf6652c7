"""Flow `watch_handovers`: conversations that wait for a person; it fails for one unheard of, or waiting too long."""

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.artifacts import show_table
from flows.steps.broken_watch import note_works
from flows.steps.handovers import HandoverWatch
from flows.steps.handovers import watch_handovers as watch
from flows.wiring import Platform


@flow(name="watch-handovers", flow_run_name="conversations that wait for a person")
def watch_handovers() -> State[HandoverWatch]:
    """Tells people of conversations that nobody heard of, and again of those that wait too long."""
    platform = Platform.load()
    found = watch(platform)
    note_works(platform, "watch-handovers")
    get_run_logger().info(found.title)
    show_table("handovers", found.title, found.table())
    match found.state:
        case "unheard":
            return Failed(name="Unheard", message=found.title, data=found)
        case "overdue":
            return Failed(name="Overdue", message=found.title, data=found)
    return Completed(message=found.title, data=found)

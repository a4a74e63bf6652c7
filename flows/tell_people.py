"""Flow `tell_people`: sends the notices that are due; it fails while somebody has not heard who should have."""

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.artifacts import show_table
from flows.steps.broken_watch import Watch, put_broken
from flows.steps.notices import Told
from flows.steps.notices import tell_people as tell
from flows.wiring import Platform


@flow(name="tell-people", flow_run_name="notices that are due")
def tell_people(broken: Watch | None = None) -> State[Told]:
    """Sends each notice to each channel that has not taken it; started by an automation, and every ten minutes.

    Args:
        broken: a watch that failed or fell silent; people are told of it, once a day while it lasts.
    """
    platform = Platform.load()
    if broken is not None:
        put_broken(platform, broken)
    told = tell(platform)
    get_run_logger().info(told.title)
    show_table("notices", told.title, told.table())
    if told.undelivered:
        return Failed(name="Undelivered", message=told.title, data=told)
    return Completed(message=told.title, data=told)

"""When a second attempt can help: an endpoint, a store or a file system that may answer next time.

What the user must mend (a malformed file, an unknown prompt, a failed contract) is never tried again.
"""

from typing import TYPE_CHECKING, Any

from matria.errors import ModelError, StorageError, TrackingError, UserError

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State, TaskRun

RETRIES = 2
RETRY_DELAYS_S = [10.0, 60.0]


def may_pass_next_time(task: Any, run: "TaskRun", state: "State[Any]") -> bool:
    """Whether to try again, by the error that the attempt ended with."""
    error = state.result(raise_on_failure=False)
    if isinstance(error, UserError):
        return isinstance(error, ModelError | TrackingError | StorageError)
    return isinstance(error, OSError | TimeoutError)

"""Events of ours on the Prefect server, which automations answer: `automations.yaml` at the root says which.

Where no server is configured nothing is emitted: whoever emits then does by itself what the automation would do.
"""

import logging
import uuid
from collections.abc import Mapping
from typing import Any, Literal

CostEvent = Literal["opened", "worsened", "cleared", "new_level", "checked"]
"""What became of an episode; `checked` after each hourly check, whatever it found."""
NAMESPACE = uuid.UUID("8f3a0f0e-6a53-5d0c-9c5b-0d5f4b3a2e71")
"""Of the ids of our events, so that the same event emitted twice is one."""

log = logging.getLogger(__name__)


def has_server() -> bool:
    """Whether this process speaks to a Prefect server that lives on, and so may hold automations."""
    from prefect.settings import PREFECT_API_URL

    return bool(PREFECT_API_URL.value())


def emit(change: CostEvent, key: str, name: str, payload: Mapping[str, Any] | None = None) -> bool:
    """Whether `matria.costs.<change>` went to the server; `key` is what it happened to, `name` says it in a line.

    The same change of the same key is one event however often it is emitted. An event that is lost costs ten minutes:
    `tell-people` looks by itself as often. So a failure is logged and not raised.
    """
    if not has_server():
        return False
    from prefect.events import emit_event

    event = f"matria.costs.{change}"
    resource = {"prefect.resource.id": f"matria.costs.{key}", "prefect.resource.name": name}
    try:
        emitted = emit_event(event, resource, payload=dict(payload or {}), id=uuid.uuid5(NAMESPACE, f"{event} {key}"))
        if emitted is None:
            log.warning("%s was not emitted: Prefect's events are off", event)
            return False
    except Exception as error:  # noqa: BLE001  (an alert is in the outbox already: no event may keep the watch from it)
        log.warning("%s could not be emitted (%s): tell-people looks by itself", event, type(error).__name__)
        return False
    return True

"""What tests on a real Prefect server have in common: their time, and deployments that are changed for a while."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

ENDS_ON_ANY_MACHINE = pytest.mark.timeout(840)
"""A limit that ends a test which hangs; past 900 s pyproject.toml ends the whole run."""
WAIT_S = 600.0
"""For what comes by itself."""


@contextmanager
def changed_deployments(names: Sequence[str], **given: Any) -> Iterator[None]:
    """These deployments run by no schedule while the block lasts, and with `given`."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import DeploymentUpdate

    with get_client(sync_client=True) as client:
        found = [client.read_deployment_by_name(name) for name in names]
        for one in found:
            client.update_deployment(one.id, DeploymentUpdate(paused=True, **given))
        try:
            yield
        finally:
            for one in found:
                before = DeploymentUpdate(job_variables=one.job_variables, paused=one.paused)
                client.update_deployment(one.id, before)

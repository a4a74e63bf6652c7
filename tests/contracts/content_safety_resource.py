"""A resource to ask: the emulator over HTTP, or the service where the environment names one of tests.

CONTENT_SAFETY_ENDPOINT and CONTENT_SAFETY_KEY name it. Asking it bills some text records; every list that is made there
is deleted again.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from guardrails.content_safety.opening import open_content_safety
from guardrails.content_safety.service import ContentSafety
from guardrails.emulator import create_app
from guardrails.emulator.server import serving
from matria.policy import Policy, load_policy
from matria.settings import ModerationSettings

KEY = "key-of-the-emulator"
SERVICE = pytest.param("service", marks=pytest.mark.content_safety_service)
POLICY = load_policy(Path(__file__).resolve().parents[2] / "policy.yaml")


def changed(policy: Policy, name: str, value: float) -> Policy:
    """The policy with another value of one threshold."""
    return replace(policy, thresholds={**policy.thresholds, name: replace(policy.thresholds[name], value=value)})


ATTEMPT_S = 60.0
"""How long a call may take that is to be answered."""
PATIENT = changed(POLICY, "moderation.time_budget_ms", 1000 * 2 * ATTEMPT_S)
"""The policy with time for a text on any machine."""


@dataclass(frozen=True)
class Resource:
    """Where, with which key, and how long an edit of a blocklist may take there."""

    endpoint: str
    key: str
    apply_s: float

    def opened(self) -> ContentSafety:
        """What the rails ask it through, with more patience than the policy has for a woman who waits."""
        key = SecretStr(self.key)
        settings = ModerationSettings(kind="azure", endpoint=self.endpoint, api_key=key, timeout_s=ATTEMPT_S)
        return open_content_safety(settings, PATIENT)


@contextmanager
def resource_called(name: str) -> Iterator[Resource]:
    """The resource for as long as the block runs; the test is skipped where the service is not configured."""
    if name == "service":
        endpoint, key = os.environ.get("CONTENT_SAFETY_ENDPOINT"), os.environ.get("CONTENT_SAFETY_KEY")
        if not (endpoint and key):
            pytest.skip("set CONTENT_SAFETY_ENDPOINT and CONTENT_SAFETY_KEY to ask the service itself")
        yield Resource(endpoint, key, apply_s=600.0)
        return
    with serving(create_app(api_key=KEY, apply_lag_s=0)) as endpoint:
        yield Resource(endpoint, KEY, apply_s=0.0)

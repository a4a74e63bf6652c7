"""When moderation breaks: what the official client makes of it, and that the chain lets nothing through.

The long drill is `python -m tests.bench.guardrail_faults`; here each fault meets a few texts.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args

import pytest
from content_safety_resource import ATTEMPT_S, KEY, PATIENT, POLICY, changed

from guardrails.base import Direction
from guardrails.emulator import Emulator, create_app
from guardrails.emulator.faults import Fault, Faults
from guardrails.emulator.server import serving
from guardrails.term_groups import load_groups
from matria.policy import Policy
from tests.bench.guardrail_faults import DOWN, FAULTS, Outcome, drill, nowhere

GROUPS = load_groups()
MESSAGES = 8
FATAL = (DOWN, "hangs", "500", "503", "half an answer", "malformed JSON", "JSON of another shape")
"""Faults under which no text at all is judged."""
QUICK = changed(POLICY, "content_safety.budget_margin_ms", POLICY.number("moderation.time_budget_ms") - 400)
"""The policy with 0.4 s for all calls of one text, so that a test of faults is short."""


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Emulator, str]]:
    app = create_app(api_key=KEY)
    with serving(app) as endpoint:
        yield app, endpoint


@contextmanager
def met(
    served: tuple[Emulator, str], *faults: Fault, read_timeout_s: float = ATTEMPT_S
) -> Iterator[tuple[Any, Faults]]:
    """The official client as it comes, while these faults are met; and what was met."""
    from azure.ai.contentsafety import ContentSafetyClient
    from azure.core.credentials import AzureKeyCredential

    app, endpoint = served
    app.faults = Faults(faults)
    with ContentSafetyClient(endpoint, AzureKeyCredential(KEY), read_timeout=read_timeout_s) as client:
        yield client, app.faults
    app.faults = Faults()


def asked(client: Any) -> Any:
    return client.analyze_text({"text": "Posso comer peixe?"})


def test_the_client_does_not_try_a_429_again_that_names_no_time(served: tuple[Emulator, str]) -> None:
    from azure.core.exceptions import HttpResponseError

    with met(served, Fault("429")) as (client, faults), pytest.raises(HttpResponseError) as refused:
        asked(client)
    assert (refused.value.status_code, refused.value.error.code) == (429, "429")
    assert faults.met["429"] == 1


def test_the_client_tries_a_429_again_that_names_one(served: tuple[Emulator, str]) -> None:
    with met(served, Fault("429", retry_after=0.01, times=2)) as (client, faults):
        assert asked(client).categories_analysis
    assert faults.met["429"] == 2


@pytest.mark.parametrize("kind", ["500", "503"])
def test_the_client_tries_a_failure_of_the_server_again(served: tuple[Emulator, str], kind: Any) -> None:
    with met(served, Fault(kind, times=1)) as (client, faults):
        assert asked(client).categories_analysis
    assert faults.met[kind] == 1


def test_the_client_names_what_the_service_says(served: tuple[Emulator, str]) -> None:
    from azure.ai.contentsafety import ContentSafetyClient
    from azure.core.credentials import AzureKeyCredential
    from azure.core.exceptions import HttpResponseError

    app, endpoint = served
    for kind, code in (("500", "InternalError"), ("503", "ServerBusy")):
        app.faults = Faults([Fault(kind)])  # type: ignore[arg-type]
        with ContentSafetyClient(endpoint, AzureKeyCredential(KEY), retry_total=0) as client:
            with pytest.raises(HttpResponseError) as failed:
                asked(client)
            assert failed.value.error.code == failed.value.response.headers["x-ms-error-code"] == code
    app.faults = Faults()


@pytest.mark.parametrize(("kind", "patience_s"), [("malformed", ATTEMPT_S), ("half", ATTEMPT_S), ("hang", 0.3)])
def test_the_client_raises_for_an_answer_that_cannot_be_read(
    served: tuple[Emulator, str], kind: Any, patience_s: float
) -> None:
    from azure.core.exceptions import AzureError

    with met(served, Fault(kind), read_timeout_s=patience_s) as (client, _), pytest.raises(AzureError):
        asked(client)


def test_the_client_takes_json_of_another_shape_for_an_answer(served: tuple[Emulator, str]) -> None:
    """So whoever reads it must look whether the categories are there."""
    with met(served, Fault("wrong_shape")) as (client, _):
        assert "categoriesAnalysis" not in asked(client)


def test_a_late_answer_comes(served: tuple[Emulator, str]) -> None:
    with met(served, Fault("latency", ms=20)) as (client, faults):
        assert asked(client).categories_analysis
    assert faults.met["latency"] == 1


@pytest.mark.parametrize("direction", get_args(Direction))
@pytest.mark.parametrize("name", [name for name in FAULTS if name != "none"])
def test_nothing_goes_through_unmoderated(served: tuple[Emulator, str], name: str, direction: Direction) -> None:
    app, endpoint = served
    app.faults = Faults(FAULTS[name])
    outcome = drilled(nowhere() if name == DOWN else endpoint, direction, QUICK, timeout_s=0.2)
    app.faults = Faults()
    assert outcome.unmoderated == 0
    assert not outcome.crashes
    assert len(outcome.decided) == MESSAGES
    if name in FATAL:
        assert outcome.failed == MESSAGES


@pytest.mark.parametrize("direction", get_args(Direction))
def test_without_a_fault_every_text_is_judged(served: tuple[Emulator, str], direction: Direction) -> None:
    outcome = drilled(served[1], direction, PATIENT, timeout_s=ATTEMPT_S)
    assert outcome.judged == MESSAGES
    assert all(decision.is_allowed is not harmful for harmful, decision in outcome.decided)


def drilled(endpoint: str, direction: Direction, policy: Policy, timeout_s: float) -> Outcome:
    return asyncio.run(drill(endpoint, direction, policy, GROUPS, KEY, messages=MESSAGES, timeout_s=timeout_s))

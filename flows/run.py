"""Runs one flow: as its deployment on the server of `matria up`, else here on a Prefect of its own."""

import importlib
import json
import os
from dataclasses import dataclass
from typing import Any

from matria.errors import InputError
from matria.settings import Settings

FLOWS = {
    "ingest": ("flows.ingest", "ingest", "ingest-hourly"),
    "publish-features": ("flows.publish_features", "publish_features", "features-daily"),
    "retrain": ("flows.retrain", "retrain", "risk-weekly"),
    "evaluate-prompts": ("flows.evaluate_prompts", "evaluate_prompts", "prompts-nightly"),
    "watch-costs": ("flows.watch_costs", "watch_costs", "costs-hourly"),
    "tell-people": ("flows.tell_people", "tell_people", "tell-people"),
    "watch-handovers": ("flows.watch_handovers", "watch_handovers", "handovers-every-five-minutes"),
    "review-batch": ("flows.review_batch", "review_batch", "review-mondays"),
    "review-report": ("flows.review_report", "review_report", "review-report-mondays"),
    "review-due": ("flows.review_due", "review_due", "review-due"),
}
"""Name -> module, function, deployment; tests hold it against prefect.yaml."""


RUN_TIMEOUT_S = 1800.0
"""How long `matria run` waits for a run on the server; the run itself goes on."""


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    line: str
    exit_code: int
    """0 completed; of an evaluation the verdict's; 24 an alert on costs; 1 any other failure, or a run that goes on."""


EXIT_CODES = {"Blocked": 20, "Inconclusive": 21, "Error": 22, "Alert": 24}


def run_flow(settings: Settings, name: str, given: list[str]) -> Ended:
    """One line on how the run ended, and the exit status. Raises `InputError` for an unknown flow or parameter."""
    if name not in FLOWS:
        raise InputError(f"There is no flow '{name}': name one of {', '.join(FLOWS)}.")
    parameters = dict(_parameter(text) for text in given)
    url = prepare_prefect(settings)
    return _run_deployment(name, parameters, url) if url else _run_here(name, parameters)


IDLE_SERVICES = (
    "CANCELLATION_CLEANUP",
    "FOREMAN",
    "LATE_RUNS",
    "PAUSE_EXPIRATIONS",
    "REPOSSESSOR",
    "SCHEDULER",
    "TRIGGERS",
)
"""Services of a Prefect server that a single run in the process does not need, and that would lock its SQLite."""


def prepare_prefect(settings: Settings) -> str | None:
    """Points Prefect at the running `matria up` where there is one, else at a small server of its own.

    Call before Prefect is imported. Gives the address, or None for a server of its own.
    """
    from flows.up import running_api_url

    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    url = running_api_url(settings)
    if url:
        os.environ["PREFECT_API_URL"] = url
        return url
    prefect_home = (settings.home / "prefect").resolve()
    prefect_home.mkdir(parents=True, exist_ok=True)  # Prefect makes the last folder alone, and then waits in vain
    os.environ["PREFECT_HOME"] = str(prefect_home)
    for service in IDLE_SERVICES:
        os.environ[f"PREFECT_SERVER_SERVICES_{service}_ENABLED"] = "false"
    return None


def _run_here(name: str, parameters: dict[str, Any]) -> Ended:
    from prefect.exceptions import ParameterBindError, ParameterTypeError

    module, function, _ = FLOWS[name]
    flow = getattr(importlib.import_module(module), function)
    try:
        state = flow(**parameters, return_state=True)
    except (ParameterBindError, ParameterTypeError) as error:
        raise _does_not_fit(name, error) from error
    outcome = state.result(raise_on_failure=False)
    if isinstance(outcome, ParameterBindError | ParameterTypeError):
        raise _does_not_fit(name, outcome) from outcome
    if isinstance(outcome, Exception):
        raise outcome
    return _ended(name, state, "")


def _run_deployment(name: str, parameters: dict[str, Any], url: str) -> Ended:
    from prefect.deployments import run_deployment
    from prefect.exceptions import PrefectHTTPStatusError

    try:
        flow_run: Any = run_deployment(
            f"{name}/{FLOWS[name][2]}", parameters=parameters, timeout=RUN_TIMEOUT_S, poll_interval=1
        )
    except PrefectHTTPStatusError as error:
        raise _does_not_fit(name, error) from error
    state = flow_run.state
    address = f"{url.removesuffix('/api')}/runs/flow-run/{flow_run.id}"
    return _ended(name, state, address)


def _ended(name: str, state: Any, address: str) -> Ended:
    if not state.is_final():
        return Ended(f"{name}: still {state.name} after {RUN_TIMEOUT_S / 60:.0f} minutes; it goes on. {address}", 1)
    code = 0 if state.is_completed() else EXIT_CODES.get(state.name, 1)
    return Ended(f"{name}: {state.name}. {state.message or ''} {address}".rstrip(), code)


def _does_not_fit(name: str, error: Exception) -> InputError:
    response = getattr(error, "response", None)
    said = response.json().get("detail", "") if response is not None else str(error)
    detail = " ".join(str(said).removeprefix("Error creating flow run: ").split())[:300]
    return InputError(f"The parameters do not fit flow '{name}': {detail}")


def _parameter(text: str) -> tuple[str, Any]:
    key, separator, value = text.partition("=")
    if not separator or not key.isidentifier():
        raise InputError(f"'{text}' is not name=value: write, for instance, epochs=2.")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value

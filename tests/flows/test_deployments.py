"""prefect.yaml says what the code has: entrypoints that load, parameters that validate, schedules with a time zone.

A deploy succeeds even where an entrypoint does not import, and an invalid default is replaced without a word; so both
are looked at here.
"""

import importlib
import zoneinfo
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.run import FLOWS

ROOT = Path(__file__).resolve().parents[2]
DEPLOYMENTS: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]

STARTED_BY_FLOWS = {"shard"}
"""Given their parameters by another flow."""
ON_REQUEST = {"prompts-on-request", *STARTED_BY_FLOWS}


def _flow(entry: dict[str, Any]) -> Any:
    module, function = entry["entrypoint"].rsplit(".", 1)
    return getattr(importlib.import_module(module), function)


@pytest.mark.parametrize("entry", DEPLOYMENTS, ids=lambda entry: str(entry["entrypoint"]))
def test_an_entrypoint_is_a_flow_whose_defaults_validate(entry: dict[str, Any]) -> None:
    flow = _flow(entry)
    if entry["name"] not in STARTED_BY_FLOWS:
        flow.validate_parameters(entry["parameters"])
    for name, shown in flow.parameters.properties.items():
        assert shown.get("description"), f"{name} says nothing in the UI"


@pytest.mark.parametrize("entry", DEPLOYMENTS, ids=lambda entry: str(entry["entrypoint"]))
def test_a_schedule_has_a_time_zone_that_exists(entry: dict[str, Any]) -> None:
    assert entry["work_pool"]["name"] == "matria"
    assert bool(entry.get("schedules")) == (entry["name"] not in ON_REQUEST)
    for schedule in entry.get("schedules", ()):
        zoneinfo.ZoneInfo(schedule["timezone"])


def test_every_flow_of_the_command_is_deployed() -> None:
    deployed = {
        (entry["entrypoint"].rsplit(".", 1)[0], entry["entrypoint"].rsplit(".", 1)[1], entry["name"])
        for entry in DEPLOYMENTS
        if entry["name"] not in ON_REQUEST
    }
    assert deployed == set(FLOWS.values())
    assert {_flow(entry).name for entry in DEPLOYMENTS if entry["name"] not in STARTED_BY_FLOWS} == set(FLOWS)


@pytest.mark.parametrize(
    ("flow", "parameters"),
    [
        ("evaluate-prompts", {"epochs": 0}),
        ("evaluate-prompts", {"prompts": ["../../etc/passwd"]}),
        ("evaluate-prompts", {"suites": ["danger signs!"]}),
        ("retrain", {"seed": -1}),
        ("retrain", {"seed": "soon"}),
        ("publish-features", {"as_of": "yesterday"}),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused(flow: str, parameters: dict[str, Any]) -> None:
    from prefect.exceptions import ParameterTypeError

    module, function, _ = FLOWS[flow]
    with pytest.raises(ParameterTypeError):
        getattr(importlib.import_module(module), function).validate_parameters(parameters)

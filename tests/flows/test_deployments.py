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
from matria.errors import SettingsError

ROOT = Path(__file__).resolve().parents[2]
DEPLOYMENTS: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]

STARTED_BY_FLOWS = {"shard"}
"""Given their parameters by another flow."""
ON_REQUEST = {"prompts-on-request", *STARTED_BY_FLOWS}


def _flow(entry: dict[str, Any]) -> Any:
    module, function = entry["entrypoint"].rsplit(".", 1)
    return getattr(importlib.import_module(module), function)


def _schedules(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """As Prefect deploys them: what the build steps give stands in its place."""
    from prefect.utilities.templating import apply_values

    outputs = {}
    for step in entry.get("build") or []:
        ((name, inputs),) = step.items()
        module, function = name.rsplit(".", 1)
        outputs[inputs["id"]] = getattr(importlib.import_module(module), function)()
    return apply_values(list(entry.get("schedules", ())), outputs)


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
    for schedule in _schedules(entry):
        zoneinfo.ZoneInfo(schedule["timezone"])


def test_the_nurses_week_begins_on_monday_at_eight_by_the_clock_of_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reviews = {entry["name"]: entry for entry in DEPLOYMENTS if entry["name"].startswith("review-")}
    for zone in ("America/Sao_Paulo", "Europe/Lisbon"):
        monkeypatch.setenv("MATRIA_REVIEW__TIMEZONE", zone)
        found = {name: [(one["cron"], one["timezone"]) for one in _schedules(of)] for name, of in reviews.items()}
        assert found == {
            "review-mondays": [("0 8 * * 1", zone)],
            "review-report-mondays": [("0 7 * * 1", zone)],
            "review-due": [("20 7-20 * * *", zone)],
        }


def test_a_zone_that_does_not_exist_deploys_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATRIA_REVIEW__TIMEZONE", "America/Sao Paulo")
    with pytest.raises(SettingsError, match="MATRIA_REVIEW__TIMEZONE"):
        _schedules(next(entry for entry in DEPLOYMENTS if entry["name"] == "review-mondays"))


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

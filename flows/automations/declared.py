"""What `automations.yaml` declares: in Prefect's own schema, with deployments by name, as nobody knows their ids."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from matria.errors import InputError
from matria.yamlfile import read_yaml

if TYPE_CHECKING:
    from prefect.events.schemas.automations import AutomationCore

TAG = "matria"
"""Marks an automation as ours."""
ACTIONS = ("actions", "actions_on_trigger", "actions_on_resolve")


def declared(path: Path) -> Sequence[Mapping[str, Any]]:
    """The entries of the file, each with a name of its own. Raises `InputError`."""
    tree = read_yaml(path, InputError)
    entries = tree.get("automations") if isinstance(tree, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) and entry.get("name") for entry in entries):
        raise InputError(f"{path} must be a list `automations:` whose entries have a name: see Prefect's automations.")
    names = [str(entry["name"]) for entry in entries]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{path} has two automations called '{twice[0]}': give each a name of its own.")
    return entries


def resolved(entry: Mapping[str, Any], path: Path, deployment_id: Callable[[str], UUID]) -> "AutomationCore":
    """The entry as Prefect has it, tagged as ours. Raises `InputError` where it does not fit, naming the place."""
    from prefect.events.schemas.automations import AutomationCore
    from pydantic import ValidationError

    known = set(AutomationCore.model_fields)
    unknown = sorted(set(entry) - known)
    if unknown:
        raise InputError(f"{path}: automation '{entry['name']}' has an unknown key '{unknown[0]}': {', '.join(known)}.")
    made = {**entry, "tags": sorted({TAG, *entry.get("tags", ())})}
    for key in ACTIONS:
        if key in entry:
            made[key] = [_action(action, deployment_id) for action in entry[key]]
    try:
        return AutomationCore.model_validate(made)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path}: automation '{entry['name']}' does not fit at {where}: {first['msg']}.") from error


def _action(action: Mapping[str, Any], deployment_id: Callable[[str], UUID]) -> Mapping[str, Any]:
    """The action with the deployment's id in place of its name."""
    if "deployment" not in action:
        return action
    rest = {key: value for key, value in action.items() if key != "deployment"}
    return {**rest, "source": "selected", "deployment_id": str(deployment_id(str(action["deployment"])))}

"""Bringing the declared automations to a server: what is missing is made, what differs updated, what left removed.

Ours are those with the tag `matria`, known by their names; whatever else is on the server is let be.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from flows.automations.declared import TAG, declared, resolved
from matria.errors import InputError, SettingsError

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.events.schemas.automations import Automation, AutomationCore

What = Literal["create", "update", "remove", "keep"]
PAGE = 200
"""What the server gives at most in one answer."""


@dataclass(frozen=True)
class Change:
    """What is to be done about one automation."""

    what: What
    name: str
    differs: tuple[str, ...] = ()
    """Of an update: the fields that are not as declared."""
    wanted: "AutomationCore | None" = None
    automation_id: UUID | None = None


def changes(url: str, path: Path) -> list[Change]:
    """What would be done to the server at `url`. Raises `InputError`, and `SettingsError` where it does not answer."""
    with _client(url) as client:
        return _changes(client, path)


def apply(url: str, path: Path) -> list[Change]:
    """What was done to the server at `url`; a second time at once, nothing but `keep`. Raises as `changes`."""
    with _client(url) as client:
        found = _changes(client, path)
        for change in found:
            if change.what == "create" and change.wanted is not None:
                client.create_automation(change.wanted)
            elif change.what == "update" and change.wanted is not None and change.automation_id is not None:
                client.update_automation(change.automation_id, _whole(change.wanted))
            elif change.what == "remove" and change.automation_id is not None:
                client.delete_automation(change.automation_id)
    return found


def compare(wanted: "Sequence[AutomationCore]", there: "Sequence[Automation]") -> list[Change]:
    """What makes `there` as `wanted`; two of ours with one name, as two who apply at once leave, become one."""
    ours: dict[str, list[Automation]] = {}
    for automation in there:
        if TAG in automation.tags:
            ours.setdefault(automation.name, []).append(automation)
    found = []
    for core in wanted:
        same_name = ours.pop(core.name, [])
        found.append(_change(core, same_name[0] if same_name else None))
        found += [Change("remove", core.name, automation_id=other.id) for other in same_name[1:]]
    gone = [automation for left in ours.values() for automation in left]
    return [*found, *(Change("remove", automation.name, automation_id=automation.id) for automation in gone)]


def _change(core: "AutomationCore", there: "Automation | None") -> Change:
    if there is None:
        return Change("create", core.name, wanted=core)
    fields = [name for name in type(core).model_fields if name != "owner_resource"]
    differs = tuple(name for name in fields if getattr(core, name) != getattr(there, name))
    return Change("update" if differs else "keep", core.name, differs, core, there.id)


def _whole(core: "AutomationCore") -> "AutomationCore":
    """With every field set: the client leaves out what the file left to its default, and the server keeps the old."""
    return type(core).model_validate(core.model_dump(exclude={"owner_resource"}))  # which an update may not name


def _changes(client: "SyncPrefectClient", path: Path) -> list[Change]:
    from prefect.exceptions import ObjectNotFound

    def deployment_id(name: str) -> UUID:
        try:
            return client.read_deployment_by_name(name).id
        except (ObjectNotFound, ValueError) as error:
            raise InputError(
                f"{path} runs the deployment '{name}', which the server does not have: deploy first with "
                "`prefect --no-prompt deploy --all`, or mend the name."
            ) from error

    wanted = [resolved(entry, path, deployment_id) for entry in declared(path)]
    return compare(wanted, _read(client))


def _read(client: "SyncPrefectClient") -> "list[Automation]":
    found: list[Automation] = []
    while True:
        page = client.read_automations(limit=PAGE, offset=len(found))
        found += page
        if len(page) < PAGE:
            return found


@contextmanager
def _client(url: str) -> "Iterator[SyncPrefectClient]":
    """A client of the server at `url`; what goes wrong on the way becomes a sentence."""
    from httpx import HTTPError, HTTPStatusError
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_URL, temporary_settings

    try:
        with temporary_settings({PREFECT_API_URL: url}), get_client(sync_client=True) as client:
            yield client
    except HTTPStatusError as error:
        raise SettingsError(
            f"The Prefect server at {url} refused it with {error.response.status_code}: see that PREFECT_API_URL and "
            "PREFECT_API_KEY are those of a server of version 3 that holds automations."
        ) from error
    except (HTTPError, RuntimeError) as error:
        raise SettingsError(
            f"The Prefect server at {url} did not answer ({type(error).__name__}): see that it runs and that "
            "PREFECT_API_URL names its API, such as http://127.0.0.1:4200/api."
        ) from error

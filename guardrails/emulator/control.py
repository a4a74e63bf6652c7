"""The emulator's own endpoint, which is no part of the service's wire: faults to meet, counts, and the clock.

| call | what it does |
|---|---|
| `GET /emulator/faults` | what is set |
| `PUT /emulator/faults` `{"seed"?, "faults": [{"kind", "share"?, "times"?, …}]}` | sets it anew |
| `DELETE /emulator/faults` | nothing goes wrong any more |
| `GET /emulator/state` | counts of calls, statuses, faults met, text records, lists and terms |
| `POST /emulator/state` `{"advance_s": 300}` | moves the clock on, so that edits of blocklists apply |
| `DELETE /emulator/state` | forgets blocklists, counts and faults |
"""

import json
import math
from typing import TYPE_CHECKING, Any

from guardrails.emulator.asgi import Call, Reply
from guardrails.emulator.faults import Faults, fault_of
from matria.errors import SettingsError

if TYPE_CHECKING:
    from guardrails.emulator.app import Emulator

ROOT = "/emulator/"


def control(emulator: "Emulator", call: Call) -> Reply:
    """What the control endpoint answers."""
    try:
        match call.method, call.path.removeprefix(ROOT):
            case "GET", "faults":
                return Reply(200, emulator.faults.as_json())
            case "PUT", "faults":
                emulator.faults = _faults(_object(call))
                return Reply(200, emulator.faults.as_json())
            case "DELETE", "faults":
                emulator.faults = Faults()
                return Reply(204)
            case "GET", "state":
                return Reply(200, _state(emulator))
            case "POST", "state":
                emulator.clock.advance(_seconds(_object(call)))
                return Reply(200, _state(emulator))
            case "DELETE", "state":
                emulator.forget()
                return Reply(204)
            case _:
                return Reply(404, {"error": "The emulator has /emulator/faults and /emulator/state."})
    except SettingsError as error:
        return Reply(400, {"error": str(error)})


def _state(emulator: "Emulator") -> dict[str, Any]:
    lists, counts = emulator.service.blocklists, emulator.service.counts
    return {
        "calls": dict(counts.calls),
        "statuses": dict(counts.statuses),
        "faults_met": dict(emulator.faults.met),
        "text_records": counts.text_records,
        "blocklists": {found.name: lists.count(found.name) for found in lists.all()},
        "clock_ahead_s": emulator.clock.ahead_s,
    }


def _faults(given: dict[str, Any]) -> Faults:
    faults, seed = given.get("faults"), given.get("seed", 0)
    if not (isinstance(faults, list) and all(isinstance(fault, dict) for fault in faults) and isinstance(seed, int)):
        raise SettingsError('Write {"seed": 0, "faults": [{"kind": "429", "share": 0.5}]}.')
    return Faults([fault_of(fault) for fault in faults], seed)


def _seconds(given: dict[str, Any]) -> float:
    seconds = given.get("advance_s")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < math.inf:
        raise SettingsError('Write {"advance_s": 300}: the clock only moves on.')
    return float(seconds)


def _object(call: Call) -> dict[str, Any]:
    try:
        found = json.loads(call.body)
    except ValueError as error:
        raise SettingsError("The body is not valid JSON.") from error
    if not isinstance(found, dict):
        raise SettingsError("The body must be a JSON object.")
    return found

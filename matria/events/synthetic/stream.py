"""The simulated cohort as one stream of events in order of time, and as a file of JSON Lines."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matria import durable
from matria.errors import InputError
from matria.events.base import Event
from matria.events.synthetic.dirt import arrive
from matria.events.synthetic.engagement import draw_engagement
from matria.events.synthetic.identity import Identities, draw_identities
from matria.events.synthetic.population import RACE_COLOURS, REGIONS, Women, draw_women, generator
from matria.events.synthetic.pregnancy import Rows, draw_pregnancies

if TYPE_CHECKING:
    import numpy as np

_EPOCH = date(1970, 1, 1)
_SECONDS_A_DAY = 86_400
_SCHEMA_VERSION = 1
_PREFIXES = {"visit_id": "v", "conversation_id": "c", "message_id": "m"}


def simulate(patients: int, seed: int, until: date, drift: bool = False) -> Iterator[Event]:
    """The events of `patients` women, all before `until` (UTC midnight), in order of time.

    Equal arguments give equal events; any other argument gives other women, with other identifiers. With `drift`, the
    women who register in the last 120 days are older and come more from the north and north-east, and blood pressure
    is then read too high by new cuffs; what lies before is the same but for identifiers. A spoilt time stays where the
    event was sent. About 50 events a woman.
    """
    import numpy as np

    if patients < 1:
        raise InputError(f"A cohort of {patients} women cannot be simulated: ask for one or more.")
    until_day = (until - _EPOCH).days
    women = draw_women(patients, seed, until_day, drift)
    who = draw_identities(women, seed)
    cohort = hashlib.sha256(f"{patients} {seed} {until} {drift}".encode()).hexdigest()[:8]
    parts = [
        _registrations(women, who, seed),
        *draw_pregnancies(women, who.name, who.phone, seed, until_day, drift),
        *draw_engagement(women, who.name, who.phone, seed, until_day),
    ]
    at_s = np.concatenate([part.at_s for part in parts])
    in_time = at_s < until_day * _SECONDS_A_DAY
    events = [event for part in parts for event in _events(part, cohort, seed)]
    for position in np.argsort(at_s, kind="stable").tolist():
        if in_time[position]:
            yield from arrive(*events[position])


def is_synthetic(source: str) -> bool:
    """Whether a source of that name holds simulated events: files of a simulated cohort are named `synthetic-*`."""
    return source.startswith("synthetic-")


def write_jsonl(events: Iterable[Event], path: Path) -> int:
    """How many events the file `path` now holds, one JSON object a line; whole or absent. Raises `StorageError`."""
    written = 0

    def write(partial: Path) -> None:
        nonlocal written
        with partial.open("w", encoding="utf-8") as file:
            for event in events:
                file.write(_line(event))
                written += 1

    durable.write_with(path, write)
    return written


def _line(event: Event) -> str:
    fields = {
        "event_id": event.event_id,
        "topic": event.topic,
        "occurred_at": event.occurred_at,
        "schema_version": event.schema_version,
        "payload": event.payload,
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"


def _registrations(women: Women, who: Identities, seed: int) -> Rows:
    import numpy as np

    minutes = generator(seed, "registrations").integers(0, 600, len(women))
    columns: dict[str, Any] = {
        **vars(who),
        "race_colour": [RACE_COLOURS[code] for code in women.race_colour],
        "region": [REGIONS[code] for code in women.region],
        "parity": women.parity.tolist(),
        "previous_preeclampsia": women.previous_preeclampsia.tolist(),
        "previous_caesarean": women.previous_caesarean.tolist(),
        "chronic_hypertension": women.chronic_hypertension.tolist(),
        "pregestational_diabetes": women.pregestational_diabetes.tolist(),
        "multiple_pregnancy": women.multiple_pregnancy.tolist(),
    }
    everyone = np.arange(len(women))
    return Rows("patients", everyone, everyone * 0, women.booked_on * _SECONDS_A_DAY + 60 * minutes, columns)


def _events(rows: Rows, cohort: str, seed: int) -> Iterator[tuple[Event, float, int]]:
    """Each event, with the two numbers that decide how it arrives."""
    patients = [f"P{cohort}{woman:06d}" for woman in rows.woman.tolist()]
    numbers, moments = rows.number.tolist(), _iso(rows.at_s)
    names = list(rows.payload)
    columns = [_named(name, values, patients) for name, values in rows.payload.items()]
    for woman, number, patient, moment, *values in zip(
        rows.woman.tolist(), numbers, patients, moments, *columns, strict=True
    ):
        drawn = hashlib.blake2b(f"{seed} {rows.topic} {woman} {number}".encode(), digest_size=12).digest()
        payload = {"patient_id": patient, **dict(zip(names, values, strict=True))}
        event = Event(rows.topic, f"{cohort}-{drawn.hex()}", moment, _SCHEMA_VERSION, payload)
        yield event, int.from_bytes(drawn[:4]) / 2**32, drawn[4]


def _named(name: str, values: Any, patients: list[str]) -> Any:
    prefix = _PREFIXES.get(name)
    if prefix is None:
        return values
    return [f"{patient}-{prefix}{value:03d}" for patient, value in zip(patients, values, strict=True)]


def _iso(at_s: "np.ndarray") -> list[str]:
    import numpy as np

    texts = np.datetime_as_string(at_s.astype("datetime64[s]"), unit="s")
    return [f"{text}Z" for text in texts.tolist()]

"""What goes wrong between a clinic and us: about one event in seventy arrives spoilt or twice.

Each spoilt event breaks one rule of its contract, so that quarantine has every kind of reason to show. The shares are
chosen by us.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from matria.events.base import Event

SPOILT_SHARE = 0.010
REPLAYED_SHARE = 0.004
"""Sent twice, as a queue that delivers at least once does."""

_Change = Callable[[Event], Event]


def arrive(event: Event, fraction: float, choice: int) -> Sequence[Event]:
    """What arrives of an event: itself, itself twice, or a spoilt one; `fraction` in 0..1 and `choice` decide."""
    if fraction < SPOILT_SHARE:
        changes = (*_ANYWHERE, *_IN_TOPIC.get(event.topic, ()))
        return (changes[choice % len(changes)](event),)
    return (event, event) if fraction < SPOILT_SHARE + REPLAYED_SHARE else (event,)


def _field(name: str, value: Any) -> _Change:
    return lambda event: replace(event, payload={**event.payload, name: value})


def _ten_years_on(event: Event) -> Event:
    moment = event.occurred_at or ""
    return replace(event, occurred_at=f"{int(moment[:4]) + 10}-01-{moment[8:]}")


def _swapped_pressures(event: Event) -> Event:
    systolic, diastolic = event.payload["systolic_bp_mmhg"], event.payload["diastolic_bp_mmhg"]
    return replace(event, payload={**event.payload, "systolic_bp_mmhg": diastolic, "diastolic_bp_mmhg": systolic})


def _in_fahrenheit(event: Event) -> Event:
    celsius = event.payload["body_temperature_c"] or 36.6
    return replace(event, payload={**event.payload, "body_temperature_c": round(celsius * 9 / 5 + 32, 1)})


_ANYWHERE: tuple[_Change, ...] = (_field("patient_id", None), _ten_years_on)
_IN_TOPIC: Mapping[str, tuple[_Change, ...]] = {
    "patients": (_field("race_colour", "9"), _field("region", "exterior"), _field("parity", None)),
    "visits": (_field("status", "remarcada"), _field("gestational_age_days", 2100), _field("age_years", 2)),
    "vitals": (
        _field("heart_rate_bpm", 7),
        _field("heart_rate_bpm", 700),
        _field("systolic_bp_mmhg", None),
        _field("weight_kg", "72,5 kg"),
        _swapped_pressures,
        _in_fahrenheit,
    ),
    "labs": (_field("haemoglobin_g_dl", 118.0), _field("proteinuria_plus", "traços")),
    "births": (_field("delivery_mode", "9"), _field("birth_weight_g", 3)),
    "content_interactions": (_field("theme", "horoscope"), _field("reading_seconds", -1)),
    "assistant_messages": (_field("locale", "es"), _field("sender", None)),
}

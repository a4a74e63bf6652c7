"""The simulated cohort: the same again for the same seed, in order of time, with effects as documented."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_service import UNTIL, Service

from matria.contracts.contract import Contract
from matria.errors import InputError
from matria.events.base import Event
from matria.events.file import open_file
from matria.events.synthetic import is_synthetic, simulate, write_jsonl
from matria.events.synthetic.effects import EFFECTS
from matria.events.synthetic.identity import cns, cpf
from matria.events.synthetic.population import DRIFT_DAYS, draw_women

DRIFT_BEGINS = str(np.datetime64(UNTIL) - DRIFT_DAYS)


@pytest.fixture(scope="module")
def steady() -> list[Event]:
    return list(simulate(300, seed=5, until=UNTIL))


@pytest.fixture(scope="module")
def drifting() -> list[Event]:
    return list(simulate(300, seed=5, until=UNTIL, drift=True))


def test_equal_arguments_give_equal_events(service: Service) -> None:
    assert list(simulate(100, seed=11, until=UNTIL)) == service.events


@pytest.mark.parametrize("change", [{"seed": 12}, {"patients": 101}, {"until": date(2026, 6, 29)}, {"drift": True}])
def test_any_other_argument_gives_other_women(service: Service, change: dict[str, Any]) -> None:
    other = simulate(**{"patients": 100, "seed": 11, "until": UNTIL, **change})
    known = {event.event_id for event in service.events}
    women = {event.payload["patient_id"] for event in service.events if event.payload["patient_id"]}
    for event in other:
        assert event.event_id not in known
        assert event.payload["patient_id"] not in women


def test_events_come_in_order_of_time_before_the_end(steady: list[Event]) -> None:
    # One that was spoilt by ten years keeps its place; the others are in order.
    moments = [event.occurred_at or "" for event in steady]
    unspoilt = [moment for moment in moments if moment < str(UNTIL)]
    assert unspoilt == sorted(unspoilt)
    assert len(moments) - len(unspoilt) < 0.01 * len(moments)


def test_events_hold_every_field_of_their_contract(steady: list[Event], contracts: Mapping[str, Contract]) -> None:
    for topic in {event.topic for event in steady}:
        fields = set(next(event for event in steady if event.topic == topic).payload)
        assert fields | {"event_id", "occurred_at", "schema_version"} == set(contracts[topic].names)


def test_about_one_event_in_seventy_is_spoilt_or_replayed(service: Service) -> None:
    report = service.report
    assert 0.005 < report.quarantined / report.rows_in < 0.02
    assert 0.001 < report.duplicates / report.rows_in < 0.01
    assert {reason.rule for reason in report.reasons} >= {"required", "type", "range", "codes", "not_after_now"}


def test_documents_carry_valid_check_digits(steady: list[Event]) -> None:
    # Weighted sums 295 and 347 leave 9 and 6 modulo 11, so the check digits are 11 - 9 = 2 and 11 - 6 = 5.
    assert cpf([5, 2, 9, 9, 8, 2, 2, 4, 7]) == "52998224725"
    for event in steady:
        if event.topic == "patients":
            number = [int(digit) for digit in event.payload["cns"]]
            assert sum(digit * weight for digit, weight in zip(number, range(15, 0, -1), strict=True)) % 11 == 0
            assert cpf([int(digit) for digit in event.payload["cpf"][:9]]) == event.payload["cpf"]


@pytest.mark.parametrize("last", range(11))
def test_a_health_card_number_ends_in_one_digit(last: int) -> None:
    assert len(cns([0] * 12 + [last % 10])) == 15


def test_every_effect_says_where_it_comes_from() -> None:
    assert {"Bartsch", "Duckitt", "chosen"} == {effect.source.split()[0] for effect in EFFECTS.values()}
    assert EFFECTS["previous_preeclampsia"].odds_ratio == 8.4
    assert EFFECTS["chronic_hypertension"].odds_ratio == 5.1
    assert EFFECTS["pregestational_diabetes"].odds_ratio == 3.7
    assert EFFECTS["obesity"].odds_ratio == 2.8
    assert EFFECTS["nulliparity"].odds_ratio == 2.91
    assert EFFECTS["multiple_pregnancy"].odds_ratio == 2.93


def test_the_cohort_shows_the_effects_that_it_was_given() -> None:
    import statsmodels.api as sm

    women = draw_women(40_000, seed=3, until_day=20_000, drift=False)
    factors = {
        "previous_preeclampsia": women.previous_preeclampsia,
        "chronic_hypertension": women.chronic_hypertension,
        "obesity": women.bmi_kg_m2 > 30,
        "nulliparity": women.parity == 0,
        "placental_severity": women.severity,
        "poor_access": women.has_poor_access,
        "preta_or_parda": np.isin(women.race_colour, [1, 2]),
        "age_40_or_more": women.age_years >= 40,
        "age_35_to_39": (women.age_years >= 35) & (women.age_years < 40),
        "multiple_pregnancy": women.multiple_pregnancy,
        "pregestational_diabetes": women.pregestational_diabetes,
    }
    design = sm.add_constant(np.column_stack([np.asarray(value, dtype=float) for value in factors.values()]))
    fitted = sm.Logit(women.is_adverse.astype(float), design).fit(disp=0)
    for position, name in enumerate(factors, 1):
        distance = abs(fitted.params[position] - np.log(EFFECTS[name].odds_ratio)) / fitted.bse[position]
        assert distance < 4, name
    assert 0.13 < women.is_adverse.mean() < 0.20


def _before(events: list[Event]) -> list[Any]:
    names = ("patient_id", "visit_id", "message_id", "conversation_id")
    return [
        (event.topic, event.occurred_at, {key: value for key, value in event.payload.items() if key not in names})
        for event in events
        if (event.occurred_at or "") < DRIFT_BEGINS
    ]


def _mean(events: list[Event], topic: str, field: str) -> float:
    values = [
        e.payload[field] for e in events if e.topic == topic and DRIFT_BEGINS <= (e.occurred_at or "") < str(UNTIL)
    ]
    return float(np.mean([value for value in values if isinstance(value, int) and value < 300]))


def test_nothing_differs_before_the_drift_begins(steady: list[Event], drifting: list[Event]) -> None:
    assert _before(steady) == _before(drifting)


def test_the_drift_shifts_pressure_age_and_region(steady: list[Event], drifting: list[Event]) -> None:
    for field in ("systolic_bp_mmhg", "diastolic_bp_mmhg"):
        assert _mean(drifting, "vitals", field) - _mean(steady, "vitals", field) > 4
    assert _mean(drifting, "visits", "age_years") - _mean(steady, "visits", "age_years") > 0.5
    regions = [
        Counter(e.payload["region"] for e in events if e.topic == "patients" and (e.occurred_at or "") >= DRIFT_BEGINS)
        for events in (steady, drifting)
    ]
    assert regions[1]["norte"] > regions[0]["norte"]


def test_a_file_of_events_reads_back(service: Service, contracts: Mapping[str, Contract], tmp_path: Path) -> None:
    path = tmp_path / "synthetic.jsonl"
    assert write_jsonl(service.events[:500], path) == 500
    batch = next(open_file(path, contracts).batches())
    assert batch.events == service.events[:500]
    assert not batch.rejected
    assert json.loads(path.read_text().splitlines()[0])["schema_version"] == 1


def test_a_cohort_of_nobody_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one or more"):
        write_jsonl(simulate(0, seed=1, until=UNTIL), tmp_path / "none.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_simulated_files_are_told_by_their_name() -> None:
    assert is_synthetic("synthetic-3000-seed7.jsonl")
    assert not is_synthetic("maternal_health_risk.csv")

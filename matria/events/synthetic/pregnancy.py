"""What happens in each simulated pregnancy: visits, measurements, laboratory results, the birth.

Visits are due as the Brazilian calendar asks: monthly to 28 weeks, every two weeks to 36, then weekly (Ministério da
Saúde, Cadernos de Atenção Básica 32, 2012). Blood pressure, protein and weight carry the hidden severity under noise;
how much is chosen by us so that a model reaches an AUC of about .86 to .92.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matria.events.synthetic.population import DRIFT_DAYS, Women, generator

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_MOST_VISITS = 18
_SECONDS_A_DAY = 86_400
_OPENS_S, _OPEN_FOR_S = 11 * 3600, 9 * 3600
"""Clinics work 8 to 17 h in Brasília, 11 to 20 h UTC."""
DEVICE_OFFSET_MMHG = (9.0, 6.0)
"""What the drifted cohort's new cuffs read too high, systolic and diastolic."""
_DIPSTICK_LIMITS = (1.7, 2.4, 3.1, 3.9)
_SIGNAL_MMHG = (17.0, 11.5)
"""What a standard deviation of severity adds to systolic and diastolic pressure late in pregnancy."""
_NOISE_MMHG = (6.0, 4.2)
_MILDEST = -0.8
"""Milder severities show no lower pressure: a healthy placenta does not make hypotension."""
_NOTES = (
    "Refere estar bem, sem queixas.",
    "{name} veio acompanhada da mãe.",
    "Orientada sobre sinais de alerta.",
    "Contato atualizado: {phone}.",
)


@dataclass(frozen=True)
class Rows:
    """Events of one topic, arrays and lists of one length."""

    topic: str
    woman: "npt.NDArray[np.int64]"
    number: "npt.NDArray[np.int64]"
    """Tells the events of one woman and topic apart."""
    at_s: "npt.NDArray[np.int64]"
    """Seconds since 1970-01-01 UTC."""
    payload: dict[str, Sequence[Any]]
    """Field -> values; a text field named `visit_id` and the like holds the visit's number."""


@dataclass(frozen=True)
class _Visits:
    woman: "npt.NDArray[np.int64]"
    number: "npt.NDArray[np.int64]"
    age_days: "npt.NDArray[np.int64]"
    """Gestational age."""
    at_s: "npt.NDArray[np.int64]"
    is_attended: "npt.NDArray[np.bool_]"


def draw_pregnancies(
    women: Women, names: Sequence[str], phones: Sequence[str], seed: int, until_day: int, drift: bool
) -> Iterator[Rows]:
    """Visits, vitals, labs and births before `until_day`."""
    visits = _draw_visits(women, seed, until_day)
    yield _visit_rows(women, visits, names, phones, seed)
    yield _vital_rows(women, visits, seed, until_day if drift else None)
    yield _lab_rows(women, visits, seed)
    yield _birth_rows(women, seed, until_day)


def _draw_visits(women: Women, seed: int, until_day: int) -> _Visits:
    import numpy as np

    rng = generator(seed, "visits")
    shape = (len(women), _MOST_VISITS)
    jitter = rng.integers(-3, 4, shape)
    seconds = _OPENS_S + rng.integers(0, _OPEN_FOR_S, shape)
    jitter[:, 0] = 0
    due = [women.booking_age_days]
    while len(due) < _MOST_VISITS:
        due.append(due[-1] + np.where(due[-1] < 196, 28, np.where(due[-1] < 252, 14, 7)))
    age = np.stack(due, axis=1) + jitter
    day = women.conceived_on[:, None] + age
    chance = 0.06 + 0.13 * women.has_poor_access
    is_attended = rng.random(shape) >= chance[:, None]
    is_attended[:, 0] = True
    happens = (age < women.born_age_days[:, None]) & (day < until_day)
    woman, number = (at.astype(np.int64) for at in np.nonzero(happens))
    at_s = (day * _SECONDS_A_DAY + seconds)[woman, number]
    return _Visits(woman, number, age[woman, number], at_s, is_attended[woman, number])


def _visit_rows(women: Women, visits: _Visits, names: Sequence[str], phones: Sequence[str], seed: int) -> Rows:
    import numpy as np

    rng = generator(seed, "notes")
    shape = (len(women), _MOST_VISITS)
    note = np.where(rng.random(shape) < 0.15, rng.integers(0, len(_NOTES), shape), -1)[visits.woman, visits.number]
    years = (visits.at_s / _SECONDS_A_DAY - women.booked_on[visits.woman]) / 365.25
    return Rows(
        "visits",
        visits.woman,
        visits.number,
        visits.at_s,
        {
            "visit_id": visits.number.tolist(),
            "kind": np.where(visits.number == 0, "booking", "routine").tolist(),
            "status": np.where(visits.is_attended, "attended", "missed").tolist(),
            "gestational_age_days": visits.age_days.tolist(),
            "age_years": np.floor(women.age_years[visits.woman] + years).astype(int).tolist(),
            "notes": [
                None if kind < 0 else _NOTES[kind].format(name=names[woman].split()[0], phone=phones[woman])
                for kind, woman in zip(note, visits.woman, strict=True)
            ],
        },
    )


def _vital_rows(women: Women, visits: _Visits, seed: int, drift_until_day: int | None) -> Rows:
    import numpy as np

    rng = generator(seed, "vitals")
    shape = (len(women), _MOST_VISITS)
    at = (visits.woman[visits.is_attended], visits.number[visits.is_attended])
    woman, age, at_s = at[0], visits.age_days[visits.is_attended], visits.at_s[visits.is_attended]
    severity = np.maximum(women.severity[woman], _MILDEST) * _shown(age)
    systolic, diastolic = (
        usual[woman] + signal * severity - _dip(age) + rng.normal(0, noise, shape)[at]
        for usual, signal, noise in zip(_usual_pressures(women, rng), _SIGNAL_MMHG, _NOISE_MMHG, strict=True)
    )
    if drift_until_day is not None:
        is_new_cuff = at_s >= (drift_until_day - DRIFT_DAYS) * _SECONDS_A_DAY
        systolic = systolic + DEVICE_OFFSET_MMHG[0] * is_new_cuff
        diastolic = diastolic + DEVICE_OFFSET_MMHG[1] * is_new_cuff
    diastolic = np.clip(diastolic, 38, 140)
    booking = women.booking_age_days[woman]
    gain = rng.normal(0.42, 0.12, len(women))[woman] + 0.06 * severity
    weight = women.bmi_kg_m2[woman] * (women.height_cm[woman] / 100) ** 2 + gain * (age - booking) / 7
    heart_rate = 80 + 0.04 * (age - 100) + 1.0 * severity + rng.normal(0, 9, shape)[at]
    return Rows(
        "vitals",
        woman,
        at[1],
        at_s + 600,
        {
            "visit_id": at[1].tolist(),
            "systolic_bp_mmhg": np.clip(systolic, diastolic + 12, 230).round().astype(int).tolist(),
            "diastolic_bp_mmhg": diastolic.round().astype(int).tolist(),
            "heart_rate_bpm": _some(np.clip(heart_rate, 45, 150).round().astype(int), rng.random(shape)[at], 0.97),
            "body_temperature_c": _some(rng.normal(36.6, 0.25, shape)[at].round(1), rng.random(shape)[at], 0.9),
            "weight_kg": _some((weight + rng.normal(0, 0.4, shape)[at]).round(1), rng.random(shape)[at], 0.96),
            "height_cm": [
                height if number == 0 else None
                for height, number in zip(women.height_cm[woman].tolist(), at[1], strict=True)
            ],
        },
    )


def _usual_pressures(women: Women, rng: "np.random.Generator") -> tuple[Any, Any]:
    """Systolic and diastolic pressure of each woman before severity shows."""
    bmi, age = women.bmi_kg_m2 - 26, women.age_years - 27
    systolic = 110 + 0.45 * bmi + 0.25 * age + 14 * women.chronic_hypertension
    diastolic = 68 + 0.30 * bmi + 0.15 * age + 9 * women.chronic_hypertension
    return systolic + rng.normal(0, 5.5, len(women)), diastolic + rng.normal(0, 4.0, len(women))


def _shown(age_days: Any) -> Any:
    """How much of the hidden severity shows at that gestational age: none to 16 weeks, all from 30 weeks on."""
    import numpy as np

    return np.clip((age_days - 112) / 98, 0, 1.2)


def _dip(age_days: Any) -> Any:
    """The fall of pressure in mid-pregnancy, mmHg."""
    import numpy as np

    return 4 * np.exp(-(((age_days - 140) / 50) ** 2))


def _lab_rows(women: Women, visits: _Visits, seed: int) -> Rows:
    import numpy as np

    rng = generator(seed, "labs")
    shape = (len(women), _MOST_VISITS)
    age, at = visits.age_days, (visits.woman, visits.number)
    is_blood_due = (visits.number == 0) | ((age >= 168) & (age < 196))
    has_blood = visits.is_attended & is_blood_due & (rng.random(shape)[at] < 0.93)
    has_dipstick = visits.is_attended & (age >= 126) & (rng.random(shape)[at] < 0.88)
    taken = has_blood | has_dipstick
    at, age = (visits.woman[taken], visits.number[taken]), age[taken]
    woman = at[0]
    protein = 1.0 * women.severity[woman] * _shown(age) + rng.normal(0, 0.8, shape)[at]
    glucose = 82 + 34 * women.pregestational_diabetes[woman] + 0.5 * (women.bmi_kg_m2[woman] - 26)
    glucose = np.clip(glucose + rng.normal(0, 8, shape)[at], 50, 320).round(0)
    haemoglobin = np.clip(rng.normal(11.9, 1.1, shape)[at], 6, 16).round(1)
    delay_s = np.where(has_blood[taken], rng.integers(6 * 3600, 48 * 3600, shape)[at], 1200)
    dipstick = np.searchsorted(_DIPSTICK_LIMITS, protein)
    return Rows(
        "labs",
        woman,
        at[1],
        visits.at_s[taken] + delay_s,
        {
            "visit_id": at[1].tolist(),
            "haemoglobin_g_dl": _where(haemoglobin, has_blood[taken]),
            "fasting_glucose_mg_dl": _where(glucose, has_blood[taken]),
            "proteinuria_plus": _where(dipstick, has_dipstick[taken]),
        },
    )


def _birth_rows(women: Women, seed: int, until_day: int) -> Rows:
    import numpy as np

    rng = generator(seed, "births")
    count = len(women)
    is_severe = women.is_adverse & (rng.random(count) < 0.62)
    is_intensive = women.is_adverse & (rng.random(count) < 0.34)
    is_eclampsia = is_severe & (rng.random(count) < 0.05)
    is_death = women.is_adverse & (rng.random(count) < 0.06)
    # An adverse outcome at term shows in one of the columns; before 34 weeks the early birth itself is one.
    is_plain = women.is_adverse & ~is_severe & ~is_intensive & ~is_death & (women.born_age_days >= 238)
    weight = 3250 - 26 * (276 - women.born_age_days) - 500 * women.multiple_pregnancy + rng.normal(0, 380, count)
    caesarean = 0.42 + 0.25 * women.previous_caesarean + 0.25 * women.is_adverse
    mode = np.where(rng.random(count) < caesarean, "caesarean", "vaginal")
    mode = np.where((mode == "vaginal") & (rng.random(count) < 0.04), "instrumental", mode)
    at_s = women.born_on * _SECONDS_A_DAY + rng.integers(0, _SECONDS_A_DAY, count)
    woman = np.nonzero(women.born_on < until_day)[0]
    columns = {
        "born_on": women.born_on.astype("datetime64[D]").astype(str),
        "gestational_age_days": women.born_age_days,
        "delivery_mode": mode,
        "birth_weight_g": np.clip(weight, 350, 5200).round(-1).astype(int),
        "severe_preeclampsia": is_severe | is_plain,
        "eclampsia": is_eclampsia,
        "intensive_care_admission": is_intensive,
        "perinatal_death": is_death,
    }
    payload = {name: values[woman].tolist() for name, values in columns.items()}
    return Rows("births", woman, np.zeros(len(woman), dtype=np.int64), at_s[woman], payload)


def _some(values: Any, fraction: Any, share: float) -> list[Any]:
    """The values, of which about `share` were taken; the others are missing."""
    return _where(values, fraction < share)


def _where(values: Any, is_known: Any) -> list[Any]:
    return [value if known else None for value, known in zip(values.tolist(), is_known.tolist(), strict=True)]

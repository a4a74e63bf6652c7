"""The women of the simulated cohort: who they are, what they bring, and how their pregnancy will end.

Shares and distributions are chosen by us, near those of Brazilian births, with more risk factors than average since the
service is one that women are referred to. Every draw has the same shape whether the cohort drifts or not, so that what
lies before the drift is the same.
"""

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matria.events.synthetic.effects import BASELINE_LOG_ODDS, EFFECTS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

REGIONS = ("norte", "nordeste", "sudeste", "sul", "centro-oeste")
_REGION_SHARES = (0.11, 0.28, 0.38, 0.14, 0.09)
_DRIFTED_REGION_SHARES = (0.30, 0.40, 0.18, 0.07, 0.05)
RACE_COLOURS = ("branca", "preta", "parda", "amarela", "indigena", "ignorado")
_RACE_SHARES = (0.37, 0.09, 0.49, 0.01, 0.01, 0.03)

HISTORY_DAYS = 1095
"""Registrations lie in the three years before the end."""
DRIFT_DAYS = 120
"""The drift begins this long before the end."""
_DRIFTED_AGE_YEARS = 5.0


@dataclass(frozen=True)
class Women:
    """Arrays of one length, a woman a position. Days count from 1970-01-01."""

    booked_on: "npt.NDArray[np.int64]"
    booking_age_days: "npt.NDArray[np.int64]"
    """Gestational age at booking."""
    born_age_days: "npt.NDArray[np.int64]"
    """Gestational age at birth, also where the birth lies after the end."""
    age_years: "npt.NDArray[np.float64]"
    """Age at booking."""
    parity: "npt.NDArray[np.int64]"
    previous_preeclampsia: "npt.NDArray[np.bool_]"
    previous_caesarean: "npt.NDArray[np.bool_]"
    chronic_hypertension: "npt.NDArray[np.bool_]"
    pregestational_diabetes: "npt.NDArray[np.bool_]"
    multiple_pregnancy: "npt.NDArray[np.bool_]"
    has_poor_access: "npt.NDArray[np.bool_]"
    bmi_kg_m2: "npt.NDArray[np.float64]"
    height_cm: "npt.NDArray[np.float64]"
    region: "npt.NDArray[np.int64]"
    """Position in `REGIONS`."""
    race_colour: "npt.NDArray[np.int64]"
    """Position in `RACE_COLOURS`."""
    severity: "npt.NDArray[np.float64]"
    """Hidden; standard normal."""
    is_adverse: "npt.NDArray[np.bool_]"

    def __len__(self) -> int:
        return len(self.booked_on)

    @property
    def conceived_on(self) -> "npt.NDArray[np.int64]":
        """The day from which gestational age counts."""
        return self.booked_on - self.booking_age_days

    @property
    def born_on(self) -> "npt.NDArray[np.int64]":
        """Day of birth, also where it lies after the end."""
        return self.conceived_on + self.born_age_days


def generator(seed: int, stream: str) -> "np.random.Generator":
    """Random numbers of one part of the simulation, apart from those of the others."""
    import numpy as np

    return np.random.default_rng([seed, zlib.crc32(stream.encode())])


def draw_women(count: int, seed: int, until_day: int, drift: bool) -> Women:
    """The women registered before `until_day`, in order of registration."""
    import numpy as np

    rng = generator(seed, "women")
    booked_on = until_day - 1 - np.sort(rng.integers(0, HISTORY_DAYS, count))[::-1]
    drifted = drift & (booked_on >= until_day - DRIFT_DAYS)
    age = np.clip(rng.normal(27.5, 6.5, count) + _DRIFTED_AGE_YEARS * drifted, 13, 49)
    parity = _poisson(rng.random(count), np.maximum(0, age - 18) * 0.085)
    bmi = np.clip(rng.lognormal(np.log(26.0), 0.19, count) + 0.06 * (age - 27.5), 16, 55)
    drawn = {
        "age_years": age,
        "parity": parity,
        "previous_preeclampsia": (parity > 0) & (rng.random(count) < 0.08),
        "previous_caesarean": (parity > 0) & (rng.random(count) < 0.48),
        "chronic_hypertension": rng.random(count) < 0.025 + 0.004 * np.maximum(0, age - 28) + 0.05 * (bmi > 32),
        "pregestational_diabetes": rng.random(count) < 0.015 + 0.03 * (bmi > 32),
        "multiple_pregnancy": rng.random(count) < 0.025,
        "has_poor_access": rng.random(count) < 0.22,
        "bmi_kg_m2": bmi,
        "height_cm": np.clip(rng.normal(160, 6.5, count), 138, 185).round(0),
        "region": _regions(rng.random(count), drifted),
        "race_colour": rng.choice(len(RACE_COLOURS), count, p=_RACE_SHARES),
        "severity": rng.normal(size=count),
    }
    is_adverse = rng.random(count) < 1 / (1 + np.exp(-_log_odds(drawn)))
    return Women(
        booked_on=booked_on,
        booking_age_days=np.clip(rng.normal(72, 20, count), 35, 140).astype(np.int64),
        born_age_days=_born_age_days(rng, is_adverse, drawn["multiple_pregnancy"]),
        is_adverse=is_adverse,
        **drawn,
    )


def _poisson(fraction: Any, mean: Any) -> Any:
    """Counts by inversion: one random number each, which numpy's own generator does not promise."""
    import numpy as np

    count, term = np.zeros(len(mean), dtype=np.int64), np.exp(-mean)
    below = term.copy()
    for number in range(1, 12):
        count += fraction > below
        term = term * mean / number
        below = below + term
    return count


def _regions(fraction: Any, drifted: Any) -> Any:
    import numpy as np

    usual = np.searchsorted(np.cumsum(_REGION_SHARES)[:-1], fraction, side="right")
    moved = np.searchsorted(np.cumsum(_DRIFTED_REGION_SHARES)[:-1], fraction, side="right")
    return np.where(drifted, moved, usual)


def _log_odds(drawn: dict[str, Any]) -> Any:
    import numpy as np

    preta, parda = RACE_COLOURS.index("preta"), RACE_COLOURS.index("parda")
    factors = {
        "previous_preeclampsia": drawn["previous_preeclampsia"],
        "chronic_hypertension": drawn["chronic_hypertension"],
        "pregestational_diabetes": drawn["pregestational_diabetes"],
        "obesity": drawn["bmi_kg_m2"] > 30,
        "multiple_pregnancy": drawn["multiple_pregnancy"],
        "nulliparity": drawn["parity"] == 0,
        "age_40_or_more": drawn["age_years"] >= 40,
        "age_35_to_39": (drawn["age_years"] >= 35) & (drawn["age_years"] < 40),
        "poor_access": drawn["has_poor_access"],
        "preta_or_parda": np.isin(drawn["race_colour"], [preta, parda]),
        "placental_severity": drawn["severity"],
    }
    assert factors.keys() == EFFECTS.keys()
    return BASELINE_LOG_ODDS + sum(np.log(EFFECTS[name].odds_ratio) * value for name, value in factors.items())


def _born_age_days(rng: "np.random.Generator", is_adverse: Any, is_multiple: Any) -> Any:
    import numpy as np

    count = len(is_adverse)
    usual = np.clip(rng.normal(276, 9, count) - 14 * is_multiple, 245, 294)
    early = np.clip(rng.normal(222, 13, count), 170, 237)
    late = np.clip(rng.normal(263, 12, count), 238, 292)
    adverse = np.where(rng.random(count) < 0.30, early, late)
    return np.where(is_adverse, adverse, usual).astype(np.int64)

"""The stage that a woman is in, from what is known of her.

Trimesters by completed weeks, as ACOG counts them for patients (How Your Fetus Grows During Pregnancy): the first up to
13 weeks and 6 days, the second up to 27 weeks and 6 days. The puerperium ends six weeks after birth, as WHO counts the
postnatal period (Recommendations on maternal and newborn care for a positive postnatal experience, 2022).
"""

from collections.abc import Mapping
from typing import Any

WEEKS = "gestational_age_weeks"
DAYS = "days_postpartum"
_SECOND_FROM, _THIRD_FROM = 14, 28
_PUERPERIUM_DAYS = 42


def stage_of(variables: Mapping[str, Any]) -> str:
    """Such as `second_trimester` or `puerperium`; empty where neither her weeks nor her days since birth are known."""
    days, weeks = variables.get(DAYS), variables.get(WEEKS)
    if isinstance(days, int | float):
        return "puerperium" if days <= _PUERPERIUM_DAYS else "lactation"
    if not isinstance(weeks, int | float):
        return ""
    if weeks < _SECOND_FROM:
        return "first_trimester"
    return "second_trimester" if weeks < _THIRD_FROM else "third_trimester"

"""How long a card takes the nurses: the median of the time it was open and in use, and how many were timed.

Blind readings alone: an adjudicator's card shows less and asks more. A form that does not know the time, as Notion's
does not, leaves its readings out, and where none was timed nothing is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from evals.review.agreement import BLIND
from evals.review.base import Review


@dataclass(frozen=True)
class Pace:
    """Of some readings."""

    seconds: float | None
    """Median per card; None where no reading was timed."""
    timed: int
    """Readings that it is of."""
    readings: int
    """All of them, timed or not."""


NOTHING_READ = Pace(None, 0, 0)


def pace_of(reviews: Iterable[Review]) -> Pace:
    """The pace of blind readings."""
    blind = [one for one in reviews if one.part in BLIND]
    timed = [one.seconds for one in blind if one.seconds is not None]
    return Pace(median(timed) if timed else None, len(timed), len(blind))

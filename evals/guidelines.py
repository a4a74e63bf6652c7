"""Guidelines of a suite that may no longer hold: superseded, too old, or past the day to look at them again.

The age is counted in years of publication. An old guideline may well stand: `review_by` in suite.yaml says until when
the clinical team lets it stand, and `superseded_by` that it no longer does.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from evals.shapes import SourceShape


def superseded(sources: Mapping[str, SourceShape]) -> Iterator[str]:
    """Sources that something took the place of."""
    for key, source in sources.items():
        if source.superseded_by:
            yield f"source '{key}' is superseded by {source.superseded_by}: hold its criteria against that"


def overdue(sources: Mapping[str, SourceShape], max_age: float, today: date) -> Iterator[str]:
    """Sources older than `max_age` years that nobody let stand, and those to be looked at by a day that has passed."""
    for key, source in sources.items():
        age = today.year - source.year
        if source.review_by is not None:
            if source.review_by < today:
                yield f"source '{key}' was to be looked at again by {source.review_by:%Y-%m-%d}"
        elif age > max_age:
            yield f"source '{key}' is {age} years old: see whether it still holds and give it a review_by"

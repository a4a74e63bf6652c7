"""The page as a form: it works on the records themselves, so what is offered there is shown, and what is submitted is
kept already.

`returned` tells it all the same, so that whoever collects treats both forms alike; what it gives is known to the
records, and taking it again changes nothing.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from evals.review.base import Offer, Retraction, Returned, Review
from evals.review.records import ReviewRecords


class WebForm:
    """See `evals.review.base.ReviewForm`."""

    name: Literal["web"] = "web"

    def __init__(self, records: ReviewRecords) -> None:
        self._records = records

    def offer(self, offers: Sequence[Offer]) -> None:
        """Each item is assigned to its nurse, until the offer's date."""
        self._records.assign([one.assignment for one in offers])

    def withdraw(self, item_id: str, reviewer_id: str) -> None:
        """The item is not on her page any more."""
        self._records.withdraw(item_id, reviewer_id)

    def returned(self, cursor: str) -> Returned:
        """What was submitted on the page, or undone, since."""
        sequence, since = _read(cursor)
        reviews = list(self._records.submitted_after(sequence, self.name))
        undone = self._records.retracted_since(since, self.name)
        gone: list[Retraction] = []
        for one in undone:
            standing = self._records.standing(one.item_id, one.reviewer_id)
            if standing is None:
                gone.append(one)
            elif standing.form == self.name and standing not in reviews:
                # What she had said before it stands again.
                reviews.append(standing)
        after = max((review.sequence for review in reviews), default=sequence)
        latest = max((one.at for one in undone), default=since)
        return Returned(_ordered(reviews), tuple(gone), _written(max(after, sequence), latest))

    def erase(self, item_ids: Sequence[str]) -> int:
        """Nothing is kept here beside the records, whose own `erase` is asked for that."""
        del item_ids
        return 0

    def ping(self) -> str:
        """That it is the page, while the store that it shows can be read."""
        self._records.ping()
        return "the page of this project"


def _ordered(reviews: Sequence[Review]) -> tuple[Review, ...]:
    return tuple(sorted(reviews, key=lambda review: review.sequence))


def _read(cursor: str) -> tuple[int, datetime | None]:
    if not cursor:
        return 0, None
    raw = json.loads(cursor)
    return int(raw["sequence"]), datetime.fromisoformat(raw["undone"]) if raw["undone"] else None


def _written(sequence: int, undone: datetime | None) -> str:
    return json.dumps({"sequence": sequence, "undone": undone.isoformat() if undone else ""})
